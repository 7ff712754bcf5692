import CKernels
import SNNCore
import SNNKernels

/// y = x ("linear").
package final class IdentityActivation: Activation {
    package let name = "linear"
    package let isIdentity = true
    package let backwardReadsInput = false

    package init() {}

    package func forward(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, shape: Shape,
        _ context: OperationContext
    ) {
        let count = rows &* shape.count
        if x != UnsafePointer(y) { y.copy(from: x, count: count) }
    }

    package func backward(
        _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
        _ dx: UnsafeMutablePointer<Float>, rows: Int, shape: Shape, _ context: OperationContext
    ) {
        let count = rows &* shape.count
        if dy != UnsafePointer(dx) { dx.copy(from: dy, count: count) }
    }
}

/// An activation of each number alone, with up to three constants.
package final class ElementwiseActivation: Activation {
    package typealias Forward = @convention(c) (
        UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int64, Float, Float, Float
    ) -> Void
    package typealias Backward = @convention(c) (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>,
        UnsafeMutablePointer<Float>, Int64, Float, Float, Float
    ) -> Void
    /// Its two kernels out of a table, which is large: it is not copied.
    package typealias Kernels =
        @Sendable (UnsafePointer<KernelTable>) -> (forward: Forward, backward: Backward)

    package let name: String
    package let json: JSON
    package let isKeras: Bool
    package let backwardReadsInput: Bool
    package let rectifier: snnk_rectifier?
    private let kernels: Kernels
    private let constants: (a: Float, b: Float, c: Float)
    /// About how many operations a number takes, for cutting the work.
    private let cost: Int

    package init(
        _ name: String, json: JSON? = nil, isKeras: Bool = true, backwardReadsInput: Bool = true,
        constants a: Float = 0, _ b: Float = 0, _ c: Float = 0, cost: Int = 30,
        rectifier: snnk_rectifier? = nil, kernels: @escaping Kernels
    ) {
        self.name = name
        self.json = json ?? .string(name)
        self.isKeras = isKeras
        self.backwardReadsInput = backwardReadsInput
        self.rectifier = rectifier
        self.kernels = kernels
        self.cost = cost
        constants = (a, b, c)
    }

    package func forward(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, shape: Shape,
        _ context: OperationContext
    ) {
        let kernel = kernels(context.kernels).forward
        context.workers.split(
            rows &* shape.count, cost: cost, granule: 16, with: (kernel, x, y, constants)
        ) { work, start, count in
            let (kernel, x, y, constants) = work
            kernel(x + start, y + start, Int64(count), constants.a, constants.b, constants.c)
        }
    }

    package func backward(
        _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
        _ dx: UnsafeMutablePointer<Float>, rows: Int, shape: Shape, _ context: OperationContext
    ) {
        let kernel = kernels(context.kernels).backward
        context.workers.split(
            rows &* shape.count, cost: cost, granule: 16, with: (kernel, x, y, dy, dx, constants)
        ) { work, start, count in
            let (kernel, x, y, dy, dx, constants) = work
            kernel(
                x + start, y + start, dy + start, dx + start, Int64(count), constants.a,
                constants.b, constants.c)
        }
    }
}
