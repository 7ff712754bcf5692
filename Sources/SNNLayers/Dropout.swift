import SNNCore
import SNNGraph
import SNNKernels

/// In training each number is 0 with probability `rate`, else scaled by 1 / (1 - rate); elsewhere
/// nothing happens (Srivastava et al. 2014, Keras's `Dropout`).
final class Dropout: Layer {
    let className = "Dropout"
    private let rate: Double
    /// Instead of the model's, where given.
    private let seed: Int?

    init(_ options: inout Configuration) throws(SNNError) {
        rate = try options.number("rate", in: 0 ... 1)
        seed = try options.optionalInteger("seed", in: 0 ... Int.max)
        try options.refuse(unlessNull: "noise_shape")
    }

    var configuration: [JSON.Member] {
        [
            .init("rate", .number(rate)),
            .init("seed", seed.map { .integer(Int64($0)) } ?? .null),
            .init("noise_shape", .null),
        ]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] { [try soleInput(inputs)] }

    func operation(for call: LayerCall) -> any Operation {
        guard call.mode == .training, rate > 0 else { return IdentityOperation() }
        return DropoutOperation(call, rate: rate, seed: seed.map { UInt64($0) })
    }
}

private final class DropoutOperation: Operation {
    let needs = OperationNeeds()
    private let count: Int
    private let ordinal: Int
    private let index: Int
    private let seed: UInt64?
    /// Words below it are dropped.
    private let threshold: UInt32
    private let factor: Float

    init(_ call: LayerCall, rate: Double, seed: UInt64?) {
        count = call.inputs[0].count
        ordinal = call.ordinal
        index = call.index
        self.seed = seed
        threshold = rate < 1 ? UInt32(min(rate * 0x1p32, 0x1p32 - 1)) : .max
        factor = rate < 1 ? Float(1 / (1 - rate)) : 0
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
        let random = RandomStream(
            seed: seed ?? context.seed, purpose: .dropout, call: index, ordinal: ordinal,
            step: context.step)
        context.workers.split(
            context.rows &* count, cost: 20, granule: 16,
            with: (
                context.kernels, x, y, random.seed, random.counterWords, threshold, factor
            )
        ) { work, start, count in
            let (kernels, x, y, seed, words, threshold, factor) = work
            kernels.pointee.dropout(
                x + start, y + start, Int64(start), Int64(count), seed, words.c1, words.c2,
                words.c3, threshold, factor)
        }
    }
}
