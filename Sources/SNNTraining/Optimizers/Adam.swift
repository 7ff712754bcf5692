import SNNCore

/// Adam (Kingma and Ba 2015) in Keras's form: m += (g - m)(1 - beta1), v += (g^2 - v)(1 - beta2),
/// w -= rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon), with t from 1;
/// `amsgrad` (Reddi et al. 2018) takes the largest v so far. `AdamW` (Loshchilov and Hutter 2019)
/// is the same with a weight decay by default.
final class Adam: Optimizer {
    let className: String
    var learningRate: LearningRate
    let rule: UpdateRule
    private let moments: AdamMoments
    private let usesLargest: Bool

    init(
        _ options: inout Configuration, className: String = "Adam", defaultDecay: Double? = nil
    ) throws(SNNError) {
        self.className = className
        learningRate = try LearningRate(&options, default: 0.001)
        rule = try UpdateRule(&options, defaultDecay: defaultDecay)
        moments = try AdamMoments(&options)
        usesLargest = try options.bool("amsgrad", default: false)
    }

    var ownConfiguration: [JSON.Member] {
        moments.configuration + [.init("amsgrad", .bool(usesLargest))]
    }

    var slots: [OptimizerSlot] {
        [OptimizerSlot("momentum"), OptimizerSlot("velocity")]
            + (usesLargest ? [OptimizerSlot("velocity_hat")] : [])
    }

    func update(_ step: OptimizerStep) {
        moments.update(
            step, rate: step.rate, m: step.slot(0), v: step.slot(1),
            largest: usesLargest ? step.slot(2) : nil, bound: rule.bound,
            decay: step.decay(rule.weightDecay))
    }
}
