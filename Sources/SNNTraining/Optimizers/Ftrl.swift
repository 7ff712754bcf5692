import CKernels
import SNNCore

/// Follow the regularized leader (McMahan et al. 2013), Keras's form, with p = -learning_rate_power
/// and l2 = l2_regularization_strength + beta / (2 rate): n = s + g^2,
/// z += g + 2 l2_shrinkage w - (n^p - s^p) / rate * w, w = (clip(z, -l1, l1) - z) / (n^p / rate + 2 l2),
/// s = n. A rate of 0 changes nothing.
final class Ftrl: Optimizer {
    let className = "Ftrl"
    var learningRate: LearningRate
    let rule: UpdateRule
    private let ratePower: Double
    private let initialAccumulator: Double
    private let l1: Double
    private let l2: Double
    private let shrinkage: Double
    private let beta: Double

    init(_ options: inout Configuration) throws(SNNError) {
        let range = LearningRate.range
        learningRate = try LearningRate(&options, default: 0.001)
        rule = try UpdateRule(&options)
        ratePower = try options.number(
            "learning_rate_power", default: -0.5, in: -range.upperBound ... 0)
        initialAccumulator = try options.number(
            "initial_accumulator_value", default: 0.1, in: range)
        l1 = try options.number("l1_regularization_strength", default: 0, in: range)
        l2 = try options.number("l2_regularization_strength", default: 0, in: range)
        shrinkage = try options.number(
            "l2_shrinkage_regularization_strength", default: 0, in: range)
        beta = try options.number("beta", default: 0, in: range)
    }

    var ownConfiguration: [JSON.Member] {
        [
            .init("learning_rate_power", .number(ratePower)),
            .init("initial_accumulator_value", .number(initialAccumulator)),
            .init("l1_regularization_strength", .number(l1)),
            .init("l2_regularization_strength", .number(l2)),
            .init("l2_shrinkage_regularization_strength", .number(shrinkage)),
            .init("beta", .number(beta)),
        ]
    }

    var slots: [OptimizerSlot] {
        [
            OptimizerSlot("accumulator", initialValue: Float(initialAccumulator)),
            OptimizerSlot("linear"),
        ]
    }

    func update(_ step: OptimizerStep) {
        // The formula divides by the rate.
        guard step.rate > 0 else { return }
        var operands = step.operands(rule)
        operands.s0 = step.slot(0)
        operands.s1 = step.slot(1)
        operands.a = Float(-ratePower)
        operands.b = Float(2 * l2 + beta / step.rate)
        operands.c = Float(2 * shrinkage)
        operands.d = Float(l1)
        step.run(step.kernels.pointee.ftrl, operands, cost: 40)
    }
}
