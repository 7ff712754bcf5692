import SNNCore

/// A learning rate: a number that may be set, or a schedule of the steps.
package struct LearningRate: Sendable {
    /// What a rate may be: a number that is finite as a float too.
    package static let range = 0 ... Double(Float.greatestFiniteMagnitude)

    private var value: Double
    private let schedule: (any Schedule)?
    /// Stands for both while it is not nil; not part of the configuration.
    var override: Double?

    /// `learning_rate`, or another key, of an optimizer's options: a number or a schedule.
    init(
        _ options: inout Configuration, key: String = "learning_rate", default rate: Double
    ) throws(SNNError) {
        if let json = options.json(key), json["class_name"] != nil {
            schedule = try Schedules.make(json, of: options.owner)
            value = rate
        } else {
            schedule = nil
            value = try options.number(key, default: rate, in: LearningRate.range)
        }
    }

    /// The rate of the step that comes after `steps`.
    package func rate(after steps: Int64) -> Double {
        guard let schedule else { return override ?? value }
        return override ?? min(max(schedule.rate(after: steps), 0), LearningRate.range.upperBound)
    }

    package mutating func set(_ rate: Double) throws(SNNError) {
        guard LearningRate.range.contains(rate) else {
            throw SNNError(
                .argument,
                "expected a learning rate from 0 to \(LearningRate.range.upperBound), received \(rate)"
            )
        }
        try checkIsNumber(for: nil)
        value = rate
    }

    /// Throws where it follows a schedule and nobody can set it.
    func checkIsNumber(for owner: String?) throws(SNNError) {
        guard let schedule else { return }
        throw SNNError(
            .state,
            (owner.map { $0 + ": " } ?? "")
                + "the learning rate follows the schedule '\(schedule.className)' and cannot be set; "
                + "make the optimizer with a number to set it")
    }

    var json: JSON { schedule.map { Schedules.json($0) } ?? .number(value) }

    var isKnownToKeras: Bool { schedule?.isKnownToKeras ?? true }
}
