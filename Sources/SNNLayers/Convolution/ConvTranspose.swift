import SNNCore
import SNNGraph

/// What goes backward through a convolution, as a layer: each place of the input adds its kernel to
/// the places of the output around it (Keras's `Conv1DTranspose`, `Conv2DTranspose` and
/// `Conv3DTranspose`, channels last). Its kernel is [axes, filters, channels].
final class ConvTranspose: Layer {
    let className: String
    private let filters: Int
    private let window: WindowOptions
    private let outputPadding: [Int]?
    private let usesBias: Bool
    private let activation: any Activation
    private let kernel: VariableOptions
    private let bias: VariableOptions

    init(_ options: inout Configuration, axes: Int) throws(SNNError) {
        className = "Conv\(axes)DTranspose"
        filters = try options.integer("filters", in: 1 ... Int(Int32.max))
        window = try WindowOptions(&options, axes: axes, padding: Padding.choices)
        let padding = try options.optionalIntegers(
            "output_padding", count: axes ... axes, in: 0 ... Int(Int32.max))
        outputPadding = padding.map {
            $0.count == axes ? $0 : [Int](repeating: $0[0], count: axes)
        }
        activation = try options.activation("activation")
        usesBias = try options.bool("use_bias", default: true)
        kernel = try VariableOptions(&options, "kernel", default: Initializers.glorotUniform)
        bias = try VariableOptions(&options, "bias", default: Initializers.zeros)
        if let outputPadding {
            for axis in 0 ..< axes where outputPadding[axis] >= window.strides[axis] {
                throw options.failure(
                    "'output_padding' must be less than 'strides', received "
                        + Shape.text(of: outputPadding) + " and "
                        + Shape.text(of: window.strides))
            }
        }
    }

    var configuration: [JSON.Member] {
        [
            .init("filters", .integer(Int64(filters))),
            .init("output_padding", outputPadding.map { WindowOptions.json($0) } ?? .null),
        ] + window.configuration + [
            .init("activation", activation.json),
            .init("use_bias", .bool(usesBias)),
        ] + kernel.configuration + bias.configuration
    }

    var unknownToKeras: [String] { activation.isKeras ? [] : [activation.name] }

    /// Of the convolution that this is the reverse of.
    private func geometry(for inputs: [Shape]) throws(SNNError) -> ConvolutionGeometry {
        let input = try soleInput(inputs)
        let axes = try window.forEachAxis(of: input) { (extent, axis) throws(SNNError) in
            try SpatialAxis(
                transposing: extent, kernel: window.kernelSize[axis],
                stride: window.strides[axis], dilation: window.dilations[axis],
                padding: window.padding, outputPadding: outputPadding?[axis])
        }
        return ConvolutionGeometry(axes, channels: filters, filters: input.last, groups: 1)
    }

    private func sumShape(for inputs: [Shape]) throws(SNNError) -> Shape {
        let geometry = try geometry(for: inputs)
        return try Shape(geometry.inputExtents(window.axes) + [filters])
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        [try activation.outputShape(for: sumShape(for: inputs))]
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        let input = try soleInput(inputs)
        let kernel = kernel.specification(try Shape(window.kernelSize + [filters, input.last]))
        return usesBias ? [kernel, bias.specification(try Shape([filters]))] : [kernel]
    }

    func operation(for call: LayerCall) -> any Operation {
        // Both were checked when the layer was called.
        guard let geometry = try? geometry(for: call.inputs),
            let sums = try? sumShape(for: call.inputs)
        else { return IdentityOperation() }
        return ConvolutionOperation(
            call, geometry.method(in: call.mode), isTransposed: true, usesBias: usesBias, activation: activation,
            sums: sums)
    }
}
