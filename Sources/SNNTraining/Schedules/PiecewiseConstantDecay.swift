import SNNCore

/// values[0] up to step boundaries[0], it included, values[1] up to boundaries[1], and so on.
final class PiecewiseConstantDecay: Schedule {
    let className = "PiecewiseConstantDecay"
    private let boundaries: [Double]
    private let values: [Double]

    init(_ options: inout Configuration) throws(SNNError) {
        boundaries = try PiecewiseConstantDecay.numbers(
            &options, "boundaries", "a list of steps, upward, at least one")
        values = try PiecewiseConstantDecay.numbers(
            &options, "values", "a list of rates, one more than boundaries")
        let areUpward = zip(boundaries, boundaries.dropFirst()).allSatisfy { $0 < $1 }
        guard !boundaries.isEmpty, areUpward, boundaries.count == values.count - 1 else {
            throw options.failure(
                "expected 'boundaries' upward, at least one, and one more of 'values', received "
                    + "\(boundaries.count) boundaries and \(values.count) values")
        }
    }

    private static func numbers(
        _ options: inout Configuration, _ key: String, _ expected: String
    ) throws(SNNError) -> [Double] {
        guard let json = options.json(key) else {
            throw options.failure("'\(key)' is required, \(expected), but missing")
        }
        let numbers = json.elements?.compactMap { $0.doubleValue }.filter {
            LearningRate.range.contains($0)
        }
        guard let numbers, numbers.count == json.elements?.count else {
            throw options.mismatch(key, expected, json)
        }
        return numbers
    }

    var configuration: [JSON.Member] {
        // Keras casts them to the kind of a step.
        let steps = boundaries.map { step in
            Int64(exactly: step).map { JSON.integer($0) } ?? .number(step)
        }
        return [
            .init("boundaries", .array(steps)),
            .init("values", .array(values.map { .number($0) })),
        ]
    }

    func rate(after steps: Int64) -> Double {
        values[boundaries.firstIndex { Double(steps) <= $0 } ?? boundaries.count]
    }
}
