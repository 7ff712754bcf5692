import CKernels
import SNNCore

/// Adadelta (Zeiler 2012), Keras's form: s = rho s + (1 - rho) g^2,
/// u = sqrt(d + epsilon) / sqrt(s + epsilon) * g, d = rho d + (1 - rho) u^2, w -= rate * u.
final class Adadelta: Optimizer {
    let className = "Adadelta"
    var learningRate: LearningRate
    let rule: UpdateRule
    private let rho: Double
    private let epsilon: Double

    init(_ options: inout Configuration) throws(SNNError) {
        learningRate = try LearningRate(&options, default: 0.001)
        rule = try UpdateRule(&options)
        rho = try options.number("rho", default: 0.95, in: 0 ... 1)
        epsilon = try options.number("epsilon", default: 1e-7, in: .nonNegative)
    }

    var ownConfiguration: [JSON.Member] {
        [.init("rho", .number(rho)), .init("epsilon", .number(epsilon))]
    }

    var slots: [OptimizerSlot] {
        [OptimizerSlot("accumulated_grad"), OptimizerSlot("accumulated_delta_var")]
    }

    func update(_ step: OptimizerStep) {
        var operands = step.operands(rule)
        operands.s0 = step.slot(0)
        operands.s1 = step.slot(1)
        operands.a = Float(rho)
        operands.b = Float(1 - rho)
        operands.c = Float(epsilon)
        step.run(step.kernels.pointee.adadelta, operands, cost: 12)
    }
}
