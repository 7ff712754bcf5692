import CKernels
import SNNCore

/// Adamax (Kingma and Ba 2015, section 7), Keras's form: m += (g - m)(1 - beta1),
/// u = max(beta2 u, |g|), w -= rate / (1 - beta1^t) * m / (u + epsilon), with t from 1.
final class Adamax: Optimizer {
    let className = "Adamax"
    var learningRate: LearningRate
    let rule: UpdateRule
    private let moments: AdamMoments

    init(_ options: inout Configuration) throws(SNNError) {
        learningRate = try LearningRate(&options, default: 0.001)
        rule = try UpdateRule(&options)
        moments = try AdamMoments(&options)
    }

    var ownConfiguration: [JSON.Member] { moments.configuration }
    var slots: [OptimizerSlot] { [OptimizerSlot("momentum"), OptimizerSlot("norm")] }

    func update(_ step: OptimizerStep) {
        var operands = step.operands(rule)
        operands.s0 = step.slot(0)
        operands.s1 = step.slot(1)
        operands.rate = Float(step.rate / (1 - power(moments.beta1, step.iteration &+ 1)))
        operands.a = Float(1 - moments.beta1)
        operands.b = Float(moments.beta2)
        operands.c = Float(moments.epsilon)
        step.run(step.kernels.pointee.adamax, operands, cost: 10)
    }
}
