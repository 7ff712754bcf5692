import SNNCore
import SNNGraph
import SNNKernels

/// The losses by name: Keras's functions, classes and aliases.
package enum Losses {
    /// A row of the registry; a new loss is one of these.
    private struct Kind: Sendable {
        let name: String
        let className: String
        var aliases: [String] = []
        let takesClasses: Bool
        let takesSmoothing: Bool
        let kernels: Loss.Selection
        /// With `from_logits`; nil where the loss knows no logits.
        let logitsKernels: Loss.Selection?
    }

    /// A name, or {class_name, config}. nil for null: an output without a loss.
    package static func make(_ json: JSON) throws(SNNError) -> Loss? {
        guard !json.isNull else { return nil }
        guard let name = json.text ?? json["class_name"]?.text else {
            throw SNNError(
                .configuration,
                "loss: expected a name or {class_name, config}, received \(json.shortText)")
        }
        let names = kinds.flatMap { [$0.name, $0.className] + $0.aliases }
        guard
            let kind = kinds.first(where: {
                $0.name == name || $0.className == name || $0.aliases.contains(name)
            })
        else {
            let near = nearestName(to: name, among: names)
            throw SNNError(
                .configuration,
                "unknown loss '\(name)'; "
                    + (near.map { "did you mean '\($0)'?" }
                        ?? "known are \(kinds.map { $0.name }.joined(separator: ", "))"))
        }
        return try make(kind, json["config"] ?? .null)
    }

    package static func isLoss(_ name: String) -> Bool {
        kinds.contains { $0.name == name || $0.className == name || $0.aliases.contains(name) }
    }

    private static func make(_ kind: Kind, _ config: JSON) throws(SNNError) -> Loss {
        var options = try Configuration(config, of: "loss '\(kind.name)'")
        options.ignore("name", "dtype")
        try options.refuse(
            "reduction", unless: [.null, "sum_over_batch_size", "auto"],
            because: "this version reduces in no other way")
        var fromLogits = false
        var smoothing = 0.0
        if kind.logitsKernels != nil {
            fromLogits = try options.bool("from_logits", default: false)
            try options.refuse("axis", unless: [.null, -1], because: "classes are the last axis")
            try options.refuse(unlessNull: "ignore_class")
        }
        if kind.takesSmoothing {
            smoothing = try options.number("label_smoothing", default: 0, in: 0 ... 1)
        }
        try options.finish()

        var members: [JSON.Member] = [
            .init("name", .string(kind.name)), .init("reduction", "sum_over_batch_size"),
        ]
        if kind.logitsKernels != nil { members.append(.init("from_logits", .bool(fromLogits))) }
        if kind.takesSmoothing { members.append(.init("label_smoothing", .number(smoothing))) }
        let isPlain = !fromLogits && smoothing == 0
        return Loss(
            name: kind.name,
            json: isPlain ? .string(kind.name) : .keras(kind.className, .object(members)),
            takesClasses: kind.takesClasses, smoothing: Float(smoothing),
            kernels: fromLogits ? kind.logitsKernels ?? kind.kernels : kind.kernels)
    }

    private static let kinds: [Kind] = [
        Kind(
            name: "mean_squared_error", className: "MeanSquaredError", aliases: ["mse", "MSE"],
            takesClasses: false, takesSmoothing: false,
            kernels: {
                .init(
                    values: $0.pointee.mean_squared_error,
                    gradient: $0.pointee.mean_squared_error_gradient)
            },
            logitsKernels: nil),
        Kind(
            name: "mean_absolute_error", className: "MeanAbsoluteError", aliases: ["mae", "MAE"],
            takesClasses: false, takesSmoothing: false,
            kernels: {
                .init(
                    values: $0.pointee.mean_absolute_error,
                    gradient: $0.pointee.mean_absolute_error_gradient)
            },
            logitsKernels: nil),
        Kind(
            name: "binary_crossentropy", className: "BinaryCrossentropy", aliases: ["bce", "BCE"],
            takesClasses: false, takesSmoothing: true,
            kernels: {
                .init(
                    values: $0.pointee.binary_crossentropy,
                    gradient: $0.pointee.binary_crossentropy_gradient)
            },
            logitsKernels: {
                .init(
                    values: $0.pointee.binary_crossentropy_logits,
                    gradient: $0.pointee.binary_crossentropy_logits_gradient)
            }),
        Kind(
            name: "categorical_crossentropy", className: "CategoricalCrossentropy",
            takesClasses: false, takesSmoothing: true,
            kernels: {
                .init(
                    values: $0.pointee.categorical_crossentropy,
                    gradient: $0.pointee.categorical_crossentropy_gradient)
            },
            logitsKernels: {
                .init(
                    values: $0.pointee.categorical_crossentropy_logits,
                    gradient: $0.pointee.categorical_crossentropy_logits_gradient,
                    both: $0.pointee.categorical_crossentropy_logits_and_gradient)
            }),
        Kind(
            name: "sparse_categorical_crossentropy", className: "SparseCategoricalCrossentropy",
            takesClasses: true, takesSmoothing: false,
            kernels: {
                .init(
                    values: $0.pointee.sparse_categorical_crossentropy,
                    gradient: $0.pointee.sparse_categorical_crossentropy_gradient)
            },
            logitsKernels: {
                .init(
                    values: $0.pointee.sparse_categorical_crossentropy_logits,
                    gradient: $0.pointee.sparse_categorical_crossentropy_logits_gradient,
                    both: $0.pointee.sparse_categorical_crossentropy_logits_and_gradient)
            }),
    ]
}
