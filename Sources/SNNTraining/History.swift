import SNNCore

/// What each epoch reported, by name, as Keras's `History.history`.
package struct History: Sendable {
    /// Of each epoch a number, or a list of numbers.
    package private(set) var columns: [(name: String, values: [JSON])] = []

    package init() {}

    /// From `json`.
    package init(_ json: JSON) throws(SNNError) {
        for member in json.members ?? [] {
            guard let values = member.value.elements,
                values.allSatisfy({ value in
                    (value.elements ?? [value]).allSatisfy { $0.doubleValue != nil }
                })
            else {
                throw SNNError(.format, "history: expected numbers for '\(member.name)'")
            }
            columns.append((member.name, values))
        }
    }

    /// An epoch's numbers of one name.
    package mutating func append(_ numbers: [Double], to name: String) {
        let value =
            numbers.count == 1 ? JSON.number(numbers[0]) : .array(numbers.map { .number($0) })
        if let index = columns.firstIndex(where: { $0.name == name }) {
            columns[index].values.append(value)
        } else {
            columns.append((name, [value]))
        }
    }

    /// {"loss": [...], ...}
    package var json: JSON {
        .object(columns.map { .init($0.name, .array($0.values)) })
    }
}
