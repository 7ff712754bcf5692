/// A JSON value. Objects keep the order of their members; integers and numbers stay apart, so that
/// 64-bit seeds survive and `2` is written as `2`.
package enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([Member])

    package struct Member: Equatable, Sendable {
        package let name: String
        package let value: JSON

        package init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// An object of these members in this order. The names must differ.
    package static func object(_ pairs: (String, JSON)...) -> JSON {
        .object(pairs.map { Member($0.0, $0.1) })
    }

    /// The object `{class_name, config}` as which Keras writes layers, initializers and the like.
    package static func keras(_ className: String, _ config: JSON) -> JSON {
        .object(("class_name", .string(className)), ("config", config))
    }

    /// The value of an object's member; nil when there is none or this is no object.
    package subscript(name: String) -> JSON? {
        members?.first { $0.name == name }?.value
    }

    package var isNull: Bool {
        if case .null = self { true } else { false }
    }

    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// An integer or a number; integers beyond 2^53 are rounded.
    package var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// An integer, or a number without a fraction: Keras files hold `2.0` where 2 is meant.
    package var integerValue: Int? {
        switch self {
        case .integer(let value): Int(value)
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    package var elements: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// Whether both mean the same to a reader: like `==`, but `2` and `2.0` are the same, and so
    /// are two NaNs.
    package func means(_ other: JSON) -> Bool {
        switch (self, other) {
        case (.integer(let left), .integer(let right)):
            return left == right
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return false }
            return left.indices.allSatisfy { left[$0].means(right[$0]) }
        case (.object(let left), .object(let right)):
            guard left.count == right.count else { return false }
            return left.allSatisfy { member in
                right.contains { $0.name == member.name && $0.value.means(member.value) }
            }
        default:
            guard let left = doubleValue, let right = other.doubleValue else {
                return self == other
            }
            return left == right || (left.isNaN && right.isNaN)
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// Keeps the order; the names must differ.
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
