import SNNCore
import SNNGraph
import SNNKernels

/// How to look for a learning rate (Smith 2017): the names are those of the options.
package struct LearningRateSearch {
    package var start = 1e-7
    package var end = 10.0
    package var steps = 100
    package var batchSize = 32
    /// What remains of the mean loss in a step.
    package var smoothing = 0.98
    /// The search ends when the smoothed loss is as many times the least so far.
    package var stopFactor = 4.0
    package var shuffles = true

    package init(_ options: inout Configuration) throws(SNNError) {
        let rates = Double.leastNormalMagnitude ... LearningRate.range.upperBound
        start = try options.number("start", default: start, in: rates)
        end = try options.number("end", default: end, in: rates)
        guard start < end else {
            throw options.failure("expected 'start' below 'end', received \(start) and \(end)")
        }
        steps = try options.integer("steps", default: steps, in: 2 ... 1_000_000)
        batchSize = try options.integer("batch_size", default: batchSize, in: 1 ... Int(Int32.max))
        smoothing = try options.number("smoothing", default: smoothing, in: 0 ... 1 - 0x1p-20)
        stopFactor = try options.number("stop_factor", default: stopFactor, in: 1 ... 0x1p53)
        shuffles = try options.bool("shuffle", default: shuffles)
    }

    /// Rates grow by the same factor in each step.
    func rate(_ step: Int) -> Double {
        start * power(end / start, Double(step) / Double(steps - 1))
    }
}

/// What a search saw: a rate for each step, the loss of its batch before it, and the losses'
/// exponential mean, its bias taken out.
package struct LearningRateCurve {
    private var rates: [Double] = []
    private var losses: [Double] = []
    private var smoothed: [Double] = []
    private var mean = 0.0
    private let search: LearningRateSearch
    /// Whether it came to its end, and was not stopped.
    package internal(set) var isThrough = true

    init(_ search: LearningRateSearch) {
        self.search = search
    }

    /// Adds a step; false when the search is over.
    mutating func add(rate: Double, loss: Double) -> Bool {
        mean = search.smoothing * mean + (1 - search.smoothing) * loss
        let value = mean / (1 - power(search.smoothing, Int64(losses.count + 1)))
        let least = smoothed.min() ?? value
        rates.append(rate)
        losses.append(loss)
        smoothed.append(value)
        return value <= search.stopFactor * least || least <= 0
    }

    /// The rate where the smoothed loss falls the fastest against the rate's logarithm; nil where it
    /// falls nowhere. Each slope is over a tenth of the steps, so that single batches do not make it,
    /// and the first tenth, where the mean is of few, is left out.
    private var suggestion: Double? {
        let reach = max(1, smoothed.count / 20)
        let first = smoothed.count / 10 + reach
        guard first + reach < smoothed.count else { return nil }
        var best: (slope: Double, rate: Double)?
        for index in first ..< smoothed.count - reach {
            let slope = smoothed[index + reach] - smoothed[index - reach]
            if slope < best?.slope ?? 0 { best = (slope, rates[index]) }
        }
        return best?.rate
    }

    /// {rates, losses, smoothed, suggestion}.
    package var json: JSON {
        .object(
            ("rates", .array(rates.map { .number($0) })),
            ("losses", .array(losses.map { .number($0) })),
            ("smoothed", .array(smoothed.map { .number($0) })),
            ("suggestion", suggestion.map { .number($0) } ?? .null))
    }
}

extension TrainingLoop {
    /// Trains for some steps at rates from small to large and sees where the loss falls. Weights,
    /// optimizer and position are then as they were before, also when it throws. A loss or gradient
    /// that is not finite ends the search, as does one that grew; throws when the first step has one.
    /// `onBatchEnd` is told after each step, and ends it too, with what was seen until then.
    package func findLearningRate(
        _ dataset: any SampleSource, _ search: LearningRateSearch, onBatchEnd: FitObserver.Hook?
    ) throws(SNNError) -> LearningRateCurve {
        try objective.check(dataset, for: network.graph)
        guard optimizer.minimizer == nil else {
            throw SNNError(
                .unsupported,
                "the learning rate of \(optimizer.className) cannot be searched for: its steps "
                    + "choose their own length")
        }
        let batchSize = min(search.batchSize, dataset.count)
        let loader = try BatchLoader(
            dataset, range: 0 ..< dataset.count, batchSize: batchSize,
            shuffleSeed: search.shuffles ? network.seed : nil, kernels: kernels)
        let engine = try trainingEngine(capacity: batchSize)
        let before = try TrainingSnapshot(self)
        defer { before.restore(self) }
        var curve = LearningRateCurve(search)
        for index in 0 ..< search.steps {
            let batch = index % loader.batchCount
            if batch == 0 {
                try loader.begin(epoch: position.shuffleEpoch + index / loader.batchCount)
            }
            let rows = loader.rows(ofBatch: batch)
            try loader.load(rows: rows)
            optimizer.learningRate.override = search.rate(index)
            engine.evaluation.reset()
            do throws(SNNError) {
                try step(loader.batch, rows: rows, engine.executor, engine.evaluation)
            } catch {
                guard index > 0, error.status == .numeric else { throw error }
                break
            }
            let means = engine.evaluation.means
            guard curve.add(rate: search.rate(index), loss: means[0]) else { break }
            if let onBatchEnd {
                let progress = Progress(
                    epoch: position.epoch, epochs: position.epoch, batch: index,
                    batches: search.steps, step: position.step, names: objective.names,
                    values: means, isStopping: false)
                curve.isThrough = onBatchEnd(progress) == .goOn
                if !curve.isThrough { break }
            }
        }
        return curve
    }
}
