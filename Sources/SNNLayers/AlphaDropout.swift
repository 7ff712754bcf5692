import SNNCore
import SNNGraph

/// In training each number is set to SELU's negative limit with probability `rate`, and all are then
/// mapped so that mean 0 and variance 1 stay (Klambauer et al. 2017, Keras's `AlphaDropout`).
final class AlphaDropout: Layer {
    let className = "AlphaDropout"
    private let rate: Double
    private let source: NoiseSource
    private let noiseShape: NoiseShape

    init(_ options: inout Configuration) throws(SNNError) {
        rate = try options.rate(all: false)
        source = try NoiseSource(&options)
        noiseShape = try NoiseShape(&options)
    }

    var configuration: [JSON.Member] {
        [.init("rate", .number(rate)), source.member, noiseShape.member]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs)
        try noiseShape.check(input)
        return [input]
    }

    func operation(for call: LayerCall) -> any Operation {
        guard call.mode == .training, rate > 0 else { return IdentityOperation() }
        // -alpha * scale of SELU
        let limit = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946
        let gain = 1 / ((1 - rate) * (1 + rate * limit * limit)).squareRoot()
        let shift = -gain * limit * rate
        return MaskOperation(
            call,
            MaskMap(
                rate: rate, gain: Float(gain), shift: Float(shift),
                dropped: Float(gain * limit + shift)),
            source, noiseShape)
    }
}
