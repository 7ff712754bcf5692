import SNNCore
import SNNGraph
import SNNKernels

/// Gradient descent, w -= rate * g; with momentum m = momentum * m - rate * g, w += m, and with
/// Nesterov's variant w += momentum * m - rate * g (Keras's `SGD`).
final class SGD: Optimizer {
    let className = "SGD"
    var learningRate: LearningRate
    let rule: UpdateRule
    private let momentum: Double
    private let usesNesterov: Bool

    init(_ options: inout Configuration) throws(SNNError) {
        learningRate = try LearningRate(&options, default: 0.01)
        rule = try UpdateRule(&options)
        momentum = try options.number("momentum", default: 0, in: 0 ... 1)
        usesNesterov = try options.bool("nesterov", default: false)
    }

    var ownConfiguration: [JSON.Member] {
        [.init("momentum", .number(momentum)), .init("nesterov", .bool(usesNesterov))]
    }

    var slots: [OptimizerSlot] { momentum > 0 ? [OptimizerSlot("momentum")] : [] }

    func update(_ step: OptimizerStep) {
        let first = step.part.range.lowerBound
        let constants = (
            rate: Float(step.rate), momentum: Float(momentum),
            nesterov: Int32(usesNesterov ? 1 : 0)
        )
        let before = (
            factor: step.factor, bound: rule.bound, decay: step.decay(rule.weightDecay)
        )
        step.workers.split(
            step.part.range.count, cost: 4, granule: 16,
            with: (
                step.kernels, step.parameters + first, step.gradients + first,
                momentum > 0 ? step.slot(0) : nil, constants, before
            )
        ) { work, start, count in
            let (kernels, parameters, gradients, m, constants, before) = work
            if let m {
                kernels.pointee.sgd_momentum(
                    parameters + start, gradients + start, m + start, Int64(count),
                    constants.rate, constants.momentum, constants.nesterov, before.factor,
                    before.bound, before.decay)
            } else {
                kernels.pointee.sgd(
                    parameters + start, gradients + start, Int64(count), constants.rate,
                    before.factor, before.bound, before.decay)
            }
        }
    }
}
