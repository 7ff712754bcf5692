import CKernels
import SNNCore

/// Lion (Chen et al. 2023), Keras's form: w -= rate * sign(beta1 m + (1 - beta1) g),
/// m = beta2 m + (1 - beta2) g.
final class Lion: Optimizer {
    let className = "Lion"
    var learningRate: LearningRate
    let rule: UpdateRule
    private let beta1: Double
    private let beta2: Double

    init(_ options: inout Configuration) throws(SNNError) {
        learningRate = try LearningRate(&options, default: 0.001)
        rule = try UpdateRule(&options)
        // With 0 the sign of the gradient alone would count; Keras refuses it too.
        beta1 = try options.number("beta_1", default: 0.9, in: .leastNonzeroMagnitude ... 1)
        beta2 = try options.number("beta_2", default: 0.99, in: 0 ... 1)
    }

    var ownConfiguration: [JSON.Member] {
        [.init("beta_1", .number(beta1)), .init("beta_2", .number(beta2))]
    }

    var slots: [OptimizerSlot] { [OptimizerSlot("momentum")] }

    func update(_ step: OptimizerStep) {
        var operands = step.operands(rule)
        operands.s0 = step.slot(0)
        operands.a = Float(beta1)
        operands.b = Float(1 - beta1)
        operands.c = Float(beta2)
        operands.d = Float(1 - beta2)
        step.run(step.kernels.pointee.lion, operands, cost: 8)
    }
}
