import CKernels
import SNNCore
import SNNKernels

/// The activations by name: all of Keras 3's, and sin, cos and square.
package enum Activations {
    /// A row of the registry; a new activation is one of these.
    private struct Kind: Sendable {
        let name: String
        var aliases: [String] = []
        /// Makes it from its constants, which only threshold must be given.
        let make: @Sendable (inout Configuration) throws(SNNError) -> any Activation
    }

    package static let linear: any Activation = IdentityActivation()

    /// Reads what stands in a layer's configuration: null, a name, {class_name, config} of an
    /// activation, Keras's wrapping of a function's name, or a serialized layer (ReLU, LeakyReLU,
    /// Softmax ...), which `layers` knows.
    ///
    /// - Parameter owner: what to call the place in an error, such as "Dense 'stem'".
    package static func make(
        _ json: JSON?, for owner: String
    ) throws(SNNError) -> any Activation {
        guard let json, !json.isNull else { return linear }
        if let name = json.text { return try make(named: name, .null, for: owner) }
        guard let className = json["class_name"]?.text else {
            throw SNNError(
                .configuration,
                "\(owner): expected an activation's name or {class_name, config}, received "
                    + json.shortText)
        }
        if className == "function", let name = json["config"]?.text {
            return try make(named: name, .null, for: owner)
        }
        return try make(named: className, json["config"] ?? .null, for: owner)
    }

    package static var names: [String] { kinds.map { $0.name } }

    private static func make(
        named name: String, _ config: JSON, for owner: String
    ) throws(SNNError) -> any Activation {
        guard let kind = kinds.first(where: { $0.name == name || $0.aliases.contains(name) }) else {
            let all = kinds.flatMap { [$0.name] + $0.aliases }
            let hint = nearHint(to: name, among: all)
            throw SNNError(.configuration, "\(owner): unknown activation '\(name)'\(hint)")
        }
        var configuration = try Configuration(config, of: "\(owner): activation '\(name)'")
        configuration.ignore("name", "dtype", "trainable")
        let activation = try kind.make(&configuration)
        try configuration.finish()
        return activation
    }

    // MARK: The registry

    /// A function without constants of the user.
    private static func plain(
        _ name: String, aliases: [String] = [], isKeras: Bool = true,
        backwardReadsInput: Bool = true, constants a: Float = 0, _ b: Float = 0, _ c: Float = 0,
        cost: Int = 30, _ kernels: @escaping ElementwiseActivation.Kernels
    ) -> Kind {
        Kind(name: name, aliases: aliases) { (_) throws(SNNError) -> any Activation in
            ElementwiseActivation(
                name, isKeras: isKeras, backwardReadsInput: backwardReadsInput, constants: a, b, c,
                cost: cost, kernels: kernels)
        }
    }

    private static func alongAxis(
        _ name: String, aliases: [String] = [], _ kernels: @escaping AxisActivation.Kernels
    ) -> Kind {
        Kind(name: name, aliases: aliases) { (options) throws(SNNError) -> any Activation in
            let axis = try options.integer("axis", default: -1, in: -8 ... 8)
            return AxisActivation(name, axis: axis, kernels: kernels)
        }
    }

    /// The kernels of ReLU and its kin, for the layers of that name.
    package static func rectifier(
        _ name: String, json: JSON? = nil, maximum: Float = .infinity, slope: Float = 0,
        threshold: Float = 0
    ) -> any Activation {
        ElementwiseActivation(
            name, json: json, backwardReadsInput: threshold != 0 || slope < 0,
            constants: maximum, slope, threshold, cost: 2,
            rectifier: snnk_rectifier(a: maximum, b: slope, c: threshold)
        ) { ($0.pointee.relu, $0.pointee.relu_gradient) }
    }

    package static func exponentialLinear(alpha: Float) -> any Activation {
        ElementwiseActivation("elu", constants: alpha, 0, 0) {
            ($0.pointee.elu, $0.pointee.elu_gradient)
        }
    }

    package static func softmax(axis: Int) -> any Activation {
        AxisActivation("softmax", axis: axis) { ($0.pointee.softmax, $0.pointee.softmax_gradient) }
    }

    private static let kinds: [Kind] = [
        Kind(name: "linear") { (_) throws(SNNError) -> any Activation in linear },
        Kind(name: "relu", aliases: ["ReLU"]) { (options) throws(SNNError) -> any Activation in
            let slope = try options.number("negative_slope", default: 0)
            let maximum = try options.optionalNumber("max_value")
            let threshold = try options.number("threshold", default: 0)
            let isPlain = slope == 0 && maximum == nil && threshold == 0
            return rectifier(
                "relu",
                json: isPlain
                    ? nil
                    : .keras(
                        "ReLU",
                        .object(
                            ("max_value", maximum.map { .number($0) } ?? .null),
                            ("negative_slope", .number(slope)),
                            ("threshold", .number(threshold)))),
                maximum: Float(maximum ?? .infinity), slope: Float(slope),
                threshold: Float(threshold))
        },
        Kind(name: "relu6") { (_) throws(SNNError) -> any Activation in
            rectifier("relu6", maximum: 6)
        },
        Kind(name: "leaky_relu", aliases: ["LeakyReLU"]) {
            (options) throws(SNNError) -> any Activation in
            // The function's slope is 0.2; the layer's, 0.3, stands in its configuration.
            let slope = try options.number("negative_slope", default: 0.2)
            return rectifier(
                "leaky_relu",
                json: slope == 0.2
                    ? nil : .keras("LeakyReLU", .object(("negative_slope", .number(slope)))),
                slope: Float(slope))
        },
        plain("sigmoid", backwardReadsInput: false) {
            ($0.pointee.sigmoid, $0.pointee.sigmoid_gradient)
        },
        plain("tanh", backwardReadsInput: false) { ($0.pointee.tanh, $0.pointee.tanh_gradient) },
        Kind(name: "elu") { (_) throws(SNNError) -> any Activation in exponentialLinear(alpha: 1) },
        plain("selu") { ($0.pointee.selu, $0.pointee.selu_gradient) },
        plain("celu", constants: 1) { ($0.pointee.celu, $0.pointee.celu_gradient) },
        plain("gelu") { ($0.pointee.gelu, $0.pointee.gelu_gradient) },
        plain("silu", aliases: ["swish"]) { ($0.pointee.silu, $0.pointee.silu_gradient) },
        plain("softplus") { ($0.pointee.softplus, $0.pointee.softplus_gradient) },
        plain("softsign", cost: 6) { ($0.pointee.softsign, $0.pointee.softsign_gradient) },
        plain("exponential", backwardReadsInput: false) {
            ($0.pointee.exponential, $0.pointee.exponential_gradient)
        },
        plain("mish") { ($0.pointee.mish, $0.pointee.mish_gradient) },
        plain("log_sigmoid") { ($0.pointee.log_sigmoid, $0.pointee.log_sigmoid_gradient) },
        plain("hard_sigmoid", cost: 4) {
            ($0.pointee.hard_sigmoid, $0.pointee.hard_sigmoid_gradient)
        },
        plain("hard_silu", aliases: ["hard_swish"], cost: 5) {
            ($0.pointee.hard_silu, $0.pointee.hard_silu_gradient)
        },
        plain("hard_tanh", cost: 2) { ($0.pointee.hard_tanh, $0.pointee.hard_tanh_gradient) },
        plain("tanh_shrink") { ($0.pointee.tanh_shrink, $0.pointee.tanh_shrink_gradient) },
        plain("hard_shrink", constants: 0.5, cost: 3) {
            ($0.pointee.hard_shrink, $0.pointee.hard_shrink_gradient)
        },
        plain("soft_shrink", constants: 0.5, cost: 4) {
            ($0.pointee.soft_shrink, $0.pointee.soft_shrink_gradient)
        },
        plain("squareplus", constants: 4, cost: 20) {
            ($0.pointee.squareplus, $0.pointee.squareplus_gradient)
        },
        plain("sparse_plus", cost: 6) { ($0.pointee.sparse_plus, $0.pointee.sparse_plus_gradient) },
        plain("sparse_sigmoid", cost: 5) {
            ($0.pointee.sparse_sigmoid, $0.pointee.sparse_sigmoid_gradient)
        },
        Kind(name: "threshold") { (options) throws(SNNError) -> any Activation in
            let threshold = try options.number("threshold")
            let value = try options.number("default_value")
            return ElementwiseActivation(
                "threshold",
                json: .keras(
                    "threshold",
                    .object(("threshold", .number(threshold)), ("default_value", .number(value)))),
                isKeras: false, constants: Float(threshold), Float(value), cost: 2
            ) { ($0.pointee.threshold, $0.pointee.threshold_gradient) }
        },
        Kind(name: "glu") { (_) throws(SNNError) -> any Activation in GatedLinearUnit() },
        alongAxis("softmax", aliases: ["Softmax"]) {
            ($0.pointee.softmax, $0.pointee.softmax_gradient)
        },
        alongAxis("log_softmax") { ($0.pointee.log_softmax, $0.pointee.log_softmax_gradient) },
        alongAxis("sparsemax") { ($0.pointee.sparsemax, $0.pointee.sparsemax_gradient) },
        plain("sin", isKeras: false) { ($0.pointee.sin, $0.pointee.sin_gradient) },
        plain("cos", isKeras: false) { ($0.pointee.cos, $0.pointee.cos_gradient) },
        plain("square", isKeras: false, cost: 2) {
            ($0.pointee.square, $0.pointee.square_gradient)
        },
    ]
}
