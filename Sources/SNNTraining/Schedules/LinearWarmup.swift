import SNNCore

/// A line from start_factor times the first rate of another schedule, or of a number, to that rate over
/// total_iters steps; then the other begins. PyTorch's `LinearLR` and what follows it in a
/// `SequentialLR`, with its names and defaults.
final class LinearWarmup: Schedule {
    let className = "LinearWarmup"
    private let following: LearningRate
    private let startFactor: Double
    private let steps: Int

    init(_ options: inout Configuration) throws(SNNError) {
        guard options.has("learning_rate") else {
            throw options.failure(
                "'learning_rate' is required, a number or a schedule, but missing")
        }
        following = try LearningRate(&options, default: 0)
        startFactor = try options.number("start_factor", default: 1.0 / 3, in: 0 ... 1)
        steps = try options.integer("total_iters", default: 5, in: 1 ... Int(Int32.max))
    }

    let isKnownToKeras = false

    var configuration: [JSON.Member] {
        [
            .init("learning_rate", following.json), .init("start_factor", .number(startFactor)),
            .init("total_iters", .integer(Int64(steps))),
        ]
    }

    func rate(after steps: Int64) -> Double {
        guard steps < Int64(self.steps) else {
            return following.rate(after: steps - Int64(self.steps))
        }
        let share = Double(steps) / Double(self.steps)
        return following.rate(after: 0) * (startFactor + (1 - startFactor) * share)
    }
}
