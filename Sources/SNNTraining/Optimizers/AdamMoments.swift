import SNNCore
import SNNGraph
import SNNKernels

/// The constants of Adam's two moments, which some optimizers share.
struct AdamMoments {
    /// Below 1, so that no division by zero is possible.
    static let range = 0 ... 1 - 0x1p-53

    let beta1: Double
    let beta2: Double
    let epsilon: Double

    init(_ options: inout Configuration, prefix: String = "") throws(SNNError) {
        beta1 = try options.number(prefix + "beta_1", default: 0.9, in: AdamMoments.range)
        beta2 = try options.number(prefix + "beta_2", default: 0.999, in: AdamMoments.range)
        epsilon = try options.number("epsilon", default: 1e-7, in: .nonNegative)
    }

    var configuration: [JSON.Member] {
        [
            .init("beta_1", .number(beta1)), .init("beta_2", .number(beta2)),
            .init("epsilon", .number(epsilon)),
        ]
    }

    /// Adam's own step; AMSGrad's with a third slot.
    func update(
        _ step: OptimizerStep, rate: Double, m: UnsafeMutablePointer<Float>,
        v: UnsafeMutablePointer<Float>, largest: UnsafeMutablePointer<Float>?, bound: Float,
        decay: Float
    ) {
        let t = step.iteration &+ 1
        let alpha = Float(rate * (1 - power(beta2, t)).squareRoot() / (1 - power(beta1, t)))
        let first = step.part.range.lowerBound
        let state = (m: m, v: v, largest: largest)
        let constants = (
            alpha: alpha, decay1: Float(1 - beta1), decay2: Float(1 - beta2),
            epsilon: Float(epsilon)
        )
        let before = (factor: step.factor, bound: bound, decay: decay)
        step.workers.split(
            step.part.range.count, cost: 12, granule: 16,
            with: (
                step.kernels, step.parameters + first, step.gradients + first, state, constants,
                before
            )
        ) { work, start, count in
            let (kernels, parameters, gradients, state, constants, before) = work
            kernels.pointee.adam(
                parameters + start, gradients + start, state.m + start, state.v + start,
                state.largest.map { $0 + start }, Int64(count), constants.alpha,
                constants.decay1, constants.decay2, constants.epsilon, before.factor,
                before.bound, before.decay)
        }
    }
}
