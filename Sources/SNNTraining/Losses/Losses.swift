import CKernels
import SNNCore
import SNNGraph
import SNNKernels

/// The losses by name: Keras's functions, classes and aliases.
package enum Losses {
    /// A row of the registry; a new loss is one of these.
    struct Kind: Sendable {
        let name: String
        let className: String
        var aliases: [String] = []
        var target = Loss.Target.numbers
        let make: @Sendable (inout LossOptions) throws(SNNError) -> Made

        func isCalled(_ name: String) -> Bool {
            name == self.name || name == className || aliases.contains(name)
        }
    }

    /// What the options of a kind make.
    struct Made {
        let formula: any LossFormula
        var mask = Loss.Mask.none

        init(_ formula: any LossFormula, mask: Loss.Mask = .none) {
            self.formula = formula
            self.mask = mask
        }
    }

    /// A name, or {class_name, config}. nil for null: an output without a loss.
    package static func make(_ json: JSON) throws(SNNError) -> Loss? {
        guard !json.isNull else { return nil }
        guard let name = json.text ?? json["class_name"]?.text else {
            throw SNNError(
                .configuration,
                "loss: expected a name or {class_name, config}, received \(json.shortText)")
        }
        if let reason = refused[name] {
            throw SNNError(.unsupported, "loss '\(name)': \(reason)")
        }
        guard let kind = kinds.first(where: { $0.isCalled(name) }) else {
            if let function = HostLosses.function(name) {
                return try make(hostKind(name, function), json["config"] ?? .null)
            }
            let names = kinds.flatMap { [$0.name, $0.className] + $0.aliases }
            throw SNNError(
                .configuration,
                unknownName(
                    "loss", name, among: names, shown: kinds.map { $0.name },
                    and: "those of your own that are registered; a model can be loaded without its "
                        + "training"))
        }
        return try make(kind, json["config"] ?? .null)
    }

    package static func isLoss(_ name: String) -> Bool {
        isBuiltIn(name) || HostLosses.function(name) != nil
    }

    static func isBuiltIn(_ name: String) -> Bool {
        kinds.contains { $0.isCalled(name) } || refused[name] != nil
    }

    private static func hostKind(_ name: String, _ function: HostLoss.Function) -> Kind {
        Kind(name: name, className: name) { (options) throws(SNNError) in
            let isDerivative = try options.bool("gradient_is_derivative", default: true)
            options.keepRest()
            return Made(HostLoss(name: name, function, gradientIsDerivative: isDerivative))
        }
    }

    private static func make(_ kind: Kind, _ config: JSON) throws(SNNError) -> Loss {
        var options = try LossOptions(config, of: "loss '\(kind.name)'")
        let made = try kind.make(&options)
        let reduction = try options.reduction()
        try options.configuration.finish()
        let members = [JSON.Member("name", .string(kind.name))] + options.members
        return Loss(
            name: kind.name,
            json: options.isPlain
                ? .string(kind.name) : .keras(kind.className, .object(members)),
            target: kind.target, mask: made.mask, reduction: reduction, formula: made.formula)
    }

    private static let kinds = regression + hinges + probabilities + similarities

    /// Keras's losses that this version does not do.
    private static let refused: [String: String] = [
        "CTC": "it needs recurrent layers, which this version does not have",
        "ctc": "it needs recurrent layers, which this version does not have",
        "CategoricalGeneralizedCrossEntropy": "this version does not have it",
        "crossentropy": "say which: binary_, categorical_ or sparse_categorical_crossentropy",
        "ce": "say which: binary_, categorical_ or sparse_categorical_crossentropy",
    ]
}
