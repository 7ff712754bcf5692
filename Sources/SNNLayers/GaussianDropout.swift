import SNNCore
import SNNGraph

/// In training y = x * (1 + sqrt(rate / (1 - rate)) * z) with z of the standard normal distribution
/// (Srivastava et al. 2014, Keras's `GaussianDropout`).
final class GaussianDropout: Layer {
    let className = "GaussianDropout"
    private let rate: Double
    private let source: NoiseSource

    init(_ options: inout Configuration) throws(SNNError) {
        rate = try options.rate(all: false)
        source = try NoiseSource(&options)
    }

    var configuration: [JSON.Member] { [.init("rate", .number(rate)), source.member] }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] { [try soleInput(inputs)] }

    func operation(for call: LayerCall) -> any Operation {
        guard call.mode == .training, rate > 0 else { return IdentityOperation() }
        return GaussianOperation(
            call, source, (rate / (1 - rate)).squareRoot(), multiplies: true)
    }
}
