import SNNCore

/// Half a cosine from initial_learning_rate to alpha times it over decay_steps (Loshchilov and Hutter
/// 2017); with `warmup_target` first a line from initial_learning_rate to it over warmup_steps, and
/// the cosine begins there.
final class CosineDecay: Schedule {
    let className = "CosineDecay"
    private let initial: Double
    private let decaySteps: Double
    private let alpha: Double
    private let warmupTarget: Double?
    private let warmupSteps: Double

    init(_ options: inout Configuration) throws(SNNError) {
        initial = try options.rate("initial_learning_rate")
        decaySteps = try options.steps("decay_steps")
        alpha = try options.number("alpha", default: 0, in: .nonNegative)
        warmupTarget = try options.optionalNumber("warmup_target", in: LearningRate.range)
        warmupSteps = try options.number("warmup_steps", default: 0, in: 0 ... 0x1p53)
    }

    var configuration: [JSON.Member] {
        [
            .init("initial_learning_rate", .number(initial)),
            .init("decay_steps", .number(decaySteps)), .init("alpha", .number(alpha)),
            .init("warmup_target", warmupTarget.map { .number($0) } ?? .null),
            .init("warmup_steps", .number(warmupSteps)),
        ]
    }

    func rate(after steps: Int64) -> Double {
        let step = Double(steps)
        guard let warmupTarget else { return decayed(step, from: initial) }
        if step < warmupSteps {
            return (warmupTarget - initial) * (step / warmupSteps) + initial
        }
        return decayed(step - warmupSteps, from: warmupTarget)
    }

    private func decayed(_ step: Double, from rate: Double) -> Double {
        let cosine = 0.5 * (1 + cosineOfPi(times: min(step / decaySteps, 1)))
        return rate * ((1 - alpha) * cosine + alpha)
    }
}
