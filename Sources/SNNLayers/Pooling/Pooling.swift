import SNNCore
import SNNGraph

/// The largest number or the mean of what a window covers, for each channel: Keras's `MaxPooling1D`,
/// `2D` and `3D` and `AveragePooling1D`, `2D` and `3D`, channels last.
final class Pooling: Layer {
    let className: String
    private let kind: PoolingKind
    private let window: WindowOptions

    /// - Parameter axes: of the places: 1, 2 or 3.
    init(
        _ options: inout Configuration, _ kind: PoolingKind, axes: Int
    ) throws(SNNError) {
        className = "\(kind.name)Pooling\(axes)D"
        self.kind = kind
        // Keras's averages have no default.
        window = try WindowOptions(
            pooling: &options, axes: axes, defaultSize: kind == .maximum ? 2 : nil)
    }

    var configuration: [JSON.Member] {
        [
            .init("pool_size", WindowOptions.json(window.kernelSize)),
            .init("padding", window.padding.json),
            .init("strides", WindowOptions.json(window.strides)),
        ]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let geometry = try geometry(of: try soleInput(inputs))
        try geometry.checkPlaces()
        return [try Shape(geometry.outputExtents(window.axes) + [geometry.channels])]
    }

    func operation(for call: LayerCall) -> any Operation {
        // Checked by `outputShapes`.
        let geometry =
            (try? geometry(of: call.inputs[0])) ?? ConvolutionGeometry(poolingAllOf: call.inputs[0])
        return PoolingOperation(call, kind, geometry)
    }

    private func geometry(of input: Shape) throws(SNNError) -> ConvolutionGeometry {
        ConvolutionGeometry(pooling: try window.axes(for: input), channels: input.last)
    }
}

extension WindowOptions {
    /// What the configuration of a pooling says: its keys have other names, and a window moves by its
    /// size where nothing else is said.
    init(
        pooling options: inout Configuration, axes: Int, defaultSize: Int?
    ) throws(SNNError) {
        self.axes = axes
        kernelSize = try options.extents("pool_size", axes, default: defaultSize)
        let isGiven = !(options.json("strides") ?? .null).isNull
        strides = isGiven ? try options.extents("strides", axes) : kernelSize
        dilations = [Int](repeating: 1, count: axes)
        padding = try Padding(&options)
    }
}
