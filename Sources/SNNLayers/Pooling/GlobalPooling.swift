import SNNCore
import SNNGraph

/// The largest number or the mean of all places, for each channel: Keras's `GlobalMaxPooling1D`,
/// `2D` and `3D` and `GlobalAveragePooling1D`, `2D` and `3D`, channels last.
final class GlobalPooling: Layer {
    let className: String
    private let kind: PoolingKind
    private let axes: Int
    private let keepsAxes: Bool

    /// - Parameter axes: of the places: 1, 2 or 3.
    init(
        _ options: inout Configuration, _ kind: PoolingKind, axes: Int
    ) throws(SNNError) {
        className = "Global\(kind.name)Pooling\(axes)D"
        self.kind = kind
        self.axes = axes
        keepsAxes = try options.bool("keepdims", default: false)
    }

    var configuration: [JSON.Member] {
        [.init("keepdims", .bool(keepsAxes))]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs, rank: axes + 1)
        let geometry = ConvolutionGeometry(poolingAllOf: input)
        try geometry.checkPlaces()
        return [try Shape(geometry.outputExtents(keepsAxes ? axes : 0) + [input.last])]
    }

    func operation(for call: LayerCall) -> any Operation {
        switch kind {
        case .maximum:
            PoolingOperation(call, kind, ConvolutionGeometry(poolingAllOf: call.inputs[0]))
        case .average: MeanOperation(call)
        }
    }
}
