import SNNCore
import SNNGraph

/// y = x / norm(x), the Euclidean norm of each sample along `axis`, at least 1e-12 (Keras's
/// `UnitNormalization`).
final class UnitNormalization: Layer {
    let className = "UnitNormalization"
    private let axes: NormalizedAxes

    init(_ options: inout Configuration) throws(SNNError) {
        axes = try NormalizedAxes(&options)
    }

    var lostByKeras: [String] { axes.lostByKeras }

    var configuration: [JSON.Member] { [axes.member] }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs, minimumRank: 1)
        _ = try axes.length(in: input)
        return [input]
    }

    func operation(for call: LayerCall) -> any Operation {
        // Checked by `outputShapes`.
        let length = (try? axes.length(in: call.inputs[0])) ?? 1
        return RowNormalization(
            call, RowFormula(centers: false, divisor: 1, epsilon: 0, most: 1e12), GainPlaces(),
            length: length)
    }
}
