// Each read comes in two forms: one with a default, where nil means that the key is required and
// null is refused, and an optional one, where missing and null are both nil.
//
// None is inlined where options are read: there are hundreds of such places.
extension Configuration {
    @inline(never)
    package mutating func integer(
        _ key: String, default value: Int? = nil, in range: ClosedRange<Int>
    ) throws(SNNError) -> Int {
        if let value, !has(key) {
            ignore(key)
            return value
        }
        let json = try required(key, Configuration.text(of: range))
        return try integer(key, json, in: range)
    }

    @inline(never)
    package mutating func optionalInteger(
        _ key: String, in range: ClosedRange<Int>
    ) throws(SNNError) -> Int? {
        guard let json = optional(key) else { return nil }
        return try integer(key, json, in: range)
    }

    /// NaN is always refused, an infinity unless the range ends there.
    @inline(never)
    package mutating func number(
        _ key: String, default value: Double? = nil, in range: ClosedRange<Double> = .finite
    ) throws(SNNError) -> Double {
        if let value, !has(key) {
            ignore(key)
            return value
        }
        let json = try required(key, Configuration.text(of: range))
        return try number(key, json, in: range)
    }

    @inline(never)
    package mutating func optionalNumber(
        _ key: String, in range: ClosedRange<Double> = .finite
    ) throws(SNNError) -> Double? {
        guard let json = optional(key) else { return nil }
        return try number(key, json, in: range)
    }

    @inline(never)
    package mutating func bool(_ key: String, default value: Bool? = nil) throws(SNNError) -> Bool {
        if let value, !has(key) {
            ignore(key)
            return value
        }
        let json = try required(key, "true or false")
        guard let value = json.boolValue else { throw mismatch(key, "true or false", json) }
        return value
    }

    @inline(never)
    package mutating func optionalBool(_ key: String) throws(SNNError) -> Bool? {
        guard let json = optional(key) else { return nil }
        guard let value = json.boolValue else { throw mismatch(key, "true or false", json) }
        return value
    }

    @inline(never)
    package mutating func string(
        _ key: String, default value: String? = nil
    ) throws(SNNError) -> String {
        if let value, !has(key) {
            ignore(key)
            return value
        }
        let json = try required(key, "a text")
        guard let text = json.text else { throw mismatch(key, "a text", json) }
        return text
    }

    @inline(never)
    package mutating func optionalString(_ key: String) throws(SNNError) -> String? {
        guard let json = optional(key) else { return nil }
        guard let text = json.text else { throw mismatch(key, "a text", json) }
        return text
    }

    /// A text that is one of `choices`.
    @inline(never)
    package mutating func choice(
        _ key: String, default value: String? = nil, among choices: [String]
    ) throws(SNNError) -> String {
        if let value, !has(key) {
            ignore(key)
            return value
        }
        let expected = choices.map { "'\($0)'" }.joined(separator: " or ")
        let json = try required(key, expected)
        guard let text = json.text, choices.contains(text) else {
            throw mismatch(key, expected, json)
        }
        return text
    }

    /// A list of `count` integers, or a single one, which gives a list of one.
    @inline(never)
    package mutating func integers(
        _ key: String, default value: [Int]? = nil, count: ClosedRange<Int>,
        in range: ClosedRange<Int>
    ) throws(SNNError) -> [Int] {
        if let value, !has(key) {
            ignore(key)
            return value
        }
        let json = try required(key, Configuration.text(of: range, count: count))
        return try integers(key, json, count: count, in: range)
    }

    @inline(never)
    package mutating func optionalIntegers(
        _ key: String, count: ClosedRange<Int>, in range: ClosedRange<Int>
    ) throws(SNNError) -> [Int]? {
        guard let json = optional(key) else { return nil }
        return try integers(key, json, count: count, in: range)
    }

    private func integer(
        _ key: String, _ json: JSON, in range: ClosedRange<Int>
    ) throws(SNNError) -> Int {
        guard let value = json.integerValue, range.contains(value) else {
            throw mismatch(key, Configuration.text(of: range), json)
        }
        return value
    }

    private func number(
        _ key: String, _ json: JSON, in range: ClosedRange<Double>
    ) throws(SNNError) -> Double {
        guard let value = json.doubleValue, range.contains(value) else {
            throw mismatch(key, Configuration.text(of: range), json)
        }
        return value
    }

    private func integers(
        _ key: String, _ json: JSON, count: ClosedRange<Int>, in range: ClosedRange<Int>
    ) throws(SNNError) -> [Int] {
        let elements = json.elements ?? [json]
        let values = elements.compactMap { $0.integerValue }
        guard values.count == elements.count, json.elements == nil || count.contains(values.count),
            values.allSatisfy(range.contains)
        else {
            throw mismatch(key, Configuration.text(of: range, count: count), json)
        }
        return values
    }
}
