import SNNCore
import SNNGraph
import SNNKernels

/// In training each number is 0 with probability `rate`, else scaled by 1 / (1 - rate); elsewhere
/// nothing happens (Srivastava et al. 2014, Keras's `Dropout`).
final class Dropout: Layer {
    let className = "Dropout"
    private let rate: Double
    private let source: NoiseSource
    private let noiseShape: NoiseShape

    init(_ options: inout Configuration) throws(SNNError) {
        rate = try options.rate(all: true)
        source = try NoiseSource(&options)
        noiseShape = try NoiseShape(&options)
    }

    var configuration: [JSON.Member] {
        [.init("rate", .number(rate)), source.member, noiseShape.member]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs)
        try noiseShape.check(input)
        return [input]
    }

    func operation(for call: LayerCall) -> any Operation {
        guard call.mode == .training, rate > 0 else { return IdentityOperation() }
        let map = MaskMap.scaling(rate: rate)
        return noiseShape.isWhole
            ? DropoutOperation(call, map, source) : MaskOperation(call, map, source, noiseShape)
    }
}

private final class DropoutOperation: Operation {
    let needs = OperationNeeds()
    private let count: Int
    private let call: LayerCall
    private let map: MaskMap
    private let source: NoiseSource

    init(_ call: LayerCall, _ map: MaskMap, _ source: NoiseSource) {
        count = call.inputs[0].count
        self.call = call
        self.map = map
        self.source = source
    }

    func forward(_ context: OperationContext) {
        drop(context.input(), into: context.output(), context)
    }

    func backward(_ context: OperationContext) {
        guard let dInput = context.dInput() else { return }
        drop(context.dOutput(), into: dInput, context)
    }

    /// The mask is computed anew from its counters, forward and backward, not kept.
    private func drop(
        _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        let random = source.stream(call, context)
        context.workers.split(
            context.rows &* count, cost: 20, granule: 16,
            with: (
                context.kernels, x, y, random.seed, random.counterWords, map.threshold, map.gain
            )
        ) { work, start, count in
            let (kernels, x, y, seed, words, threshold, factor) = work
            kernels.pointee.dropout(
                x + start, y + start, Int64(start), Int64(count), seed, words.c1, words.c2,
                words.c3, threshold, factor)
        }
    }
}
