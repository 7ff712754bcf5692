import SNNCore
import SNNKernels

/// l1 * sum |x| + l2 * sum x^2 (Keras's `L1L2`; `L1` and `L2` are this with one of them).
final class L1L2: Regularizer {
    static let row = PartRow<any Regularizer>("L1L2", ["l1l2"]) {
        (options) throws(SNNError) in try L1L2(&options, default: 0)
    }

    /// What Keras's documentation names, with the factors that it names.
    static let rowOfOldName = PartRow<any Regularizer>("l1_l2") {
        (options) throws(SNNError) in try L1L2(&options, default: 0.01)
    }

    let className: String
    let configuration: [JSON.Member]
    private let l1: Double
    private let l2: Double

    /// - Parameter configuration: what is written; both factors where nil.
    init(
        l1: Double, l2: Double, className: String = "L1L2", _ configuration: [JSON.Member]? = nil
    ) {
        self.l1 = l1
        self.l2 = l2
        self.className = className
        self.configuration =
            configuration ?? [.init("l1", .number(l1)), .init("l2", .number(l2))]
    }

    private convenience init(
        _ options: inout Configuration, default factor: Double
    ) throws(SNNError) {
        // In this order for the messages.
        let l1 = try options.factor("l1", default: factor)
        self.init(l1: l1, l2: try options.factor("l2", default: factor))
    }

    func penalty(of tensor: PenalizedTensor, _ memory: PenaltyMemory) -> Double {
        var penalty = 0.0
        if l1 > 0 {
            penalty += l1 * ChunkedSum.run(.magnitudes, of: tensor.values, count: tensor.count, memory)
        }
        if l2 > 0 {
            penalty += l2 * ChunkedSum.run(.squares, of: tensor.values, count: tensor.count, memory)
        }
        return penalty
    }

    /// l1 * sign(x) + 2 * l2 * x, the sign of 0 being 0.
    func addGradient(
        of tensor: PenalizedTensor, scale: Double, to gradient: UnsafeMutablePointer<Float>,
        _ memory: PenaltyMemory
    ) {
        memory.workers.split(
            tensor.count, cost: 4, granule: 16,
            with: (
                memory.kernels, tensor.values, gradient, Float(scale * l1), Float(2 * scale * l2)
            )
        ) { work, start, count in
            let (kernels, x, gradient, step, slope) = work
            kernels.pointee.add_penalty_gradient(
                x + start, gradient + start, Int64(count), step, slope)
        }
    }
}
