import SNNCore
import SNNGraph

/// Dropout of whole channels: the mask is the same at all places (Tompson et al. 2015, Keras's
/// `SpatialDropout1D`, `2D` and `3D`, channels last).
final class SpatialDropout: Layer {
    let className: String
    let knowsTrainable = false
    private let axes: Int
    private let rate: Double
    private let source: NoiseSource

    /// - Parameter axes: of the places: 1, 2 or 3.
    init(_ options: inout Configuration, axes: Int) throws(SNNError) {
        className = "SpatialDropout\(axes)D"
        self.axes = axes
        rate = try options.rate(all: true)
        source = try NoiseSource(&options)
    }

    var configuration: [JSON.Member] {
        [.init("rate", .number(rate)), source.member]
            + (axes > 1 ? [.init("data_format", "channels_last")] : [])
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        [try soleInput(inputs, rank: axes + 1)]
    }

    func operation(for call: LayerCall) -> any Operation {
        guard call.mode == .training, rate > 0 else { return IdentityOperation() }
        return MaskOperation(
            call, .scaling(rate: rate), source, .channels(rank: axes + 2))
    }
}
