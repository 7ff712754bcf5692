import SNNCore
import SNNGraph

/// y = activation(x * kernel + bias), where * is the cross-correlation of the places of an image
/// [axes, channels] with a kernel [axes, channels / groups, filters] (Keras's `Conv1D`, `Conv2D` and
/// `Conv3D`, channels last). With groups each part of the filters sees its part of the channels.
final class Convolution: Layer {
    let className: String
    private let filters: Int
    private let window: WindowOptions
    private let groups: Int
    private let usesBias: Bool
    private let activation: any Activation
    private let kernel: VariableOptions
    private let bias: VariableOptions

    /// - Parameter axes: of the places: 1, 2 or 3.
    init(_ options: inout Configuration, axes: Int) throws(SNNError) {
        className = "Conv\(axes)D"
        filters = try options.integer("filters", in: 1 ... Int(Int32.max))
        window = try WindowOptions(
            &options, axes: axes,
            padding: axes == 1 ? Padding.choicesOfSequences : Padding.choices)
        groups = try options.integer("groups", default: 1, in: 1 ... Int(Int32.max))
        activation = try options.activation("activation")
        usesBias = try options.bool("use_bias", default: true)
        kernel = try VariableOptions(&options, "kernel", default: Initializers.glorotUniform)
        bias = try VariableOptions(&options, "bias", default: Initializers.zeros)
        try options.refuse(unlessNull: "lora_rank", "lora_alpha", "quantization_config")
        guard filters % groups == 0 else {
            throw options.failure(
                "'groups' must divide 'filters', received \(groups) and \(filters)")
        }
    }

    var configuration: [JSON.Member] {
        [.init("filters", .integer(Int64(filters)))] + window.configuration + [
            .init("groups", .integer(Int64(groups))),
            .init("activation", activation.json),
            .init("use_bias", .bool(usesBias)),
        ] + kernel.configuration + bias.configuration
    }

    var unknownToKeras: [String] { activation.isKeras ? [] : [activation.name] }

    private func geometry(for inputs: [Shape]) throws(SNNError) -> ConvolutionGeometry {
        let input = try soleInput(inputs)
        let axes = try window.axes(for: input)
        guard input.last % groups == 0 else {
            throw SNNError(
                .shape,
                "expected a number of channels that 'groups' \(groups) divides, received input "
                    + input.batchText)
        }
        return ConvolutionGeometry(axes, channels: input.last, filters: filters, groups: groups)
    }

    private func sumShape(for inputs: [Shape]) throws(SNNError) -> Shape {
        let geometry = try geometry(for: inputs)
        return try Shape(geometry.outputExtents(window.axes) + [filters])
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        [try activation.outputShape(for: sumShape(for: inputs))]
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        let geometry = try geometry(for: inputs)
        let kernel = kernel.specification(
            try Shape(window.kernelSize + [geometry.groupChannels, filters]))
        return usesBias ? [kernel, bias.specification(try Shape([filters]))] : [kernel]
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
