import SNNCore
import SNNGraph

/// The optimizers by name.
package enum Optimizers {
    private struct Kind: Sendable {
        let className: String
        let aliases: [String]
        let make: @Sendable (inout Configuration) throws(SNNError) -> any Optimizer

        init(
            _ className: String, _ aliases: String...,
            make: @escaping @Sendable (inout Configuration) throws(SNNError) -> any Optimizer
        ) {
            self.className = className
            self.aliases = aliases
            self.make = make
        }
    }

    /// A name, or {class_name, config}.
    package static func make(_ json: JSON) throws(SNNError) -> any Optimizer {
        guard let name = json.text ?? json["class_name"]?.text else {
            throw SNNError(
                .configuration,
                "optimizer: expected a name or {class_name, config}, received \(json.shortText)")
        }
        guard let kind = kinds.first(where: { $0.className == name || $0.aliases.contains(name) })
        else {
            throw SNNError(
                .configuration, unknownName("optimizer", name, among: kinds.map { $0.className }))
        }
        var options = try Configuration(json["config"] ?? .null, of: "optimizer '\(name)'")
        options.ignore("name", "jit_compile", "is_legacy_optimizer")
        try options.refuse(unlessNull: "loss_scale_factor")
        let optimizer = try kind.make(&options)
        try options.finish()
        return optimizer
    }

    /// {class_name, config} with all that it was made of.
    package static func json(_ optimizer: any Optimizer) -> JSON {
        .keras(optimizer.className, .object(optimizer.configuration))
    }

    /// The same as Keras reads it, without the keys that only this library has; nil where Keras has
    /// no such optimizer or schedule.
    package static func kerasJSON(_ optimizer: any Optimizer) -> JSON? {
        guard optimizer.isKnownToKeras, optimizer.learningRate.isKnownToKeras else { return nil }
        let own = optimizer.rule.ownConfiguration.map { $0.name }
        let config = optimizer.configuration.filter { !own.contains($0.name) }
        return .keras(optimizer.className, .object(config))
    }

    package static var names: [String] { kinds.map { $0.className } }

    private static let kinds: [Kind] = [
        Kind("SGD", "sgd") { (options) throws(SNNError) in try SGD(&options) },
        Kind("RMSprop", "rmsprop") { (options) throws(SNNError) in try RMSprop(&options) },
        Kind("Adam", "adam") { (options) throws(SNNError) in try Adam(&options) },
        Kind("AdamW", "adamw") { (options) throws(SNNError) in
            try Adam(&options, className: "AdamW", defaultDecay: 0.004)
        },
        Kind("Adadelta", "adadelta") { (options) throws(SNNError) in try Adadelta(&options) },
        Kind("Adagrad", "adagrad") { (options) throws(SNNError) in try Adagrad(&options) },
        Kind("Adamax", "adamax") { (options) throws(SNNError) in try Adamax(&options) },
        Kind("Nadam", "nadam") { (options) throws(SNNError) in try Nadam(&options) },
        Kind("Ftrl", "ftrl") { (options) throws(SNNError) in try Ftrl(&options) },
        Kind("Lion", "lion") { (options) throws(SNNError) in try Lion(&options) },
        Kind("Adafactor", "adafactor") { (options) throws(SNNError) in try Adafactor(&options) },
        Kind("Muon", "muon") { (options) throws(SNNError) in try Muon(&options) },
        Kind("LBFGS", "lbfgs") { (options) throws(SNNError) in try LBFGS(&options) },
    ]
}
