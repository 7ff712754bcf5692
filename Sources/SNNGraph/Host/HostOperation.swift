import SNNCore
import SNNKernels
import Synchronization

/// A call of a layer of the host's. Before its first gradient is used, it is compared with finite
/// differences on the batch at hand.
final class HostOperation: Operation {
    let needs: OperationNeeds
    private let call: LayerCall
    private let computation: any HostComputation
    private let shapes: HostShapes
    private let weights: [VariableSpecification]
    private let saved: Int
    private let isChecked = Atomic<Bool>(false)

    init(_ call: LayerCall, _ layer: HostLayer, _ build: HostBuild?) {
        self.call = call
        computation = layer.computation
        weights = build?.weights ?? []
        saved = build?.saved ?? 0
        shapes = HostShapes(call.inputs, output: call.outputs[0], weightCount: weights.count)
        var needs = OperationNeeds()
        needs.backwardReadsInputs = true
        needs.backwardReadsOutputs = true
        if call.mode == .training { needs.saved = FloatCount(perRow: saved) }
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        guard !context.hasFailed else { return }
        clear(context.output(), context.rows &* shapes.output.count, context)
        let status = computation.forward(hostCall(context))
        if status != 0 { context.fail(.callback("forward", status)) }
    }

    func backward(_ context: OperationContext) {
        guard !context.hasFailed else { return }
        if !context.trustsHost, !isChecked.load(ordering: .relaxed) {
            do throws(SNNError) {
                let isSeen = try HostGradientCheck(
                    hostCall(context), computation, weights, saved: saved, context
                ).run()
                isChecked.store(isSeen, ordering: .relaxed)
            } catch {
                return context.fail(error)
            }
        }
        // Zeros, so that the host may add up in them.
        for index in shapes.inputs.indices {
            clear(context.dInput(index), context.rows &* shapes.inputs[index].count, context)
        }
        for index in weights.indices {
            clear(context.dVariable(index), weights[index].shape.count, context)
        }
        var call = hostCall(context)
        call.dOutput = UnsafePointer(context.dOutput())
        call.dInputs = context.dInputs
        call.dWeights = context.dVariables
        let status = computation.backward(call)
        if status != 0 { context.fail(.callback("backward", status)) }
    }

    private func clear(
        _ numbers: UnsafeMutablePointer<Float>?, _ count: Int, _ context: OperationContext
    ) {
        if let numbers { context.kernels.pointee.fill(numbers, Int64(count), 0) }
    }

    private func hostCall(_ context: OperationContext) -> HostCall {
        // The layer's ordinal keeps it apart from masks of Dropout.
        let words = RandomStream(
            seed: context.seed, purpose: .dropout, call: call.index, ordinal: call.ordinal,
            step: context.step
        ).block(0)
        let isTraining = call.mode == .training
        return HostCall(
            shapes: shapes, rows: context.rows, isTraining: isTraining,
            seed: UInt64(words.1) << 32 | UInt64(words.0), inputs: context.inputs,
            weights: context.variables, output: context.output(),
            saved: isTraining ? context.saved : nil)
    }
}
