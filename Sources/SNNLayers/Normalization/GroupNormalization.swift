import SNNCore
import SNNGraph

/// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, with the mean and the biased variance
/// of each sample over its places and a group of neighbouring channels (Wu and He 2018, Keras's
/// `GroupNormalization`); -1 groups are one for each channel.
final class GroupNormalization: Layer {
    let className = "GroupNormalization"
    private let groups: Int
    private let axis: Int
    private let epsilon: Double
    private let gains: CenterAndScale

    init(_ options: inout Configuration) throws(SNNError) {
        groups = try options.integer("groups", default: 32, in: -1 ... Int(Int32.max))
        guard groups != 0 else {
            throw options.failure("'groups' must be at least 1, or -1 for one a channel, received 0")
        }
        axis = try options.integer(
            "axis", default: -1, in: -Shape.maximumRank ... Shape.maximumRank)
        epsilon = try options.number("epsilon", default: 1e-3, in: .positive)
        gains = try CenterAndScale(&options)
    }

    var configuration: [JSON.Member] {
        [
            .init("groups", .integer(Int64(groups))),
            .init("axis", .integer(Int64(axis))),
            .init("epsilon", .number(epsilon)),
        ] + gains.configuration
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs, minimumRank: 1)
        try checkLastAxis(axis, of: input)
        guard groups == -1 || input.last % groups == 0 else {
            throw SNNError(
                .shape,
                "expected channels that 'groups' (\(groups)) divides, received \(input.last) of "
                    + "input \(input.batchText)")
        }
        return [input]
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        gains.variables(try Shape([inputs[0].last]))
    }

    func operation(for call: LayerCall) -> any Operation {
        GroupOperation(
            call, groups: groups == -1 ? call.inputs[0].last : groups, epsilon: epsilon,
            gains.places)
    }
}
