import SNNCore

/// What each epoch reported, by name, as Keras's `History.history`.
package struct History: Sendable {
    package private(set) var columns: [(name: String, values: [Double])] = []

    package init() {}

    /// From `json`.
    package init(_ json: JSON) throws(SNNError) {
        for member in json.members ?? [] {
            let values = (member.value.elements ?? []).compactMap { $0.doubleValue }
            guard values.count == member.value.elements?.count else {
                throw SNNError(.format, "history: expected numbers for '\(member.name)'")
            }
            columns.append((member.name, values))
        }
    }

    package mutating func append(_ value: Double, to name: String) {
        if let index = columns.firstIndex(where: { $0.name == name }) {
            columns[index].values.append(value)
        } else {
            columns.append((name, [value]))
        }
    }

    /// {"loss": [...], ...}
    package var json: JSON {
        .object(columns.map { .init($0.name, .array($0.values.map { .number($0) })) })
    }
}
