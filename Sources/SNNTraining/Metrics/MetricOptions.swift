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

    /// `thresholds`: a number from 0 to 1 or a list of such, and for each of them, from the lowest,
    /// its place in the list.
    mutating func thresholds(
        default value: Float
    ) throws(SNNError) -> (ConfusionMetric.Thresholds, places: [Int]) {
        guard let json = configuration.json("thresholds"), !json.isNull else {
            return (.list([value]), [0])
        }
        let elements = json.elements ?? [json]
        let numbers = elements.compactMap { $0.doubleValue }
        guard 1 ... 4096 ~= elements.count, numbers.count == elements.count,
            numbers.allSatisfy({ $0 >= 0 && $0 <= 1 })
        else {
            throw configuration.mismatch(
                "thresholds", "a number from 0 to 1, or a list of up to 4096", json)
        }
        let places = sortedIndices(numbers.count) { numbers[$0] < numbers[$1] }
        if MetricOptions.isEven(numbers) {
            return (.even(count: numbers.count, isOpen: false), places)
        }
        return (.list(places.map { Float(numbers[$0]) }), places)
    }

    /// Whether the numbers are those from 0 to 1 in even steps, which Keras compares with in another
    /// way.
    static func isEven(_ numbers: [Double]) -> Bool {
        guard numbers.count >= 3 else { return false }
        return numbers.indices.allSatisfy { index in
            let even = Double(index) / Double(numbers.count - 1)
            return (numbers[index] - even).magnitude <= 1e-7 + 1e-5 * even
        }
    }

    mutating func classID() throws(SNNError) -> Int? {
        try configuration.optionalInteger("class_id", in: 0 ... output.last - 1)
    }

    mutating func lastAxis() throws(SNNError) {
        try configuration.refuse(
            "axis", unless: [.null, -1], because: "vectors lie along the last axis")
    }
}
