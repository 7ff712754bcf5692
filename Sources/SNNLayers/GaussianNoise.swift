import SNNCore
import SNNGraph

/// In training y = x + stddev * z with z of the standard normal distribution (Keras's
/// `GaussianNoise`).
final class GaussianNoise: Layer {
    let className = "GaussianNoise"
    private let standardDeviation: Double
    private let source: NoiseSource

    init(_ options: inout Configuration) throws(SNNError) {
        standardDeviation = try options.number("stddev", in: 0 ... 1)
        source = try NoiseSource(&options)
    }

    var configuration: [JSON.Member] {
        [.init("stddev", .number(standardDeviation)), source.member]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] { [try soleInput(inputs)] }

    func operation(for call: LayerCall) -> any Operation {
        guard call.mode == .training, standardDeviation > 0 else { return IdentityOperation() }
        return GaussianOperation(call, source, standardDeviation, multiplies: false)
    }
}
