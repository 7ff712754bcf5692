import SNNCore

/// The one-cycle policy (Smith and Topin 2018), PyTorch's `OneCycleLR`: from max_lr / div_factor up to
/// max_lr in the first pct_start of total_steps, then down to the first rate / final_div_factor; with
/// `three_phase` down to the first rate as fast as up, and from there to the last. It stays there.
/// The momentum is left alone: `cycle_momentum` true is refused.
final class OneCycleLR: Schedule {
    let className = "OneCycleLR"
    private let highest: Double
    private let totalSteps: Int
    private let risingShare: Double
    private let strategy: String
    private let divisor: Double
    private let finalDivisor: Double
    private let hasThreePhases: Bool

    init(_ options: inout Configuration) throws(SNNError) {
        let range = 1 ... Int(Int32.max)
        highest = try options.rate("max_lr")
        if let steps = try options.optionalInteger("total_steps", in: range) {
            totalSteps = steps
            options.ignore("epochs", "steps_per_epoch")
        } else {
            let epochs = try options.optionalInteger("epochs", in: range)
            let steps = try options.optionalInteger("steps_per_epoch", in: range)
            guard let epochs, let steps else {
                let received =
                    epochs != nil
                    ? "'epochs' alone" : steps != nil ? "'steps_per_epoch' alone" : "neither"
                throw options.failure(
                    "expected 'total_steps', or 'epochs' and 'steps_per_epoch', received "
                        + received)
            }
            totalSteps = epochs * steps
        }
        risingShare = try options.number("pct_start", default: 0.3, in: 0 ... 1)
        strategy = try options.choice("anneal_strategy", default: "cos", among: ["cos", "linear"])
        try options.refuse(
            "cycle_momentum", unless: [.null, false],
            because: "the momentum does not follow schedules")
        divisor = try options.number("div_factor", default: 25, in: .positive)
        finalDivisor = try options.number("final_div_factor", default: 1e4, in: .positive)
        hasThreePhases = try options.bool("three_phase", default: false)
    }

    let isKnownToKeras = false

    var configuration: [JSON.Member] {
        [
            .init("max_lr", .number(highest)), .init("total_steps", .integer(Int64(totalSteps))),
            .init("pct_start", .number(risingShare)),
            .init("anneal_strategy", .string(strategy)), .init("cycle_momentum", false),
            .init("div_factor", .number(divisor)),
            .init("final_div_factor", .number(finalDivisor)),
            .init("three_phase", .bool(hasThreePhases)),
        ]
    }

    func rate(after steps: Int64) -> Double {
        let first = highest / divisor
        let total = Double(totalSteps)
        let rise = risingShare * total
        let last = (end: total - 1, to: first / finalDivisor)
        let phases =
            hasThreePhases
            ? [(end: rise - 1, to: highest), (end: 2 * rise - 2, to: first), last]
            : [(end: rise - 1, to: highest), last]
        let step = min(Double(steps), last.end)
        var start = (end: 0.0, to: first)
        for (index, phase) in phases.enumerated() {
            if step <= phase.end || index == phases.count - 1 {
                return between(start, phase, step)
            }
            start = phase
        }
        return last.to
    }

    private func between(
        _ start: (end: Double, to: Double), _ phase: (end: Double, to: Double), _ step: Double
    ) -> Double {
        let length = phase.end - start.end
        // One step alone has no way to go.
        let share = length > 0 ? (step - start.end) / length : 1
        return strategy == "linear"
            ? (phase.to - start.to) * share + start.to
            : phase.to + (start.to - phase.to) / 2 * (cosineOfPi(times: share) + 1)
    }
}
