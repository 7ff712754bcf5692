import SNNCore

/// `gain` where row and column are the same, 0 elsewhere. For matrices, square or not.
final class Identity: Initializer {
    static let row = InitializerRow("Identity", ["identity", "IdentityInitializer"]) {
        (configuration) throws(SNNError) in
        Identity(gain: try configuration.value("gain", default: 1))
    }

    let className = "Identity"
    private let gain: Double

    init(gain: Double = 1) {
        self.gain = gain
    }

    /// Keras 3 accepts `gain` but forgets to write it; written where it matters, Keras reads it.
    var configuration: [JSON.Member] { gain == 1 ? [] : [JSON.Member("gain", .number(gain))] }

    func fill(_ values: UnsafeMutableBufferPointer<Float>, shape: Shape, random: RandomStream)
        throws(SNNError)
    {
        guard shape.rank == 2 else {
            throw SNNError(
                .shape, "Identity: expected a shape of 2 axes, received \(shape.text)")
        }
        values.update(repeating: 0)
        for diagonal in 0..<min(shape.extents[0], shape.last) {
            values[diagonal * (shape.last + 1)] = Float(gain)
        }
    }
}
