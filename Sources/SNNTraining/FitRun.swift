import CSystem
import SNNCore
import SNNGraph

/// One call of fit: goes from where the trainer stands to the end, or as far as its budget reaches.
final class FitRun {
    private let loop: TrainingLoop
    private let options: FitOptions
    private let plan: EpochPlan
    private let observer: FitObserver
    private let callbacks: CallbackList
    private let loader: BatchLoader
    private let validation: ValidationData?
    private let changes: BatchChanges
    /// Whether the loader stands at the trainer's batch.
    private var isLoaderReady: Bool
    private let began = snnsys_monotonic_time()
    private var steps = 0
    private var epochs = 0
    private var hasEndedEpoch = false
    /// Whether the call has got on at all: a budget that is too small still gives one step.
    private var hasWorked = false
    /// The step of this epoch that gave no finite number, where that ends the fit.
    private var isBroken = false

    init(
        _ loop: TrainingLoop, _ options: FitOptions, _ plan: EpochPlan, _ observer: FitObserver,
        _ callbacks: CallbackList, _ loader: BatchLoader, validation: ValidationData?,
        _ changes: BatchChanges, isLoaderReady: Bool
    ) {
        self.loop = loop
        self.options = options
        self.plan = plan
        self.observer = observer
        self.callbacks = callbacks
        self.loader = loader
        self.validation = validation
        self.changes = changes
        self.isLoaderReady = isLoaderReady
    }

    func run() throws(SNNError) -> FitEnd {
        defer { loop.callbackStates = callbacks.records?.states ?? .array([]) }
        do throws(SNNError) {
            return try work()
        } catch {
            // What was done stands, and may be gone on with.
            loop.callbackRecords = callbacks.records
            throw error
        }
    }

    private func work() throws(SNNError) -> FitEnd {
        let answer = tell(observer.onTrainBegin)
        if answer == .pause { return pause() }
        if answer == .stop { callbacks.fit.stops = true }
        while !callbacks.fit.stops, loop.position.epoch < options.epochs {
            guard epochs < options.budget.epochs ?? .max, !isOverBudget else { return pause() }
            switch try runEpoch() {
            case .goOn: epochs += 1
            case .stop: callbacks.fit.stops = true
            case .pause: return pause()
            }
        }
        // A budget of epochs leaves the end to the next call.
        if options.budget.epochs != nil, hasEndedEpoch { return pause() }
        return try end()
    }

    // MARK: An epoch

    private func runEpoch() throws(SNNError) -> FitAnswer {
        // A callback may have put them there at the last epoch's end.
        loop.unswapAverages()
        if !isLoaderReady {
            try loader.begin(epoch: loop.position.shuffleEpoch)
            isLoaderReady = true
        }
        let engine = try loop.trainingEngine(capacity: plan.capacity)
        if loop.position.batch == 0, loop.position.validation == nil {
            let answer = tell(observer.onEpochBegin)
            guard answer == .goOn else { return answer }
        }
        loop.position.plan = plan
        var answer = try runBatches(engine)
        if isBroken {
            return try endEpoch(engine, validated: [])
        }
        guard answer == .goOn else { return answer }
        var validated: [Double] = []
        if let validation, (loop.position.epoch + 1) % options.validationFrequency == 0 {
            if isOverBudget { return .pause }
            callbacks.testBegin()
            defer { callbacks.testEnd() }
            answer = try validate(with: validation, &validated)
            guard answer == .goOn else { return answer }
        }
        return try endEpoch(engine, validated: validated)
    }

    /// The rest of the epoch's batches.
    private func runBatches(_ engine: TrainingLoop.Engine) throws(SNNError) -> FitAnswer {
        let batches = loader.batchCount
        while loop.position.batch < batches {
            let batch = loop.position.batch
            if isOverBudget || steps >= options.budget.steps ?? .max { return .pause }
            if let hook = observer.onBatchBegin {
                let answer = hook(progress(batch: batch, none))
                guard answer == .goOn else { return answer }
            }
            let rows = loader.rows(ofBatch: batch)
            try loader.load(rows: rows)
            try changes.apply(to: loader.batch, rows: rows, step: loop.position.step)
            do throws(SNNError) {
                try loop.step(loader.batch, rows: rows, engine.executor, engine.evaluation)
            } catch {
                guard error.status == .numeric, callbacks.endsOnNonFinite else { throw error }
                Log.write(.warning, error.message)
                isBroken = true
                callbacks.fit.stops = true
                return .stop
            }
            hasWorked = true
            steps += 1
            loop.position.batch += 1
            if callbacks.listensToBatches {
                try callbacks.batchEnd(batch, loop.objective.names, engine.evaluation.means)
            }
            if let hook = observer.onBatchEnd {
                let answer = hook(progress(batch: batch, engine.evaluation.means))
                guard answer == .goOn else { return answer }
            }
            if callbacks.fit.stops { return .stop }
        }
        return .goOn
    }

    /// The rest of the validation; its values, where it got through.
    private func validate(
        with data: ValidationData, _ values: inout [Double]
    ) throws(SNNError) -> FitAnswer {
        let size = options.validationBatchSize ?? options.batchSize
        let epoch = loop.position.epoch
        var answer = FitAnswer.goOn
        let stand = try loop.evaluate(
            data.source, range: data.range, batchSize: size, most: options.validationSteps,
            from: loop.position.validation
        ) { batch, batches, means in
            self.hasWorked = true
            if let hook = self.observer.onTestBatchEnd {
                answer = hook(
                    Progress(
                        epoch: epoch, epochs: self.options.epochs, batch: batch, batches: batches,
                        step: self.loop.position.step, names: self.loop.objective.names,
                        values: means, isStopping: false))
            }
            if answer == .goOn, self.isOverBudget { answer = .pause }
            return answer == .goOn
        }
        // A budget that ends with the last batch stops nothing here.
        if stand.isThrough {
            loop.position.validation = nil
            values = loop.evaluationMeans
            return answer == .stop ? .stop : .goOn
        }
        loop.position.validation = stand
        return answer
    }

    /// Moves on, writes the history and tells everyone.
    private func endEpoch(
        _ engine: TrainingLoop.Engine, validated: [Double]
    ) throws(SNNError) -> FitAnswer {
        let names = loop.objective.names
        let fit = callbacks.fit
        var values = Array(engine.evaluation.means)
        if isBroken { values[0] = .nan }
        fit.logs = Array(zip(names, values)).map { (name: $0.0, value: $0.1) }
        for (name, value) in zip(names, validated) { fit.logs.append(("val_" + name, value)) }
        let own = fit.logged
        for name in own { loop.history.append(fit.values(name), to: name) }
        let epoch = loop.position.epoch
        if !isBroken {
            loop.position.epoch += 1
            loop.position.batch = 0
            loop.position.shuffleEpoch += 1
            loop.position.plan = nil
            engine.evaluation.reset()
            isLoaderReady = false
        }
        hasEndedEpoch = true
        try callbacks.epochEnd(epoch)
        for name in fit.logged.dropFirst(own.count) {
            loop.history.append(fit.values(name), to: name)
        }
        try callbacks.saveTraining(atEpochEnd: true)
        guard let hook = observer.onEpochEnd else { return .goOn }
        let shown = fit.logs.map { $0.value }
        return shown.withUnsafeBufferPointer { values in
            hook(
                Progress(
                    epoch: epoch, epochs: options.epochs, batch: loader.batchCount - 1,
                    batches: loader.batchCount, step: loop.position.step,
                    names: fit.logs.map { $0.name }, values: values,
                    isStopping: fit.stops || epoch + 1 >= options.epochs))
        }
    }

    // MARK: Ends

    private func end() throws(SNNError) -> FitEnd {
        // Before the callbacks, which may put other weights in their place.
        loop.swapAverages()
        try callbacks.end()
        loop.callbackRecords = nil
        _ = tell(observer.onTrainEnd)
        return callbacks.fit.stops ? .stopped : .finished
    }

    private func pause() -> FitEnd {
        loop.callbackRecords = callbacks.records
        return .paused
    }

    private var isOverBudget: Bool {
        guard hasWorked, let most = options.budget.milliseconds else { return false }
        return Double(snnsys_monotonic_time() &- began) >= most * 1e6
    }

    // MARK: What is told

    private var none: UnsafeBufferPointer<Double> { UnsafeBufferPointer(start: nil, count: 0) }

    private func tell(_ hook: FitObserver.Hook?) -> FitAnswer {
        hook?(progress(batch: loop.position.batch, none)) ?? .goOn
    }

    private func progress(batch: Int, _ values: UnsafeBufferPointer<Double>) -> Progress {
        Progress(
            epoch: loop.position.epoch, epochs: options.epochs, batch: batch,
            batches: loader.batchCount, step: loop.position.step, names: loop.objective.names,
            values: values, isStopping: callbacks.fit.stops)
    }
}

/// The samples that an epoch is validated with.
struct ValidationData {
    let source: any SampleSource
    let range: Range<Int>
}
