import SNNCore
import SNNGraph

/// A layer that is an activation: Keras's `Activation`, `ReLU`, `LeakyReLU`, `ELU` and `Softmax` differ in
/// how they are configured only.
final class ActivationLayer: Layer {
    let className: String
    let configuration: [JSON.Member]
    private let activation: any Activation

    init(_ className: String, _ activation: any Activation, _ configuration: [JSON.Member]) {
        self.className = className
        self.activation = activation
        self.configuration = configuration
    }

    var unknownToKeras: [String] { activation.isKeras ? [] : [activation.name] }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        [try activation.outputShape(for: soleInput(inputs))]
    }

    var epilogueLink: EpilogueLink? { activation.rectifier.map { .rectifier($0) } }

    func operation(for call: LayerCall) -> any Operation {
        ActivationOperation(activation, on: call.inputs[0])
    }

    /// Any activation by name.
    static func named(_ options: inout Configuration) throws(SNNError) -> any Layer {
        guard options.has("activation") else {
            throw options.failure("'activation' is required, an activation's name, but missing")
        }
        let activation = try options.activation("activation")
        return ActivationLayer(
            "Activation", activation, [.init("activation", activation.json)])
    }

    /// f(x) = max_value for x >= max_value, x for threshold < x < max_value, and
    /// negative_slope * (x - threshold) below.
    static func rectifier(_ options: inout Configuration) throws(SNNError) -> any Layer {
        let maximum = try options.optionalNumber("max_value", in: .nonNegative)
        let slope = try options.number("negative_slope", default: 0, in: .nonNegative)
        let threshold = try options.number("threshold", default: 0, in: .nonNegative)
        return ActivationLayer(
            "ReLU",
            Activations.rectifier(
                "relu", maximum: Float(maximum ?? .infinity), slope: Float(slope),
                threshold: Float(threshold)),
            [
                .init("max_value", maximum.map { .number($0) } ?? .null),
                .init("negative_slope", .number(slope)),
                .init("threshold", .number(threshold)),
            ])
    }

    /// x for x >= 0, else negative_slope * x. Keras 2 says `alpha`.
    static func leakyRectifier(_ options: inout Configuration) throws(SNNError) -> any Layer {
        let key = options.has("alpha") ? "alpha" : "negative_slope"
        options.ignore("negative_slope", "alpha")
        let slope = try options.number(key, default: 0.3)
        return ActivationLayer(
            "LeakyReLU", Activations.rectifier("leaky_relu", slope: Float(slope)),
            [.init("negative_slope", .number(slope))])
    }

    /// x for x > 0, else alpha * (exp(x) - 1).
    static func exponentialLinear(_ options: inout Configuration) throws(SNNError) -> any Layer {
        let alpha = try options.number("alpha", default: 1)
        return ActivationLayer(
            "ELU", Activations.exponentialLinear(alpha: Float(alpha)), [.init("alpha", .number(alpha))])
    }

    /// exp(x) / sum of exp(x) along `axis`.
    static func softmax(_ options: inout Configuration) throws(SNNError) -> any Layer {
        let axes = try options.integers(
            "axis", default: [-1], count: 1 ... 1, in: -Shape.maximumRank ... Shape.maximumRank)
        return ActivationLayer(
            "Softmax", Activations.softmax(axis: axes[0]),
            [.init("axis", .integer(Int64(axes[0])))])
    }
}
