import SNNCore

/// The config of a loss while it is read, and what it is written as: every option with its value.
struct LossOptions {
    var configuration: Configuration
    private(set) var members: [JSON.Member] = []
    /// Whether all options have their defaults, so that the name says everything.
    private(set) var isPlain = true

    init(_ config: JSON, of owner: String) throws(SNNError) {
        configuration = try Configuration(config, of: owner)
        configuration.ignore("name", "dtype")
    }

    mutating func number(
        _ key: String, default value: Double, in range: ClosedRange<Double>
    ) throws(SNNError) -> Double {
        let number = try configuration.number(key, default: value, in: range)
        add(key, .number(number), isDefault: number == value)
        return number
    }

    mutating func bool(_ key: String, default value: Bool) throws(SNNError) -> Bool {
        let bool = try configuration.bool(key, default: value)
        add(key, .bool(bool), isDefault: bool == value)
        return bool
    }

    mutating func optionalInteger(
        _ key: String, in range: ClosedRange<Int>
    ) throws(SNNError) -> Int? {
        let integer = try configuration.optionalInteger(key, in: range)
        add(key, integer.map { .integer(Int64($0)) } ?? .null, isDefault: integer == nil)
        return integer
    }

    mutating func optionalIntegers(
        _ key: String, count: ClosedRange<Int>, in range: ClosedRange<Int>
    ) throws(SNNError) -> [Int]? {
        let integers = try configuration.optionalIntegers(key, count: count, in: range)
        add(
            key, integers.map { .array($0.map { .integer(Int64($0)) }) } ?? .null,
            isDefault: integers == nil)
        return integers
    }

    mutating func labelSmoothing() throws(SNNError) -> Double {
        try number("label_smoothing", default: 0, in: 0 ... 1)
    }

    /// The `axis` of a loss of vectors.
    mutating func lastAxis() throws(SNNError) {
        try configuration.refuse(
            "axis", unless: [.null, -1], because: "vectors lie along the last axis")
    }

    mutating func reduction() throws(SNNError) -> LossReduction {
        // "mean" is another name of the default, "auto" its old one.
        let text = configuration.json("reduction")?.text ?? "sum_over_batch_size"
        if configuration.has("reduction") {
            try configuration.refuse(
                "reduction",
                unless: ["sum_over_batch_size", "mean", "auto", "sum", "mean_with_sample_weight"],
                because: "training needs one number for a batch")
        }
        let reduction = LossReduction(rawValue: text) ?? .sumOverBatchSize
        members.insert(JSON.Member("reduction", .string(reduction.rawValue)), at: 0)
        isPlain = isPlain && reduction == .sumOverBatchSize
        return reduction
    }

    /// Keeps every other option as it is: those of a loss of the host's.
    mutating func keepRest() {
        configuration.ignore("reduction")
        let rest = configuration.rest()
        members += rest
        isPlain = isPlain && rest.isEmpty
    }

    private mutating func add(_ key: String, _ value: JSON, isDefault: Bool) {
        members.append(JSON.Member(key, value))
        isPlain = isPlain && isDefault
    }
}
