import SNNCore

/// Half a cosine from initial_learning_rate to alpha times it, again and again (Loshchilov and
/// Hutter 2017): the first over first_decay_steps, each t_mul times as long as the one before, its
/// height m_mul times.
final class CosineDecayRestarts: Schedule {
    let className = "CosineDecayRestarts"
    private let initial: Double
    private let firstSteps: Double
    private let lengthFactor: Double
    private let heightFactor: Double
    private let alpha: Double

    init(_ options: inout Configuration) throws(SNNError) {
        initial = try options.rate("initial_learning_rate")
        firstSteps = try options.steps("first_decay_steps")
        lengthFactor = try options.number("t_mul", default: 2, in: 1 ... 0x1p53)
        heightFactor = try options.number("m_mul", default: 1, in: LearningRate.range)
        alpha = try options.number("alpha", default: 0, in: .nonNegative)
    }

    var configuration: [JSON.Member] {
        [
            .init("initial_learning_rate", .number(initial)),
            .init("first_decay_steps", .number(firstSteps)),
            .init("t_mul", .number(lengthFactor)), .init("m_mul", .number(heightFactor)),
            .init("alpha", .number(alpha)),
        ]
    }

    func rate(after steps: Int64) -> Double {
        let (restarts, fraction) = place(of: Double(steps) / firstSteps)
        let cosine = 0.5 * power(heightFactor, restarts) * (1 + cosineOfPi(times: fraction))
        return initial * ((1 - alpha) * cosine + alpha)
    }

    /// How many restarts lie before, and how much of the present cosine is over.
    private func place(of fraction: Double) -> (Int64, Double) {
        let t = lengthFactor
        guard t > 1 else {
            let whole = fraction.rounded(.down)
            return (Int64(whole), fraction - whole)
        }
        // The lengths 1, t, t^2, ... add up to (t^i - 1) / (t - 1).
        let begin = { (i: Int64) in (power(t, i) - 1) / (t - 1) }
        var i = Int64(naturalLogarithm(1 + fraction * (t - 1)) / naturalLogarithm(t))
        // Rounding may have left a neighbour's number.
        if i > 0, fraction < begin(i) { i -= 1 }
        if fraction >= begin(i + 1) { i += 1 }
        return (i, min(max((fraction - begin(i)) / power(t, i), 0), 1))
    }
}
