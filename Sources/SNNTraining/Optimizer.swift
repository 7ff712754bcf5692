import SNNCore
import SNNGraph
import SNNKernels

/// How gradients change parameters. It works on the flat buffers, range by range and in one pass
/// over each; its own state (moments) has the layout of the parameters.
package protocol Optimizer: AnyObject {
    /// Keras's class name.
    var className: String { get }
    /// Keras's configuration keys, `learning_rate` among them.
    var configuration: [JSON.Member] { get }
    var learningRate: Double { get set }
    /// What comes before the step itself.
    var rule: UpdateRule { get }

    /// Names of the state's buffers, in Keras's order.
    var slotNames: [String] { get }

    /// One step on `range` of the parameters.
    ///
    /// - Parameters:
    ///   - slots: the state's buffers, as many as `slotNames`.
    ///   - factor: what the gradients are multiplied by first, to limit their norm; see
    ///     `GradientSurvey`.
    ///   - iteration: the steps done before this one.
    func update(
        _ range: Range<Int>, of parameters: UnsafeMutablePointer<Float>,
        gradients: UnsafePointer<Float>, factor: Float, slots: [Buffer<Float>], iteration: Int64,
        kernels: UnsafePointer<KernelTable>, workers: Workers)
}

/// The optimizers by name.
package enum Optimizers {
    private struct Kind: Sendable {
        let className: String
        let aliases: [String]
        let make: @Sendable (inout Configuration) throws(SNNError) -> any Optimizer
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
            let near = nearestName(to: name, among: kinds.map { $0.className })
            throw SNNError(
                .configuration,
                "unknown optimizer '\(name)'; "
                    + (near.map { "did you mean '\($0)'?" }
                        ?? "known are \(kinds.map { $0.className }.joined(separator: ", "))"))
        }
        var options = try Configuration(json["config"] ?? .null, of: "optimizer '\(name)'")
        options.ignore("name", "jit_compile", "is_legacy_optimizer")
        try options.refuse(
            unlessNull: "loss_scale_factor", "gradient_accumulation_steps",
            "ema_overwrite_frequency")
        try options.refuse("use_ema", unless: [.null, false], because: "not done in this version")
        options.ignore("ema_momentum")
        let optimizer = try kind.make(&options)
        try options.finish()
        return optimizer
    }

    /// {class_name, config} as Keras writes it.
    package static func json(_ optimizer: any Optimizer) -> JSON {
        .keras(optimizer.className, .object(optimizer.configuration))
    }

    private static let kinds: [Kind] = [
        Kind(className: "SGD", aliases: ["sgd"]) { (options) throws(SNNError) in
            try SGD(&options)
        },
        Kind(className: "Adam", aliases: ["adam"]) { (options) throws(SNNError) in
            try Adam(&options)
        },
        Kind(className: "AdamW", aliases: ["adamw"]) { (options) throws(SNNError) in
            try Adam(&options, className: "AdamW", defaultDecay: 0.004)
        },
    ]
}

/// What a learning rate may be: a number that is finite as a float too.
package enum LearningRate {
    package static let range = 0 ... Double(Float.greatestFiniteMagnitude)
}

extension Configuration {
    mutating func learningRate(default rate: Double) throws(SNNError) -> Double {
        if let schedule = json("learning_rate"), schedule["class_name"] != nil {
            throw SNNError(
                .unsupported,
                "\(owner): 'learning_rate' must be a number, received \(schedule.shortText): "
                    + "schedules are not done in this version")
        }
        return try number("learning_rate", default: rate, in: LearningRate.range)
    }
}
