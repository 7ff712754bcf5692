import SNNCore

/// (initial_learning_rate - end_learning_rate) (1 - min(step, decay_steps) / decay_steps)^power
/// + end_learning_rate; with `cycle` decay_steps is the next multiple of itself.
final class PolynomialDecay: Schedule {
    let className = "PolynomialDecay"
    private let initial: Double
    private let decaySteps: Double
    private let end: Double
    private let exponent: Double
    private let cycles: Bool

    init(_ options: inout Configuration) throws(SNNError) {
        initial = try options.rate("initial_learning_rate")
        decaySteps = try options.steps("decay_steps")
        end = try options.rate("end_learning_rate", default: 0.0001)
        exponent = try options.number("power", default: 1, in: .nonNegative)
        cycles = try options.bool("cycle", default: false)
    }

    var configuration: [JSON.Member] {
        [
            .init("initial_learning_rate", .number(initial)),
            .init("decay_steps", .number(decaySteps)), .init("end_learning_rate", .number(end)),
            .init("power", .number(exponent)), .init("cycle", .bool(cycles)),
        ]
    }

    func rate(after steps: Int64) -> Double {
        let step = Double(steps)
        let cycle = cycles ? max(1, (step / decaySteps).rounded(.up)) : 1
        let p = min(step / (decaySteps * cycle), 1)
        return (initial - end) * power(1 - p, exponent) + end
    }
}
