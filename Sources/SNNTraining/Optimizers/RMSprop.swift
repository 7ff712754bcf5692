import CKernels
import SNNCore

/// RMSprop (Hinton 2012), Keras's form: v = rho v + (1 - rho) g^2, u = rate * g / sqrt(v + epsilon),
/// w -= u; `centered` takes the mean gradient's square from v, and with momentum
/// m = momentum * m + u, w -= m.
final class RMSprop: Optimizer {
    let className = "RMSprop"
    var learningRate: LearningRate
    let rule: UpdateRule
    private let rho: Double
    private let momentum: Double
    private let epsilon: Double
    private let isCentered: Bool

    init(_ options: inout Configuration) throws(SNNError) {
        learningRate = try LearningRate(&options, default: 0.001)
        rule = try UpdateRule(&options)
        rho = try options.number("rho", default: 0.9, in: 0 ... 1)
        momentum = try options.number("momentum", default: 0, in: 0 ... 1)
        epsilon = try options.number("epsilon", default: 1e-7, in: .nonNegative)
        isCentered = try options.bool("centered", default: false)
    }

    var ownConfiguration: [JSON.Member] {
        [
            .init("rho", .number(rho)), .init("momentum", .number(momentum)),
            .init("epsilon", .number(epsilon)), .init("centered", .bool(isCentered)),
        ]
    }

    var slots: [OptimizerSlot] {
        [OptimizerSlot("velocity")] + (momentum > 0 ? [OptimizerSlot("momentum")] : [])
            + (isCentered ? [OptimizerSlot("average_gradient")] : [])
    }

    func update(_ step: OptimizerStep) {
        var operands = step.operands(rule)
        operands.s0 = step.slot(0)
        if momentum > 0 { operands.s1 = step.slot(1) }
        if isCentered { operands.s2 = step.slot(momentum > 0 ? 2 : 1) }
        operands.a = Float(rho)
        operands.b = Float(1 - rho)
        operands.c = Float(epsilon)
        operands.d = Float(momentum)
        step.run(step.kernels.pointee.rmsprop, operands, cost: 12)
    }
}
