import SNNCore
import SNNGraph

/// What a metric is made from: its config, the output that it looks at, and that output's loss, which
/// says what targets are.
struct MetricOptions {
    var configuration: Configuration
    let output: Shape
    let loss: Loss?
    /// Whether targets are class numbers, as the metric expects them.
    private(set) var takesClasses = false

    init(configuration: Configuration, output: Shape, loss: Loss?) {
        self.configuration = configuration
        self.output = output
        self.loss = loss
    }

    /// Throws when targets are class numbers.
    func expectNumbers(_ instead: String? = nil) throws(SNNError) {
        guard loss?.takesClasses ?? false else { return }
        throw configuration.failure(
            "it expects a target for each number of the output, the loss class numbers"
                + (instead.map { "; use '\($0)'" } ?? ""))
    }

    /// Throws when targets are no class numbers.
    mutating func expectClasses(_ instead: String? = nil) throws(SNNError) {
        takesClasses = true
        guard let loss, !loss.takesClasses else { return }
        throw configuration.failure(
            "it expects class numbers, the loss a target for each number of the output"
                + (instead.map { "; use '\($0)'" } ?? ""))
    }

    /// Throws when samples are not vectors.
    func expectVectors() throws(SNNError) {
        guard output.rank != 1 else { return }
        throw configuration.failure(
            "it expects an output of one vector a sample, received shape \(output.batchText)")
    }

    /// A list where Keras would report a list of numbers.
    func notOneNumber(_ key: String, _ received: JSON, _ instead: String) -> SNNError {
        SNNError(
            .unsupported,
            "\(configuration.owner): with '\(key)' \(received.shortText) its result is not one "
                + "number; \(instead)")
    }

    /// `thresholds`: a number from 0 to 1, or a list of one.
    mutating func threshold(default value: Float) throws(SNNError) -> Float {
        guard let json = configuration.json("thresholds"), !json.isNull else { return value }
        let elements = json.elements ?? [json]
        let numbers = elements.compactMap { $0.doubleValue }
        guard !elements.isEmpty, numbers.count == elements.count,
            numbers.allSatisfy({ $0 >= 0 && $0 <= 1 })
        else {
            throw configuration.mismatch("thresholds", "a number from 0 to 1", json)
        }
        guard numbers.count == 1 else {
            throw notOneNumber("thresholds", json, "give a metric for each threshold")
        }
        return Float(numbers[0])
    }

    mutating func classID() throws(SNNError) -> Int? {
        try configuration.optionalInteger("class_id", in: 0 ... output.last - 1)
    }

    mutating func lastAxis() throws(SNNError) {
        try configuration.refuse(
            "axis", unless: [.null, -1], because: "vectors lie along the last axis")
    }
}
