import SNNCore
import SNNGraph
import SNNKernels
import SNNProducts

/// The products of all vectors of two inputs along an axis of each (Keras's `Dot`): the output has
/// the other axes of the first, then those of the second. With `normalize` the vectors are first
/// brought to length 1.
final class Dot: Layer {
    let className = "Dot"
    private let axes: JSON
    private let normalizes: Bool

    init(_ options: inout Configuration) throws(SNNError) {
        _ = try options.integers(
            "axes", count: 2 ... 2, in: -Shape.maximumRank ... Shape.maximumRank)
        axes = options.json("axes") ?? .null
        normalizes = try options.bool("normalize", default: false)
    }

    var configuration: [JSON.Member] {
        [.init("axes", axes), .init("normalize", .bool(normalizes))]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        guard inputs.count == 2 else {
            throw SNNError(.shape, "expected two inputs, received \(inputs.count)")
        }
        let (first, second) = (try axis(0, of: inputs[0]), try axis(1, of: inputs[1]))
        guard inputs[0][first] == inputs[1][second] else {
            throw SNNError(
                .shape,
                "expected as many numbers along 'axes' \(axes.shortText) of both inputs, received "
                    + "\(inputs[0].batchText) and \(inputs[1].batchText)")
        }
        var (extents, others) = (inputs[0].extents, inputs[1].extents)
        extents.remove(at: first)
        others.remove(at: second)
        extents += others
        return [try Shape(extents.isEmpty ? [1] : extents)]
    }

    func operation(for call: LayerCall) -> any Operation {
        // Both were accepted by `outputShapes`.
        DotOperation(
            call, (try? axis(0, of: call.inputs[0])) ?? 0, (try? axis(1, of: call.inputs[1])) ?? 0,
            normalizes: normalizes)
    }

    /// Of an input's sample.
    private func axis(_ index: Int, of shape: Shape) throws(SNNError) -> Int {
        let axis = (axes.elements?[index] ?? axes).integerValue ?? 0
        guard axis != 0, let found = shape.axis(axis > 0 ? axis - 1 : axis) else {
            throw SNNError(
                .shape,
                "expected 'axes' from 1 to \(shape.rank) or -\(shape.rank) to -1 for input "
                    + "\(shape.batchText), received \(axis)")
        }
        return found
    }
}

private final class DotOperation: Operation, JobRunner {
    let needs: OperationNeeds
    private let first: Side
    private let second: Side
    /// Of the vectors.
    private let length: Int

    /// An input as a matrix: its vectors behind each other.
    private struct Side {
        let copy: StridedCopy
        let back: StridedCopy
        let count: Int
        let vectors: Int
        let normalizes: Bool

        init(_ shape: Shape, _ axis: Int, normalizes: Bool) {
            var order = (0 ..< shape.rank).filter { $0 != axis }
            order.append(axis)
            copy = .permutation(of: shape, order)
            back = copy.mirrored
            count = shape.count
            vectors = shape.count / shape[axis]
            self.normalizes = normalizes
        }

        /// Floats for each row: the matrix, the factors that its vectors were multiplied with, and
        /// its gradient.
        var floats: Int { 2 * count + vectors }
    }

    init(_ call: LayerCall, _ axis: Int, _ otherAxis: Int, normalizes: Bool) {
        first = Side(call.inputs[0], axis, normalizes: normalizes)
        second = Side(call.inputs[1], otherAxis, normalizes: normalizes)
        length = call.inputs[0][axis]
        var needs = OperationNeeds()
        needs.backwardReadsInputs = true
        needs.scratch.perRow = first.floats + second.floats
        needs.workspace = OperationContext.productWorkspace()
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        let (x, y) = (matrix(first, 0, context), matrix(second, 1, context))
        context.rowProducts(
            m: first.vectors, n: second.vectors, k: length, Matrix(x, columns: length),
            Matrix(y, columns: length).transposed, into: context.output())
    }

    func backward(_ context: OperationContext) {
        let (m, n) = (first.vectors, second.vectors)
        let (x, y) = (matrix(first, 0, context), matrix(second, 1, context))
        let dOutput = Matrix(context.dOutput(), columns: n)
        if let dInput = context.dInput(0) {
            let dx = gradient(first, x, context)
            context.rowProducts(
                m: m, n: length, k: n, dOutput, Matrix(y, columns: length), into: dx)
            finish(first, x, dInput, context)
        }
        if let dInput = context.dInput(1) {
            let dy = gradient(second, y, context)
            context.rowProducts(
                m: n, n: length, k: m, dOutput.transposed, Matrix(x, columns: length), into: dy)
            finish(second, y, dInput, context)
        }
    }

    private func factors(
        _ side: Side, _ matrix: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) -> UnsafeMutablePointer<Float> { matrix + context.rows &* side.count }

    private func gradient(
        _ side: Side, _ matrix: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) -> UnsafeMutablePointer<Float> {
        factors(side, matrix, context) + context.rows &* side.vectors
    }

    /// Lays an input out as a matrix, in scratch, and normalizes it.
    private func matrix(
        _ side: Side, _ index: Int, _ context: OperationContext
    ) -> UnsafeMutablePointer<Float> {
        let matrix = context.scratch + (index == 0 ? 0 : context.rows &* first.floats)
        side.copy.run(context.input(index), matrix, context)
        guard side.normalizes else { return matrix }
        context.run(
            self, 0, matrix, factors(side, matrix, context), count: context.rows &* side.vectors,
            cost: 3 &* length)
        return matrix
    }

    /// Leads the gradient of the matrix through the normalization, x = v / |v|:
    /// dv = (dx - x (x · dx)) / |v|. And back to the input's order.
    private func finish(
        _ side: Side, _ matrix: UnsafeMutablePointer<Float>,
        _ dInput: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        let gradient = gradient(side, matrix, context)
        if side.normalizes {
            // The factors are before the gradient.
            context.run(
                self, side.vectors, matrix, gradient, count: context.rows &* side.vectors,
                cost: 4 &* length)
        }
        side.back.run(gradient, dInput, context)
    }

    /// Normalizes vectors of x, whose factors go to y; or, for a phase of so many vectors in a row,
    /// leads their gradients, in y behind the factors, through that.
    func run(_ job: Job, _ start: Int, _ count: Int) {
        let kernels = job.context.kernels
        for vector in start ..< start &+ count {
            let x = UnsafeMutablePointer(mutating: job.x) + vector &* length
            guard job.phase > 0 else {
                let square = kernels.pointee.sum_of_products(x, x, Int64(length))
                // Keras's least square of a length.
                job.y[vector] = Float(1 / max(square, 1e-12).squareRoot())
                kernels.pointee.scale(x, x, Int64(length), job.y[vector])
                continue
            }
            let dx = job.y + vector &* length
            let factor = (job.y - job.context.rows &* job.phase)[vector]
            // Where the least length stood for it, it is a constant.
            let share =
                factor < 1e6 ? Float(kernels.pointee.sum_of_products(x, dx, Int64(length))) : 0
            for index in 0 ..< length { dx[index] = (dx[index] - x[index] * share) * factor }
        }
    }
}
