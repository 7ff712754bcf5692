import SNNCore
import SNNGraph

/// What all optimizers do around their own step, as in Keras's base class. Before it: the gradient
/// is clipped, then w * weight_decay * learning_rate is taken from the weights (Loshchilov and Hutter
/// 2019). The norm is that of the gradient as the loss gave it; the decay does not enter the moments.
/// And: which weights do not decay, the layers' own shares of the learning rate, the average of the
/// weights, and how many batches make a step.
package struct UpdateRule: Sendable {
    package let clipping: GradientClipping
    /// nil where it was not given.
    let weightDecay: Double?
    /// Whether null stands in the configuration, because a number is the default.
    private let writesNoDecay: Bool
    /// Parts of variables' names, or whole "<layer>/<variable>"; see `NamePatterns`.
    let undecayed: NamePatterns
    /// Layer names and what their learning rate is multiplied by.
    let rateFactors: [(layer: String, factor: Double)]
    let average: WeightAverage
    /// Batches whose mean gradient one update takes (`gradient_accumulation_steps`); 1 for none.
    let accumulatedBatches: Int

    /// - Parameters:
    ///   - defaultDecay: for an optimizer that decays where nothing is said.
    ///   - mayBeNull: whether its `weight_decay` may be null, which is then none.
    init(
        _ options: inout Configuration, defaultDecay: Double? = nil, mayBeNull: Bool = false
    ) throws(SNNError) {
        let range = LearningRate.range
        if let defaultDecay, !(mayBeNull && options.json("weight_decay")?.isNull ?? false) {
            weightDecay = try options.number("weight_decay", default: defaultDecay, in: range)
        } else {
            weightDecay = try options.optionalNumber("weight_decay", in: range)
        }
        writesNoDecay = defaultDecay != nil && weightDecay == nil
        clipping = try GradientClipping(&options)
        undecayed = try NamePatterns(&options, "exclude_from_weight_decay")
        rateFactors = try UpdateRule.rateFactors(&options)
        average = try WeightAverage(&options)
        accumulatedBatches =
            try options.optionalInteger("gradient_accumulation_steps", in: 2 ... Int(Int32.max)) ?? 1
    }

    private static func rateFactors(
        _ options: inout Configuration
    ) throws(SNNError) -> [(layer: String, factor: Double)] {
        let key = "learning_rate_factors"
        guard let json = options.json(key), !json.isNull else { return [] }
        let expected = "an object of layer names with a number of at least 0 each"
        guard let members = json.members else { throw options.mismatch(key, expected, json) }
        var factors: [(layer: String, factor: Double)] = []
        for member in members {
            guard let factor = member.value.doubleValue, LearningRate.range.contains(factor) else {
                throw options.mismatch(key, expected, json)
            }
            factors.append((member.name, factor))
        }
        return factors
    }

    /// Keras's keys, those that were given.
    var configuration: [JSON.Member] {
        var members: [JSON.Member] = []
        if let weightDecay { members.append(.init("weight_decay", .number(weightDecay))) }
        if writesNoDecay { members.append(.init("weight_decay", .null)) }
        if let clipping = clipping.configuration { members.append(clipping) }
        members += average.configuration
        if accumulatedBatches > 1 {
            members.append(
                .init("gradient_accumulation_steps", .integer(Int64(accumulatedBatches))))
        }
        return members
    }

    /// The keys that Keras does not have.
    var ownConfiguration: [JSON.Member] {
        var members: [JSON.Member] = []
        if let json = undecayed.json { members.append(.init("exclude_from_weight_decay", json)) }
        if !rateFactors.isEmpty {
            let factors = rateFactors.map { JSON.Member($0.layer, .number($0.factor)) }
            members.append(.init("learning_rate_factors", .object(factors)))
        }
        return members
    }

    /// What the step kernels cut each number of the gradient to.
    var bound: Float {
        if case .value(let limit) = clipping, limit > 0 { Float(limit) } else { .infinity }
    }

    /// The slots that it needs, before the optimizer's own.
    var slots: [OptimizerSlot] {
        (average.isUsed ? [OptimizerSlot("average")] : [])
            + (accumulatedBatches > 1 ? [OptimizerSlot("gradient_accumulator")] : [])
    }

    /// The parts that training changes of a model; throws where the options name what the model
    /// does not have.
    package func parts(of network: Network) throws(SNNError) -> [ParameterPart] {
        try checkNames(network)
        var parts: [ParameterPart] = []
        for node in network.graph.nodes {
            let factor = rateFactors.last { $0.layer == node.name }?.factor ?? 1
            for index in node.variables {
                let variable = network.graph.variables[index]
                guard network.graph.isTrainable(variable, of: node) else { continue }
                let end = variable.offset + (variable.shape.count + 15) / 16 * 16
                parts.append(
                    ParameterPart(
                        variable.offset ..< end, name: variable.name, shape: variable.shape,
                        decays: !undecayed.match(variable.name), rateFactor: factor))
            }
        }
        return parts
    }

    private func checkNames(_ network: Network) throws(SNNError) {
        for (layer, _) in rateFactors where network.graph.node(named: layer) == nil {
            throw SNNError(
                .configuration,
                "optimizer: 'learning_rate_factors': expected layers of the model, received "
                    + "'\(layer)'" + nearHint(to: layer, among: network.graph.nodes.map { $0.name }))
        }
        for path in undecayed.paths where network.graph.variable(named: path) == nil {
            throw SNNError(
                .configuration,
                "optimizer: 'exclude_from_weight_decay': expected variables of the model, received "
                    + "'\(path)'" + nearHint(to: path, among: network.graph.variables.map { $0.name }))
        }
    }
}
