import SNNCore
import SNNGraph

/// Where a training stands.
package struct TrainingPosition: Sendable {
    /// As the caller counts them: the epoch, and the batch in it that comes next.
    package var epoch = 0
    package var batch = 0
    /// Optimizer steps done.
    package var step: Int64 = 0
    /// Epochs begun in the trainer's life: what shuffling is keyed with.
    package var shuffleEpoch = 0
    /// What an epoch that stands in the middle was begun with.
    package var plan: EpochPlan?
}

/// What must be the same for an epoch to be gone on with.
package struct EpochPlan: Sendable, Equatable {
    package var batchSize: Int
    package var shuffles: Bool
    package var samples: Int
    package var fingerprint: String
}

extension TrainingLoop {
    /// Trains until `options.epochs`; true when an observer stopped it.
    package func fit(
        _ dataset: any SampleSource, validation: (any SampleSource)?, _ options: FitOptions,
        _ observer: FitObserver
    ) throws(SNNError) -> Bool {
        try objective.check(dataset, for: network.graph)
        if let validation { try objective.check(validation, for: network.graph) }
        let (training, validating) = try parts(of: dataset, validation, options)
        let batchSize = min(options.batchSize, training.count)
        let plan = EpochPlan(
            batchSize: options.batchSize, shuffles: options.shuffles, samples: training.count,
            fingerprint: dataset.fingerprint)
        let start = try startingPosition(plan, options)
        let loader = try BatchLoader(
            dataset, range: training, batchSize: batchSize,
            shuffleSeed: options.shuffles ? network.seed : nil, kernels: kernels)
        let engine = try trainingEngine(capacity: batchSize)
        if start.epoch < options.epochs, start.batch < loader.batchCount {
            try loader.begin(epoch: start.shuffleEpoch, at: start.batch)
        }
        // From here on the call may end in an error with something done.
        position = start
        if position.batch == 0 { engine.evaluation.reset() }

        while position.epoch < options.epochs {
            position.plan = plan
            if try runBatches(loader, engine, options, observer) { return true }
            let isStopped = try endEpoch(
                engine, options, observer, batches: loader.batchCount,
                validation: validation ?? (validating.isEmpty ? nil : dataset),
                range: validation.map { 0 ..< $0.count } ?? validating)
            if isStopped { return true }
            if position.epoch < options.epochs {
                try loader.begin(epoch: position.shuffleEpoch)
            }
        }
        return false
    }

    /// The samples to train with and those of the same data set to validate with, Keras's way: the
    /// last share, before shuffling.
    private func parts(
        of dataset: any SampleSource, _ validation: (any SampleSource)?, _ options: FitOptions
    ) throws(SNNError) -> (Range<Int>, Range<Int>) {
        guard options.validationSplit > 0, validation == nil else {
            return (0 ..< dataset.count, dataset.count ..< dataset.count)
        }
        let split = Int(Double(dataset.count) * (1 - options.validationSplit))
        guard split > 0, split < dataset.count else {
            throw SNNError(
                .argument,
                "'validation_split' \(options.validationSplit) of \(dataset.count) samples leaves "
                    + "none to \(split == 0 ? "train" : "validate") with")
        }
        return (0 ..< split, split ..< dataset.count)
    }

    /// Where a new fit starts, or where the one to be resumed stands, which must go with `plan`.
    private func startingPosition(
        _ plan: EpochPlan, _ options: FitOptions
    ) throws(SNNError) -> TrainingPosition {
        var start = position
        if options.resumes {
            guard let begun = position.plan, begun != plan else { return start }
            throw SNNError(
                .argument,
                "resume: the training was begun with batch_size \(begun.batchSize), shuffle "
                    + "\(begun.shuffles), \(begun.samples) samples of \(begun.fingerprint); "
                    + "this fit has \(plan.batchSize), \(plan.shuffles), \(plan.samples), "
                    + plan.fingerprint)
        }
        if start.batch > 0 { start.shuffleEpoch += 1 }
        start.epoch = options.initialEpoch
        start.batch = 0
        start.plan = nil
        return start
    }

    /// The rest of the epoch; true when stopped.
    private func runBatches(
        _ loader: BatchLoader, _ engine: Engine, _ options: FitOptions, _ observer: FitObserver
    ) throws(SNNError) -> Bool {
        let batches = loader.batchCount
        while position.batch < batches {
            let rows = loader.rows(ofBatch: position.batch)
            try loader.load(rows: rows)
            try step(loader.batch, rows: rows, engine.executor, engine.evaluation)
            position.batch += 1
            guard let onBatchEnd = observer.onBatchEnd else { continue }
            let progress = Progress(
                epoch: position.epoch, epochs: options.epochs, batch: position.batch - 1,
                batches: batches, step: position.step, names: objective.names,
                values: engine.evaluation.means)
            if onBatchEnd(progress) { return true }
        }
        return false
    }

    /// Validates, writes the history, and moves on; true when stopped.
    private func endEpoch(
        _ engine: Engine, _ options: FitOptions, _ observer: FitObserver, batches: Int,
        validation: (any SampleSource)?, range: Range<Int>
    ) throws(SNNError) -> Bool {
        var names = objective.names
        var values = Array(engine.evaluation.means)
        if let validation {
            let size = options.validationBatchSize ?? options.batchSize
            values += try evaluate(validation, range: range, batchSize: size)
            names += objective.names.map { "val_" + $0 }
        }
        for (name, value) in zip(names, values) { history.append(value, to: name) }
        let epoch = position.epoch
        position.epoch += 1
        position.batch = 0
        position.shuffleEpoch += 1
        position.plan = nil
        engine.evaluation.reset()
        guard let onEpochEnd = observer.onEpochEnd else { return false }
        return values.withUnsafeBufferPointer { values in
            onEpochEnd(
                Progress(
                    epoch: epoch, epochs: options.epochs, batch: batches - 1, batches: batches,
                    step: position.step, names: names, values: values))
        }
    }
}
