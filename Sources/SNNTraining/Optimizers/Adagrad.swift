import CKernels
import SNNCore

/// Adagrad (Duchi et al. 2011), Keras's form: s += g^2, w -= rate * g / sqrt(s + epsilon).
final class Adagrad: Optimizer {
    let className = "Adagrad"
    var learningRate: LearningRate
    let rule: UpdateRule
    private let initialAccumulator: Double
    private let epsilon: Double

    init(_ options: inout Configuration) throws(SNNError) {
        learningRate = try LearningRate(&options, default: 0.001)
        rule = try UpdateRule(&options)
        initialAccumulator = try options.number(
            "initial_accumulator_value", default: 0.1, in: LearningRate.range)
        epsilon = try options.number("epsilon", default: 1e-7, in: .nonNegative)
    }

    var ownConfiguration: [JSON.Member] {
        [
            .init("initial_accumulator_value", .number(initialAccumulator)),
            .init("epsilon", .number(epsilon)),
        ]
    }

    var slots: [OptimizerSlot] {
        [OptimizerSlot("accumulator", initialValue: Float(initialAccumulator))]
    }

    func update(_ step: OptimizerStep) {
        var operands = step.operands(rule)
        operands.s0 = step.slot(0)
        operands.c = Float(epsilon)
        step.run(step.kernels.pointee.adagrad, operands, cost: 8)
    }
}
