import SNNCore
import SNNGraph

/// A convolution of each channel by itself, with `depth_multiplier` outputs of each: output channel
/// c * depth_multiplier + j sees channel c alone (Keras's `DepthwiseConv1D` and `DepthwiseConv2D`,
/// channels last). Its kernel is [axes, channels, depth_multiplier].
final class DepthwiseConv: Layer {
    let className: String
    private let window: WindowOptions
    private let multiplier: Int
    private let usesBias: Bool
    private let activation: any Activation
    private let kernel: VariableOptions
    private let bias: VariableOptions

    init(_ options: inout Configuration, axes: Int) throws(SNNError) {
        className = "DepthwiseConv\(axes)D"
        window = try WindowOptions(&options, axes: axes, padding: Padding.choices)
        multiplier = try options.integer("depth_multiplier", default: 1, in: 1 ... Int(Int32.max))
        activation = try options.activation("activation")
        usesBias = try options.bool("use_bias", default: true)
        kernel = try VariableOptions(&options, "depthwise", default: Initializers.glorotUniform)
        bias = try VariableOptions(&options, "bias", default: Initializers.zeros)
    }

    var configuration: [JSON.Member] {
        window.configuration + [
            .init("depth_multiplier", .integer(Int64(multiplier))),
            .init("activation", activation.json),
            .init("use_bias", .bool(usesBias)),
        ] + kernel.configuration + bias.configuration
    }

    var unknownToKeras: [String] { activation.isKeras ? [] : [activation.name] }

    private func geometry(for inputs: [Shape]) throws(SNNError) -> ConvolutionGeometry {
        let input = try soleInput(inputs)
        return try ConvolutionGeometry.depthwise(
            window.axes(for: input), channels: input.last, multiplier: multiplier)
    }

    private func sumShape(for inputs: [Shape]) throws(SNNError) -> Shape {
        let geometry = try geometry(for: inputs)
        return try Shape(geometry.outputExtents(window.axes) + [geometry.filters])
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        [try activation.outputShape(for: sumShape(for: inputs))]
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        let geometry = try geometry(for: inputs)
        let kernel = kernel.specification(
            try Shape(window.kernelSize + [geometry.channels, multiplier]), named: "kernel")
        return usesBias ? [kernel, bias.specification(try Shape([geometry.filters]))] : [kernel]
    }

    var takesEpilogue: Bool { activation.isIdentity }

    func operation(for call: LayerCall) -> any Operation {
        // Both were checked when the layer was called.
        guard let geometry = try? geometry(for: call.inputs),
            let sums = try? sumShape(for: call.inputs)
        else { return IdentityOperation() }
        return ConvolutionOperation(
            call, geometry.method(in: call.mode), usesBias: usesBias, activation: activation,
            kernelRows: geometry.reach, sums: sums)
    }
}

extension ConvolutionGeometry {
    /// Each channel is a group of its own: the kernel lies as [axes, 1, filters] does.
    static func depthwise(
        _ axes: [SpatialAxis], channels: Int, multiplier: Int
    ) throws(SNNError) -> ConvolutionGeometry {
        let filters = try Shape([channels, multiplier]).count
        return ConvolutionGeometry(axes, channels: channels, filters: filters, groups: channels)
    }
}
