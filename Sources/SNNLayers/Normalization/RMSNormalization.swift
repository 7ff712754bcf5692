import SNNCore
import SNNGraph

/// y = scale * x / sqrt(mean(x^2) + epsilon) for each sample along `axis` (Zhang and Sennrich 2019,
/// Keras's `RMSNormalization`).
final class RMSNormalization: Layer {
    let className = "RMSNormalization"
    private let axes: NormalizedAxes
    private let epsilon: Double

    init(_ options: inout Configuration) throws(SNNError) {
        axes = try NormalizedAxes(&options)
        epsilon = try options.number("epsilon", default: 1e-6, in: .positive)
    }

    var lostByKeras: [String] { axes.lostByKeras }

    var configuration: [JSON.Member] { [axes.member, .init("epsilon", .number(epsilon))] }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs, minimumRank: 1)
        // Keras's, too, cannot multiply others by its scale.
        _ = try axes.length(in: input)
        return [input]
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        [
            VariableSpecification(
                "scale", shape: try axes.variableShape(in: inputs[0]),
                initializer: Initializers.ones)
        ]
    }

    func operation(for call: LayerCall) -> any Operation {
        // Checked by `outputShapes`.
        let length = (try? axes.length(in: call.inputs[0])) ?? 1
        return RowNormalization(
            call, RowFormula(centers: false, divisor: Double(length), epsilon: epsilon),
            GainPlaces(gamma: 0), length: length)
    }
}
