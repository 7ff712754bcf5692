import SNNCore

/// The callbacks by name.
package enum Callbacks {
    private struct Kind: Sendable {
        let className: String
        let make: @Sendable (inout Configuration) throws(SNNError) -> any TrainingCallback
    }

    private static let kinds: [Kind] = [
        Kind(className: "EarlyStopping") { (options) throws(SNNError) in
            try EarlyStopping(&options)
        },
        Kind(className: "ReduceLROnPlateau") { (options) throws(SNNError) in
            try ReduceLROnPlateau(&options)
        },
        Kind(className: "ModelCheckpoint") { (options) throws(SNNError) in
            try ModelCheckpoint(&options)
        },
        Kind(className: "BackupAndRestore") { (options) throws(SNNError) in
            try BackupAndRestore(&options)
        },
        Kind(className: "SwapEMAWeights") { (options) throws(SNNError) in
            try SwapEMAWeights(&options)
        },
        Kind(className: "TerminateOnNaN") { (options) throws(SNNError) in
            TerminateOnNaN()
        },
        Kind(className: "CSVLogger") { (options) throws(SNNError) in
            try CSVLogger(&options)
        },
    ]

    /// A list of names or {class_name, config}; null is none.
    package static func make(_ json: JSON) throws(SNNError) -> [any TrainingCallback] {
        guard !json.isNull else { return [] }
        guard let elements = json.elements else {
            throw SNNError(
                .configuration,
                "callbacks: expected a list of names or {class_name, config}, received "
                    + json.shortText)
        }
        var made: [any TrainingCallback] = []
        for element in elements { made.append(try one(element)) }
        return made
    }

    private static func one(_ json: JSON) throws(SNNError) -> any TrainingCallback {
        guard let name = json.text ?? json["class_name"]?.text else {
            throw SNNError(
                .configuration,
                "callbacks: expected a name or {class_name, config}, received \(json.shortText)")
        }
        guard let kind = kinds.first(where: { $0.className == name }) else {
            throw SNNError(
                .configuration, unknownName("callback", name, among: kinds.map { $0.className }))
        }
        var options = try Configuration(json["config"] ?? .null, of: "callback '\(name)'")
        let callback = try kind.make(&options)
        try options.finish()
        return callback
    }
}
