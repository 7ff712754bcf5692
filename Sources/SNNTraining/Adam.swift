import SNNCore
import SNNGraph
import SNNKernels

/// Adam (Kingma and Ba 2015) in Keras's form: m += (g - m)(1 - beta1), v += (g^2 - v)(1 - beta2),
/// w -= rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon), with t from 1;
/// `amsgrad` (Reddi et al. 2018) takes the largest v so far. `AdamW` (Loshchilov and Hutter 2019)
/// is the same with a weight decay by default.
final class Adam: Optimizer {
    let className: String
    var learningRate: Double
    let rule: UpdateRule
    private let beta1: Double
    private let beta2: Double
    private let epsilon: Double
    private let usesLargest: Bool

    init(
        _ options: inout Configuration, className: String = "Adam", defaultDecay: Double? = nil
    ) throws(SNNError) {
        self.className = className
        learningRate = try options.learningRate(default: 0.001)
        rule = try UpdateRule(&options, defaultDecay: defaultDecay)
        // Below 1, so that no division by zero is possible.
        let below1 = 1 - 0x1p-53
        beta1 = try options.number("beta_1", default: 0.9, in: 0 ... below1)
        beta2 = try options.number("beta_2", default: 0.999, in: 0 ... below1)
        epsilon = try options.number("epsilon", default: 1e-7, in: .nonNegative)
        usesLargest = try options.bool("amsgrad", default: false)
    }

    var configuration: [JSON.Member] {
        [
            .init("name", .string(className)),
            .init("learning_rate", .number(learningRate)),
        ] + rule.configuration + [
            .init("beta_1", .number(beta1)),
            .init("beta_2", .number(beta2)),
            .init("epsilon", .number(epsilon)),
            .init("amsgrad", .bool(usesLargest)),
        ]
    }

    var slotNames: [String] {
        usesLargest ? ["momentum", "velocity", "velocity_hat"] : ["momentum", "velocity"]
    }

    func update(
        _ range: Range<Int>, of parameters: UnsafeMutablePointer<Float>,
        gradients: UnsafePointer<Float>, factor: Float, slots: [Buffer<Float>], iteration: Int64,
        kernels: UnsafePointer<KernelTable>, workers: Workers
    ) {
        let step = iteration &+ 1
        let alpha = Float(
            learningRate * (1 - power(beta2, step)).squareRoot() / (1 - power(beta1, step)))
        let first = range.lowerBound
        let state = (
            m: slots[0].pointer + first, v: slots[1].pointer + first,
            largest: usesLargest ? slots[2].pointer + first : nil
        )
        let constants = (
            alpha: alpha, decay1: Float(1 - beta1), decay2: Float(1 - beta2),
            epsilon: Float(epsilon)
        )
        let before = (
            factor: factor, bound: rule.bound, decay: rule.decay(learningRate: learningRate)
        )
        workers.split(
            range.count, cost: 12, granule: 16,
            with: (kernels, parameters + first, gradients + first, state, constants, before)
        ) { work, start, count in
            let (kernels, parameters, gradients, state, constants, before) = work
            kernels.pointee.adam(
                parameters + start, gradients + start, state.m + start, state.v + start,
                state.largest.map { $0 + start }, Int64(count), constants.alpha,
                constants.decay1, constants.decay2, constants.epsilon, before.factor,
                before.bound, before.decay)
        }
    }

    /// By squaring: the same bits everywhere, which libm's pow does not promise.
    private func power(_ base: Double, _ exponent: Int64) -> Double {
        var result = 1.0
        var factor = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}
