import SNNCore
import SNNGraph

/// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, with the mean and the biased variance
/// of each sample along `axis` (Ba, Kiros and Hinton 2016, Keras's `LayerNormalization`); gamma and
/// beta have a number for each place along it.
final class LayerNormalization: Layer {
    let className = "LayerNormalization"
    private let axes: NormalizedAxes
    private let epsilon: Double
    private let gains: CenterAndScale

    init(_ options: inout Configuration) throws(SNNError) {
        axes = try NormalizedAxes(&options)
        epsilon = try options.number("epsilon", default: 1e-3, in: .positive)
        gains = try CenterAndScale(&options)
        try options.refuse(
            "rms_scaling", unless: [.null, false],
            because: "RMSNormalization scales by the root of the mean square")
    }

    var lostByKeras: [String] { axes.lostByKeras }

    var configuration: [JSON.Member] {
        [axes.member, .init("epsilon", .number(epsilon))] + gains.configuration
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs, minimumRank: 1)
        _ = try axes.length(in: input)
        return [input]
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        gains.variables(try axes.variableShape(in: inputs[0]))
    }

    func operation(for call: LayerCall) -> any Operation {
        // Checked by `outputShapes`.
        let length = (try? axes.length(in: call.inputs[0])) ?? 1
        return RowNormalization(
            call, RowFormula(centers: true, divisor: Double(length), epsilon: epsilon),
            gains.places, length: length)
    }
}
