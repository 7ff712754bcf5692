import SNNCore
import SNNGraph

extension TrainingLoop {
    /// What each layer does with a batch, forward, backward and in a step that is taken back: all
    /// numbers of the model and the optimizer are as before.
    ///
    /// As JSON: {loss, problem, thresholds, layers: [...]}; see `snn_trainer_diagnostics`.
    package func diagnose(_ samples: SampleArrays) throws(SNNError) -> JSON {
        let rows = try samples.check(objective, network.graph)
        let engine = try trainingEngine(capacity: rows)
        let (batch, evaluation) = try singleBatch(rows)
        let before = try TrainingSnapshot(self)
        samples.load(into: batch, kernels)
        evaluation.reset()
        var signs = try lookAtOutputs(batch, rows, engine)
        var problem: SNNError?
        let takesStep = optimizer.minimizer == nil
        let batches = Int64(optimizer.rule.accumulatedBatches)
        let hasUpdate = takesStep && (position.step + 1) % batches == 0
        do throws(SNNError) {
            if takesStep {
                try step(batch, rows: rows, engine.executor, evaluation)
            } else {
                // Its step is a whole search, and has a memory that could not be taken back.
                try differentiate(batch, rows: rows, engine.executor, evaluation)
            }
        } catch {
            guard error.status == .numeric else { throw error }
            problem = error
        }
        lookAtParameters(&signs, engine, before.weights, hasUpdate: hasUpdate)
        before.restore(self)
        return json(signs, loss: problem == nil ? evaluation.means[0] : nil, problem)
    }

    private func lookAtOutputs(
        _ batch: Batch, _ rows: Int, _ engine: Engine
    ) throws(SNNError) -> [LayerSigns] {
        let graph = network.graph
        var signs = graph.nodes.indices.map { LayerSigns(graph.nodes[$0], graph, ordinal: $0) }
        bind(batch, to: engine.executor)
        try engine.executor.forward(rows: rows, step: position.step) { call, values, count in
            let shape = graph.tensors[graph.calls[call].outputs[0]].shape
            signs[graph.calls[call].node].look(
                at: values, count, units: shape.rank > 0 ? shape.last : 1)
        }
        return signs
    }

    private func lookAtParameters(
        _ signs: inout [LayerSigns], _ engine: Engine, _ before: WeightSnapshot, hasUpdate: Bool
    ) {
        let graph = network.graph
        let gradients = engine.executor.gradients.pointer
        for (index, node) in graph.nodes.enumerated() where node.isTrainable {
            var squares = (weight: 0.0, gradient: 0.0, update: 0.0)
            for variable in node.variables.map({ graph.variables[$0] }) {
                guard variable.role == .parameter else { continue }
                var place = variable.offset
                while place < variable.offset + variable.shape.count {
                    let weight = Double(before.parameters.pointer[place])
                    let update = Double(network.parameters.pointer[place]) - weight
                    let gradient = Double(gradients[place])
                    squares.weight += weight * weight
                    squares.gradient += gradient * gradient
                    squares.update += update * update
                    place &+= 1
                }
            }
            guard signs[index].parameterCount > 0 else { continue }
            signs[index].weightNorm = squares.weight.squareRoot()
            signs[index].gradientNorm = squares.gradient.squareRoot()
            if hasUpdate { signs[index].updateNorm = squares.update.squareRoot() }
        }
    }

    private func json(_ signs: [LayerSigns], loss: Double?, _ problem: SNNError?) -> JSON {
        let largest = signs.reduce(0) { max($0, $1.gradientSize ?? 0) }
        let layers = signs.filter { $0.wasSeen }.map { signs -> JSON in
            var signs = signs
            let verdict = Verdict.of(signs, largest: largest, isFinite: problem == nil)
            if problem != nil {
                // What a broken pass left is no measure.
                signs.updateNorm = nil
                signs.gradientNorm = nil
            }
            return .object(
                ("name", .string(signs.name)), ("class_name", .string(signs.className)),
                ("parameters", .integer(Int64(signs.parameterCount))),
                ("weight_norm", .optional(signs.weightNorm)),
                ("gradient_norm", .optional(signs.gradientNorm)),
                ("update_norm", .optional(signs.updateNorm)),
                ("update_ratio", .optional(signs.updateRatio)),
                ("activation_mean", .number(signs.mean)),
                ("activation_std", .number(signs.deviation)),
                ("dead_share", .optional(signs.deadShare)),
                ("saturated_share", .optional(signs.saturatedShare)),
                ("verdict", .string(verdict.word)), ("advice", .string(verdict.advice)))
        }
        return .object(
            ("loss", .optional(loss)), ("problem", problem.map { .string($0.message) } ?? .null),
            ("layers", .array(layers)), ("thresholds", Verdict.thresholds))
    }
}
