import SNNCore

/// Named values: how training state reaches a file and comes back, without the two knowing each
/// other. The order is that of insertion.
package struct StateDictionary: Sendable {
    package enum Value: Sendable {
        case integer(Int64)
        case number(Double)
        case text(String)
        case numbers([Double])
        /// Model-sized values: memory of `count` floats that lives as long as `owner`.
        case floats(FloatValues)
    }

    package struct FloatValues: @unchecked Sendable {
        // Sendable: read only, and the owner is kept.
        package let pointer: UnsafeMutablePointer<Float>
        package let count: Int
        private let owner: Buffer<Float>

        package init(_ owner: Buffer<Float>, offset: Int = 0, count: Int? = nil) {
            self.owner = owner
            pointer = owner.pointer + offset
            self.count = count ?? owner.count
        }
    }

    package private(set) var entries: [(name: String, value: Value)] = []
    private var places: [String: Int] = [:]

    package init() {}

    package mutating func set(_ name: String, _ value: Value) {
        if let place = places[name] {
            entries[place].value = value
        } else {
            places[name] = entries.count
            entries.append((name, value))
        }
    }

    package func value(_ name: String) -> Value? {
        places[name].map { entries[$0].value }
    }

    // Typed reads; a missing or other value says that the file is not sound.

    package func integer(_ name: String) throws(SNNError) -> Int64 {
        if case .integer(let value)? = value(name) { return value }
        throw unsound(name, "an integer")
    }

    package func number(_ name: String) throws(SNNError) -> Double {
        if case .number(let value)? = value(name) { return value }
        throw unsound(name, "a number")
    }

    package func text(_ name: String) throws(SNNError) -> String {
        if case .text(let value)? = value(name) { return value }
        throw unsound(name, "a text")
    }

    package func numbers(_ name: String) throws(SNNError) -> [Double] {
        if case .numbers(let value)? = value(name) { return value }
        throw unsound(name, "a list of numbers")
    }

    package func floats(_ name: String, count: Int) throws(SNNError) -> FloatValues {
        if case .floats(let value)? = value(name), value.count == count { return value }
        throw unsound(name, "\(count) floats")
    }

    private func unsound(_ name: String, _ expected: String) -> SNNError {
        SNNError(.format, "training state: expected '\(name)' to be \(expected)")
    }
}
