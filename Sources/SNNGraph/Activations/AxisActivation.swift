import SNNCore
import SNNKernels

/// softmax, log_softmax and sparsemax: they need a whole axis.
package final class AxisActivation: Activation {
    package typealias Forward = @convention(c) (
        UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int64, Int64, Int64
    ) -> Void
    package typealias Backward = @convention(c) (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int64, Int64, Int64
    ) -> Void
    package typealias Kernels =
        @Sendable (UnsafePointer<KernelTable>) -> (forward: Forward, backward: Backward)

    package let name: String
    package let backwardReadsInput = false
    /// As the user counts it, the batch being axis 0.
    private let axis: Int
    private let kernels: Kernels

    package init(_ name: String, axis: Int = -1, kernels: @escaping Kernels) {
        self.name = name
        self.axis = axis
        self.kernels = kernels
    }

    package var json: JSON {
        // As a layer, where Keras has one of this name.
        axis == -1
            ? .string(name)
            : .keras(name == "softmax" ? "Softmax" : name, .object(("axis", .integer(Int64(axis)))))
    }

    package func outputShape(for input: Shape) throws(SNNError) -> Shape {
        _ = try extents(of: input)
        return input
    }

    package func forward(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, shape: Shape,
        _ context: OperationContext
    ) {
        guard let (outer, length, inner) = try? extents(of: shape) else { return }
        let kernel = kernels(context.kernels).forward
        context.workers.split(
            rows &* outer, cost: 40 &* length &* inner, with: (kernel, x, y, length, inner)
        ) { work, start, count in
            let (kernel, x, y, length, inner) = work
            let offset = start &* length &* inner
            kernel(x + offset, y + offset, Int64(count), Int64(length), Int64(inner))
        }
    }

    package func backward(
        _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
        _ dx: UnsafeMutablePointer<Float>, rows: Int, shape: Shape, _ context: OperationContext
    ) {
        guard let (outer, length, inner) = try? extents(of: shape) else { return }
        let kernel = kernels(context.kernels).backward
        context.workers.split(
            rows &* outer, cost: 40 &* length &* inner, with: (kernel, y, dy, dx, length, inner)
        ) { work, start, count in
            let (kernel, y, dy, dx, length, inner) = work
            let offset = start &* length &* inner
            kernel(y + offset, dy + offset, dx + offset, Int64(count), Int64(length), Int64(inner))
        }
    }

    /// Extents before, of and behind the axis, within a sample; shapes that `outputShape` accepted
    /// have them.
    private func extents(of shape: Shape) throws(SNNError) -> (Int, Int, Int) {
        guard axis != 0, let index = shape.axis(axis > 0 ? axis - 1 : axis) else {
            throw SNNError(
                .shape,
                "\(name): expected an axis from 1 to \(shape.rank) or -\(shape.rank) to -1 of input "
                    + "\(shape.batchText), received \(axis)")
        }
        return (
            shape.count(ofAxes: 0 ..< index), shape[index],
            shape.count(ofAxes: index + 1 ..< shape.rank)
        )
    }
}

/// The gated linear unit: halves the last axis, y = x1 * sigmoid(x2).
package final class GatedLinearUnit: Activation {
    package let name = "glu"
    package let backwardReadsInput = true

    package init() {}

    package func outputShape(for input: Shape) throws(SNNError) -> Shape {
        guard input.rank >= 1, input.last % 2 == 0 else {
            throw SNNError(
                .shape,
                "glu: expected an even last axis, which it halves, received \(input.batchText)")
        }
        return try input.replacingLast(with: input.last / 2)
    }

    package func forward(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, shape: Shape,
        _ context: OperationContext
    ) {
        let width = shape.last / 2
        context.workers.split(
            rows &* shape.outerCount, cost: 40 &* width, with: (context.kernels, x, y, width)
        ) { work, start, count in
            let (kernels, x, y, width) = work
            kernels.pointee.glu(
                x + start &* width &* 2, y + start &* width, Int64(count), Int64(width))
        }
    }

    package func backward(
        _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
        _ dx: UnsafeMutablePointer<Float>, rows: Int, shape: Shape, _ context: OperationContext
    ) {
        let width = shape.last / 2
        context.workers.split(
            rows &* shape.outerCount, cost: 40 &* width, with: (context.kernels, x, dy, dx, width)
        ) { work, start, count in
            let (kernels, x, dy, dx, width) = work
            kernels.pointee.glu_gradient(
                x + start &* width &* 2, dy + start &* width, dx + start &* width &* 2,
                Int64(count), Int64(width))
        }
    }
}
