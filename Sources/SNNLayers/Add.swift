import SNNCore
import SNNGraph
import SNNKernels

/// The sum of two or more inputs of one shape (Keras's `Add`, without broadcasting).
final class Add: Layer {
    let className = "Add"

    var configuration: [JSON.Member] { [] }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let inputs = try mergedInputs(inputs)
        for input in inputs where input != inputs[0] {
            throw SNNError(
                .shape,
                "expected inputs of one shape, received \(inputs[0].batchText) and "
                    + input.batchText)
        }
        return [inputs[0]]
    }

    func operation(for call: LayerCall) -> any Operation { AddOperation(call) }
}

private final class AddOperation: Operation {
    let needs = OperationNeeds()
    private let count: Int
    private let inputs: Int

    init(_ call: LayerCall) {
        count = call.outputs[0].count
        inputs = call.inputs.count
    }

    func forward(_ context: OperationContext) {
        context.workers.split(
            context.rows &* count, cost: inputs, granule: 16, with: (context, inputs)
        ) { work, start, count in
            let (context, inputs) = work
            let add = context.kernels.pointee.add
            let output = context.output()
            add(context.input(0) + start, context.input(1) + start, output + start, Int64(count))
            var index = 2
            while index < inputs {
                add(output + start, context.input(index) + start, output + start, Int64(count))
                index &+= 1
            }
        }
    }

    func backward(_ context: OperationContext) {
        context.workers.split(
            context.rows &* count, cost: inputs, granule: 16, with: (context, inputs)
        ) { work, start, count in
            let (context, inputs) = work
            var index = 0
            while index < inputs {
                if let dInput = context.dInput(index) {
                    (dInput + start).copy(from: context.dOutput() + start, count: count)
                }
                index &+= 1
            }
        }
    }
}
