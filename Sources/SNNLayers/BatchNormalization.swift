import SNNCore
import SNNGraph
import SNNKernels

/// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta for each channel (Ioffe and Szegedy
/// 2015, Keras's `BatchNormalization`). In training the mean and the biased variance are those of
/// the batch, and the moving ones follow: moving = moving * momentum + batch * (1 - momentum). In
/// inference, and when the layer is frozen, they are the moving ones.
final class BatchNormalization: Layer, ChannelAffine {
    let className = "BatchNormalization"
    private let axis: Int
    private let momentum: Double
    private let epsilon: Double
    private let centers: Bool
    private let scales: Bool
    private let beta: VariableOptions
    private let gamma: VariableOptions
    private let initializers: (mean: any Initializer, variance: any Initializer)

    init(_ options: inout Configuration) throws(SNNError) {
        axis = try options.integers(
            "axis", default: [-1], count: 1 ... 1, in: -Shape.maximumRank ... Shape.maximumRank)[0]
        momentum = try options.number("momentum", default: 0.99, in: 0 ... 1)
        epsilon = try options.number("epsilon", default: 1e-3, in: .positive)
        centers = try options.bool("center", default: true)
        scales = try options.bool("scale", default: true)
        beta = try VariableOptions(&options, "beta", default: Initializers.zeros)
        gamma = try VariableOptions(&options, "gamma", default: Initializers.ones)
        initializers = (
            mean: try options.initializer("moving_mean_initializer", default: Initializers.zeros),
            variance: try options.initializer(
                "moving_variance_initializer", default: Initializers.ones)
        )
        for key in ["synchronized", "renorm"] {
            try options.refuse(key, unless: [.null, false], because: "not done in this version")
        }
        // What Keras writes beside `renorm`.
        options.ignore("renorm_clipping", "renorm_momentum")
    }

    var configuration: [JSON.Member] {
        [
            .init("axis", .integer(Int64(axis))),
            .init("momentum", .number(momentum)),
            .init("epsilon", .number(epsilon)),
            .init("center", .bool(centers)),
            .init("scale", .bool(scales)),
        ] + beta.configuration + gamma.configuration + [
            .init("moving_mean_initializer", Initializers.json(initializers.mean)),
            .init("moving_variance_initializer", Initializers.json(initializers.variance)),
        ]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs, minimumRank: 1)
        try checkLastAxis(axis, of: input)
        return [input]
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        let channels = try Shape([inputs[0].last])
        var variables: [VariableSpecification] = []
        if scales { variables.append(gamma.specification(channels)) }
        if centers { variables.append(beta.specification(channels)) }
        variables.append(
            .init(
                "moving_mean", shape: channels, initializer: initializers.mean, role: .statistic))
        variables.append(
            .init(
                "moving_variance", shape: channels, initializer: initializers.variance,
                role: .statistic))
        return variables
    }

    var epilogueLink: EpilogueLink? { .affine(self) }

    /// By the moving statistics.
    func fold(
        channels: Int, variables: UnsafePointer<UnsafeMutablePointer<Float>?>,
        scale: UnsafeMutablePointer<Float>, shift: UnsafeMutablePointer<Float>
    ) {
        let normalization = ChannelNormalization(
            channels: channels, epsilon: Float(epsilon), centers: centers, scales: scales)
        normalization.fold(
            mean: variables[normalization.meanIndex].unsafelyUnwrapped,
            variance: variables[normalization.varianceIndex].unsafelyUnwrapped,
            scale: scale, shift: shift, variables)
    }

    func operation(for call: LayerCall) -> any Operation {
        let normalization = ChannelNormalization(
            call, epsilon: Float(epsilon), centers: centers, scales: scales)
        guard call.mode == .training, call.isTrainable else {
            return MovingNormalization(normalization)
        }
        return BatchStatisticsNormalization(normalization, momentum: Float(momentum))
    }
}
