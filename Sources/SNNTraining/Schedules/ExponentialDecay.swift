import SNNCore

/// initial_learning_rate * decay_rate^(step / decay_steps), with `staircase` of the quotient's whole
/// part.
final class ExponentialDecay: Schedule {
    let className = "ExponentialDecay"
    private let initial: Double
    private let decaySteps: Double
    private let decayRate: Double
    private let isStaircase: Bool

    init(_ options: inout Configuration) throws(SNNError) {
        initial = try options.rate("initial_learning_rate")
        decaySteps = try options.steps("decay_steps")
        decayRate = try options.rate("decay_rate")
        isStaircase = try options.bool("staircase", default: false)
    }

    var configuration: [JSON.Member] {
        [
            .init("initial_learning_rate", .number(initial)),
            .init("decay_steps", .number(decaySteps)), .init("decay_rate", .number(decayRate)),
            .init("staircase", .bool(isStaircase)),
        ]
    }

    func rate(after steps: Int64) -> Double {
        let p = Double(steps) / decaySteps
        return initial * power(decayRate, isStaircase ? p.rounded(.down) : p)
    }
}
