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
    private let confirms: Bool
    /// What was seen to be right, and how many more batches are looked at for the rest of it.
    private let seen = Atomic<HostGradientCheck.Seen>(0)
    private let checks: Atomic<Int>

    init(_ call: LayerCall, _ layer: HostLayer, _ build: HostBuild?) {
        self.call = call
        computation = layer.computation
        weights = build?.weights ?? []
        saved = build?.saved ?? 0
        confirms = build?.confirms ?? false
        checks = Atomic(build?.gradientIsDerivative ?? true ? 8 : 0)
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
        if call.mode == .training, saved > 0 {
            clear(context.saved, context.rows &* saved, context)
        }
        let status = computation.forward(hostCall(context))
        if status != 0 { context.fail(.callback("forward", status)) }
    }

    func backward(_ context: OperationContext) {
        guard !context.hasFailed else { return }
        if !context.trustsHost, checks.load(ordering: .relaxed) > 0 {
            do throws(SNNError) {
                try check(context)
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

    /// Looks again at the next batches for what has no slope in this one, but not for ever.
    private func check(_ context: OperationContext) throws(SNNError) {
        let call = hostCall(context)
        let seen = try HostGradientCheck(call, computation, weights, saved: saved, context)
            .run(seen.load(ordering: .relaxed))
        self.seen.store(seen, ordering: .relaxed)
        let left = HostGradientCheck.isAll(seen, call) ? 0 : checks.load(ordering: .relaxed) - 1
        checks.store(left, ordering: .relaxed)
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
            seed: UInt64(words.1) << 32 | UInt64(words.0), confirms: confirms,
            inputs: context.inputs, weights: context.variables, output: context.output(),
            saved: isTraining ? context.saved : nil)
    }
}
