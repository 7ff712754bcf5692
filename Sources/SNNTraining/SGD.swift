import SNNCore
import SNNGraph
import SNNKernels

/// Gradient descent, w -= rate * g; with momentum m = momentum * m - rate * g, w += m, and with
/// Nesterov's variant w += momentum * m - rate * g (Keras's `SGD`).
final class SGD: Optimizer {
    let className = "SGD"
    var learningRate: Double
    let rule: UpdateRule
    private let momentum: Double
    private let usesNesterov: Bool

    init(_ options: inout Configuration) throws(SNNError) {
        learningRate = try options.learningRate(default: 0.01)
        rule = try UpdateRule(&options)
        momentum = try options.number("momentum", default: 0, in: 0 ... 1)
        usesNesterov = try options.bool("nesterov", default: false)
    }

    var configuration: [JSON.Member] {
        [
            .init("name", "SGD"),
            .init("learning_rate", .number(learningRate)),
        ] + rule.configuration + [
            .init("momentum", .number(momentum)),
            .init("nesterov", .bool(usesNesterov)),
        ]
    }

    var slotNames: [String] { momentum > 0 ? ["momentum"] : [] }

    func update(
        _ range: Range<Int>, of parameters: UnsafeMutablePointer<Float>,
        gradients: UnsafePointer<Float>, factor: Float, slots: [Buffer<Float>], iteration: Int64,
        kernels: UnsafePointer<KernelTable>, workers: Workers
    ) {
        let first = range.lowerBound
        let constants = (
            rate: Float(learningRate), momentum: Float(momentum),
            nesterov: Int32(usesNesterov ? 1 : 0)
        )
        let before = (
            factor: factor, bound: rule.bound, decay: rule.decay(learningRate: learningRate)
        )
        workers.split(
            range.count, cost: 4, granule: 16,
            with: (
                kernels, parameters + first, gradients + first,
                momentum > 0 ? slots[0].pointer + first : nil, constants, before
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
