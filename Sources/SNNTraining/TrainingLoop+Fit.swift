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
    /// Where the validation of the epoch stands, when that was paused.
    package var validation: EvaluationPosition?
}

/// What must be the same for an epoch to be gone on with.
package struct EpochPlan: Sendable, Equatable {
    package var batchSize: Int
    package var shuffles: Bool
    package var samples: Int
    package var fingerprint: String

    /// Rows of the largest batch.
    var capacity: Int { min(batchSize, max(samples, 1)) }
}

extension TrainingLoop {
    /// Trains until `options.epochs`, as far as callbacks and budget let it.
    package func fit(
        _ dataset: any SampleSource, validation: (any SampleSource)?, _ options: FitOptions,
        _ observer: FitObserver, files: (any FitFiles)? = nil
    ) throws(SNNError) -> FitEnd {
        try objective.check(dataset, for: network.graph)
        if let validation { try objective.check(validation, for: network.graph) }
        let (training, validating) = try parts(of: dataset, validation, options)
        let plan = EpochPlan(
            batchSize: options.batchSize, shuffles: options.shuffles, samples: training.count,
            fingerprint: dataset.fingerprint + options.fingerprint)
        let data = validation.map { ValidationData(source: $0, range: 0 ..< $0.count) }
            ?? (validating.isEmpty ? nil : ValidationData(source: dataset, range: validating))
        let names = objective.names
        let moment = FitMoment(
            self, files: files, names: data == nil ? names : names + names.map { "val_" + $0 })
        let callbacks = try CallbackList(Callbacks.make(options.callbacks), moment)
        let backup = options.resumes ? nil : try callbacks.backup()
        let source = backup ?? self
        let goesOn = options.resumes || backup != nil
        let start = try source.startingPosition(plan, options, goesOn: goesOn)
        if goesOn, let records = source.callbackRecords { try callbacks.restore(records) }
        let changes = try BatchChanges(
            options, objective, dataset, seed: network.seed, capacity: plan.capacity)
        let loader = try BatchLoader(
            dataset, range: training, batchSize: plan.capacity,
            shuffleSeed: options.shuffles ? network.seed : nil, kernels: kernels)
        let engine = try trainingEngine(capacity: plan.capacity)
        if start.epoch < options.epochs, start.batch < loader.batchCount {
            try loader.begin(epoch: start.shuffleEpoch, at: start.batch)
        }
        if let backup { try take(backup) }
        let isNew = !(goesOn && source.callbackRecords != nil)
        if isNew { try callbacks.begin() }
        // From here on the call may end in an error with something done.
        position = start
        callbackRecords = nil
        if goesOn { unswapAverages() } else { settleAverages() }
        if position.batch == 0 { engine.evaluation.reset() }
        return try FitRun(
            self, options, plan, observer, callbacks, loader, validation: data, changes,
            isLoaderReady: true
        ).run()
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
        _ plan: EpochPlan, _ options: FitOptions, goesOn: Bool
    ) throws(SNNError) -> TrainingPosition {
        var start = position
        if goesOn {
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
        start.validation = nil
        return start
    }
}
