import SNNCore
import SNNGraph
import SNNKernels

// The whole state of a training by name: what a file keeps, so that going on from it ends with the
// same bytes as never having stopped.
extension TrainingLoop {
    package var state: StateDictionary {
        var state = StateDictionary()
        state.set("optimizer", .text(Optimizers.json(optimizer).write()))
        state.set("loss", .text(objective.loss.write()))
        state.set("loss_weights", .text(objective.lossWeights.write()))
        state.set("metrics", .text(objective.metrics.write()))
        state.set("weighted_metrics", .text(objective.weightedMetrics.write()))
        state.set("history", .text(history.json.write()))
        state.set("epoch", .integer(Int64(position.epoch)))
        state.set("batch", .integer(Int64(position.batch)))
        state.set("step", .integer(position.step))
        state.set("shuffle_epoch", .integer(Int64(position.shuffleEpoch)))
        if let plan = position.plan {
            state.set("batch_size", .integer(Int64(plan.batchSize)))
            state.set("shuffle", .integer(plan.shuffles ? 1 : 0))
            state.set("samples", .integer(Int64(plan.samples)))
            state.set("dataset", .text(plan.fingerprint))
            state.set("metric_sums", .numbers(runningSums))
        }
        if let validation = position.validation {
            state.set("validation_batch", .integer(Int64(validation.batch)))
            state.set("validation_sums", .numbers(validation.sums))
        }
        callbackRecords?.write(to: &state, network)
        let numbers = optimizer.numbers
        if !numbers.isEmpty { state.set("optimizer_numbers", .numbers(numbers)) }
        if hasSwappedAverages { state.set("averages_swapped", .integer(1)) }
        for (name, buffer) in stateBuffers {
            for variable in network.graph.variables where variable.role == .parameter {
                let values = StateDictionary.FloatValues(
                    buffer, offset: variable.offset, count: variable.shape.count)
                state.set("slots/" + name + "/" + variable.name, .floats(values))
            }
        }
        return state
    }

    /// The buffers of the state by name: the rule's, the optimizer's, and those that it took while it
    /// ran.
    var stateBuffers: [(name: String, buffer: Buffer<Float>)] {
        var buffers: [(name: String, buffer: Buffer<Float>)] = []
        for (slot, buffer) in zip(slots, slotBuffers) { buffers.append((slot.name, buffer)) }
        for vector in optimizer.vectors { buffers.append((vector.name, vector.buffer)) }
        return buffers
    }

    /// Keras's `training_config`, with losses by their full names, as Keras 3 wants them; nil where
    /// Keras does not have the optimizer, its schedule, a loss or a metric, and could not open the file.
    package var trainingConfig: JSON? {
        guard objective.isKnownToKeras, let optimizer = Optimizers.kerasJSON(optimizer) else {
            return nil
        }
        let outputs = network.graph.outputs.indices
        let losses = outputs.map { output in
            objective.terms.first { $0.output == output }?.loss.json ?? .null
        }
        return .object(
            ("loss", losses.count == 1 ? losses[0] : .array(losses)),
            ("loss_weights", objective.lossWeights),
            // With several outputs Keras wants a list for each.
            ("metrics", losses.count == 1 ? objective.metrics : .array(objective.outputMetrics)),
            (
                "weighted_metrics",
                losses.count == 1 || objective.weightedMetrics.isNull
                    ? objective.weightedMetrics : .array(objective.outputWeightedMetrics)
            ),
            ("optimizer_config", optimizer))
    }

    /// A training as `state` describes it.
    package convenience init(
        _ network: Network, state: StateDictionary, workers: Workers,
        kernels: UnsafePointer<KernelTable>
    ) throws(SNNError) {
        let objective = try Objective(
            network.graph, loss: JSON.read(state.text("loss")),
            lossWeights: JSON.read(state.text("loss_weights")),
            metrics: JSON.read(state.text("metrics")),
            // Files from before there were any do not have them.
            weightedMetrics: state.value("weighted_metrics") == nil
                ? .null : JSON.read(state.text("weighted_metrics")))
        try self.init(
            network, objective: objective,
            optimizer: Optimizers.make(JSON.read(state.text("optimizer"))), workers: workers,
            kernels: kernels)
        history = try History(JSON.read(state.text("history")))
        position = try TrainingPosition(state)
        callbackRecords = try CallbackRecords(state, network)
        let numbers =
            state.value("optimizer_numbers") == nil ? [] : try state.numbers("optimizer_numbers")
        if !numbers.isEmpty || !optimizer.numbers.isEmpty {
            try optimizer.restore(numbers, count: network.parameters.count)
        }
        hasSwappedAverages = state.value("averages_swapped") != nil
        for (name, buffer) in stateBuffers {
            for variable in network.graph.variables where variable.role == .parameter {
                let values = try state.floats(
                    "slots/" + name + "/" + variable.name, count: variable.shape.count)
                (buffer.pointer + variable.offset).copy(from: values.pointer, count: values.count)
            }
        }
        if let plan = position.plan {
            let sums = try state.numbers("metric_sums")
            guard sums.count == objective.sumCount || sums.isEmpty else {
                throw SNNError(
                    .format,
                    "training state: expected \(objective.sumCount) metric sums, found "
                        + String(sums.count))
            }
            // The engine keeps the sums; a larger one takes them over.
            _ = try trainingEngine(capacity: min(plan.batchSize, max(plan.samples, 1)))
            runningSums = sums
        }
    }
}

extension TrainingPosition {
    fileprivate init(_ state: StateDictionary) throws(SNNError) {
        epoch = try TrainingPosition.count(state, "epoch")
        batch = try TrainingPosition.count(state, "batch")
        step = Int64(try TrainingPosition.count(state, "step"))
        shuffleEpoch = try TrainingPosition.count(state, "shuffle_epoch")
        guard state.value("batch_size") != nil else { return }
        plan = EpochPlan(
            batchSize: max(1, try TrainingPosition.count(state, "batch_size")),
            shuffles: try TrainingPosition.count(state, "shuffle") != 0,
            samples: try TrainingPosition.count(state, "samples"),
            fingerprint: try state.text("dataset"))
        guard state.value("validation_batch") != nil else { return }
        validation = EvaluationPosition(
            batch: try TrainingPosition.count(state, "validation_batch"),
            sums: try state.numbers("validation_sums"))
    }

    private static func count(_ state: StateDictionary, _ name: String) throws(SNNError) -> Int {
        let value = try state.integer(name)
        guard value >= 0, value < 1 << 62 else {
            throw SNNError(.format, "training state: '\(name)' is \(value), out of range")
        }
        return Int(value)
    }
}
