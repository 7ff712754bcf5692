import SNNCore
import SNNGraph
import SNNKernels

/// Two or more inputs behind each other along an axis (Keras's `Concatenate`; the batch is axis 0).
final class Concatenate: Layer {
    let className = "Concatenate"
    private let axis: Int

    init(_ options: inout Configuration) throws(SNNError) {
        axis = try options.integer(
            "axis", default: -1, in: -Shape.maximumRank ... Shape.maximumRank)
    }

    var configuration: [JSON.Member] { [.init("axis", .integer(Int64(axis)))] }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let inputs = try mergedInputs(inputs)
        let index = try axisIndex(in: inputs[0])
        var extents = inputs[0].extents
        for input in inputs.dropFirst() {
            var others = input.extents
            guard input.rank == extents.count else {
                throw mismatch(inputs[0], input)
            }
            extents[index] += others[index]
            others[index] = inputs[0].extents[index]
            guard others == inputs[0].extents else { throw mismatch(inputs[0], input) }
        }
        return [try Shape(extents)]
    }

    func operation(for call: LayerCall) -> any Operation {
        // The axis was accepted by `outputShapes`.
        ConcatenateOperation(call, axis: (try? axisIndex(in: call.inputs[0])) ?? 0)
    }

    private func axisIndex(in shape: Shape) throws(SNNError) -> Int {
        guard axis != 0, let index = shape.axis(axis > 0 ? axis - 1 : axis) else {
            throw SNNError(
                .shape,
                "expected an 'axis' from 1 to \(shape.rank) or -\(shape.rank) to -1 for inputs of "
                    + "shape \(shape.batchText), received \(axis)")
        }
        return index
    }

    private func mismatch(_ first: Shape, _ other: Shape) -> SNNError {
        SNNError(
            .shape,
            "expected inputs that agree but along axis \(axis), received \(first.batchText) and "
                + other.batchText)
    }
}

private final class ConcatenateOperation: Operation {
    let needs = OperationNeeds()
    /// Stretches in a sample, and for each input how long its part of one is.
    private let outer: Int
    private let lengths: [Int]
    private let stretch: Int

    init(_ call: LayerCall, axis: Int) {
        outer = call.outputs[0].count(ofAxes: 0 ..< axis)
        lengths = call.inputs.map { $0.count(ofAxes: axis ..< $0.rank) }
        stretch = lengths.reduce(0, +)
    }

    func forward(_ context: OperationContext) {
        context.workers.split(context.rows &* outer, cost: stretch, with: (self, context)) {
            work, start, count in
            let (own, context) = work
            own.forEachPart { index, offset, length in
                context.kernels.pointee.copy_rows(
                    context.input(index) + start &* length, Int64(length),
                    context.output() + (start &* own.stretch &+ offset), Int64(own.stretch),
                    Int64(count), Int64(length))
            }
        }
    }

    func backward(_ context: OperationContext) {
        context.workers.split(context.rows &* outer, cost: stretch, with: (self, context)) {
            work, start, count in
            let (own, context) = work
            own.forEachPart { index, offset, length in
                guard let dInput = context.dInput(index) else { return }
                context.kernels.pointee.copy_rows(
                    context.dOutput() + (start &* own.stretch &+ offset), Int64(own.stretch),
                    dInput + start &* length, Int64(length), Int64(count), Int64(length))
            }
        }
    }

    private func forEachPart(_ body: (_ index: Int, _ offset: Int, _ length: Int) -> Void) {
        var offset = 0
        for (index, length) in lengths.enumerated() {
            body(index, offset, length)
            offset &+= length
        }
    }
}
