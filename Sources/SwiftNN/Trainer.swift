import SNNCore
import SNNGraph
import SNNKernels
import SNNTraining

/// Trains a model: the optimizer with its state, the position in the data, and the history.
///
/// Training holds the model alone; within a callback getters may be called.
public final class Trainer: @unchecked Sendable {
    // Sendable: `access` admits one call at a time.
    public let model: Model
    private let owner = GateOwner("trainer")
    var access: Gate { owner.gate }
    let loop: TrainingLoop
    /// What uint8 inputs of single batches are multiplied with.
    package let scale: Float
    /// A search whose length alone was asked for.
    private var found: Found?

    private struct Found {
        let dataset: Dataset
        let options: String?
        let version: Int
        let text: String
        let isThrough: Bool
    }

    /// Options (JSON5), as in Keras's compile(): `optimizer`, `loss`, `loss_weights`, `metrics`,
    /// and `threads`, `scale`.
    public init(_ model: Model, options: String? = nil) throws(SNNError) {
        var options = try Configuration(text: options, of: "trainer")
        let optimizer = try Optimizers.make(options.json("optimizer") ?? "adam")
        let loss = options.json("loss") ?? .null
        let lossWeights = options.json("loss_weights") ?? .null
        let metrics = options.json("metrics") ?? .null
        let weightedMetrics = options.json("weighted_metrics") ?? .null
        let threads = try options.integer("threads", default: 0, in: 0 ... 256)
        scale = try Dataset.scale(&options)
        try options.finish()
        self.model = model
        loop = try model.completed { (network) throws(SNNError) in
            try TrainingLoop(
                network,
                objective: Objective(
                    network.graph, loss: loss, lossWeights: lossWeights, metrics: metrics,
                    weightedMetrics: weightedMetrics),
                optimizer: optimizer, workers: Workers(threads: threads),
                kernels: InstructionSet.chosenKernels())
        }
    }

    init(_ model: Model, _ loop: TrainingLoop, scale: Float) {
        self.model = model
        self.scale = scale
        self.loop = loop
    }

    /// Trains in mini-batches; true when a callback stopped it. Options: see `snn_trainer_fit`.
    public func fit(
        _ dataset: Dataset, validation: Dataset? = nil, options: String? = nil,
        onBatchEnd: ((Progress) -> Bool)? = nil, onEpochEnd: ((Progress) -> Bool)? = nil
    ) throws(SNNError) -> Bool {
        var observer = FitObserver()
        if let onBatchEnd { observer.onBatchEnd = { onBatchEnd($0) ? .stop : .goOn } }
        if let onEpochEnd { observer.onEpochEnd = { onEpochEnd($0) ? .stop : .goOn } }
        return try fit(dataset, validation: validation, options: options, observer) != .finished
    }

    /// The same with all that can be told, and how it ended.
    public func fit(
        _ dataset: Dataset, validation: Dataset? = nil, options: String? = nil,
        _ observer: FitObserver
    ) throws(SNNError) -> FitEnd {
        var configuration = try Configuration(text: options, of: "fit")
        let options = try FitOptions(&configuration)
        try configuration.finish()
        return try training { () throws(SNNError) in
            try loop.fit(
                dataset.source, validation: validation?.source, options, guarded(observer),
                files: TrainerFiles(loop))
        }
    }

    /// The loss and metrics on a data set. Options: `batch_size`, `steps`.
    public func evaluate(
        _ dataset: Dataset, options: String? = nil
    ) throws(SNNError) -> [Double] {
        try evaluate(dataset, options: options, onTestBatchEnd: nil).values
    }

    /// The same, with one who is told after each batch; the values are those so far where it was
    /// stopped.
    public func evaluate(
        _ dataset: Dataset, options: String? = nil, onTestBatchEnd: FitObserver.Hook?
    ) throws(SNNError) -> (values: [Double], isThrough: Bool) {
        var options = try Configuration(text: options, of: "evaluate")
        let counts = 1 ... Int(Int32.max)
        let batchSize = try options.integer("batch_size", default: 32, in: counts)
        let most = try options.optionalInteger("steps", in: counts)
        try options.finish()
        let hook = guarded(onTestBatchEnd)
        return try access.alone { () throws(SNNError) in
            try model.access.shared { () throws(SNNError) in
                let stand = try loop.evaluate(
                    dataset.source, range: nil, batchSize: batchSize, most: most, from: nil
                ) { batch, batches, means in
                    guard let hook else { return true }
                    let progress = Progress(
                        epoch: loop.position.epoch, epochs: loop.position.epoch, batch: batch,
                        batches: batches, step: loop.position.step,
                        names: loop.objective.names, values: means, isStopping: false)
                    return hook(progress) == .goOn
                }
                return (loop.evaluationMeans, stand.isThrough)
            }
        }
    }

    /// One step on one batch; gives its loss and metrics before the step.
    public func trainOnBatch(
        inputs: [ArrayView], targets: [ArrayView], sampleWeights: ArrayView? = nil
    ) throws(SNNError) -> [Double] {
        var values: [Double] = []
        try withSamples(inputs, targets, sampleWeights) { (samples) throws(SNNError) in
            try trainOnBatch(samples) { values = Array($0) }
        }
        return values
    }

    /// The same for arrays of the host; `read` gets the values. Takes no memory after the first
    /// batch of a size.
    package func trainOnBatch(
        _ samples: SampleArrays, _ read: (UnsafeBufferPointer<Double>) -> Void
    ) throws(SNNError) {
        try training { () throws(SNNError) in read(try loop.trainOnBatch(samples)) }
    }

    /// The gradients of the loss on one batch, in training mode, without a step; gives the loss.
    public func computeGradients(
        inputs: [ArrayView], targets: [ArrayView], sampleWeights: ArrayView? = nil
    ) throws(SNNError) -> Double {
        try withSamples(inputs, targets, sampleWeights) { (samples) throws(SNNError) in
            try computeGradients(samples)
        }
    }

    package func computeGradients(_ samples: SampleArrays) throws(SNNError) -> Double {
        try training { () throws(SNNError) in try loop.computeGradients(samples) }
    }

    /// Compares the gradients of the loss on one batch with central differences of the loss; gives
    /// {name: {error, index, gradient, expected, compared, kinks}} as JSON. Options: `numbers` (20:
    /// the most that are compared of each tensor).
    public func checkGradients(
        inputs: [ArrayView], targets: [ArrayView], sampleWeights: ArrayView? = nil,
        options: String? = nil
    ) throws(SNNError) -> String {
        try withSamples(inputs, targets, sampleWeights) { (samples) throws(SNNError) in
            try checkGradients(samples, options: options)
        }
    }

    package func checkGradients(
        _ samples: SampleArrays, options: String?
    ) throws(SNNError) -> String {
        var options = try Configuration(text: options, of: "gradient check")
        let numbers = try options.integer("numbers", default: 20, in: 1 ... 1_000_000)
        try options.finish()
        let found = try training { () throws(SNNError) in
            try loop.checkGradients(samples, numbers: numbers)
        }
        return JSON.object(found.map { JSON.Member($0.name, $0.json) }).write()
    }

    /// What each layer does with a batch, as JSON: see `snn_trainer_diagnostics`. Nothing of the model
    /// and the optimizer changes.
    public func diagnose(
        inputs: [ArrayView], targets: [ArrayView], sampleWeights: ArrayView? = nil
    ) throws(SNNError) -> String {
        try withSamples(inputs, targets, sampleWeights) { (samples) throws(SNNError) in
            try diagnose(samples, options: nil)
        }
    }

    package func diagnose(
        _ samples: SampleArrays, options: String?
    ) throws(SNNError) -> String {
        try Configuration(text: options, of: "diagnostics").finish()
        return try training { () throws(SNNError) in try loop.diagnose(samples).write() }
    }

    /// "loss", the outputs' losses where there are several, then the metrics.
    public var metricNames: [String] { loop.objective.names }

    /// The gradient with respect to a variable, of the last step or `computeGradients`.
    public func readGradient(
        of name: String, _ body: (UnsafeBufferPointer<Float>) throws(SNNError) -> Void
    ) throws(SNNError) {
        try access.reading { () throws(SNNError) in
            try body(loop.gradient(of: Model.variable(name, loop.network)))
        }
    }

    /// The gradient with respect to an input, of the last `computeGradients`.
    public func readInputGradient(
        _ index: Int, _ body: (UnsafeBufferPointer<Float>) throws(SNNError) -> Void
    ) throws(SNNError) {
        try access.reading { () throws(SNNError) in
            let count = loop.network.graph.inputs.count
            guard index >= 0, index < count else {
                throw SNNError(
                    .argument, "expected an input from 0 to \(count - 1), received \(index)")
            }
            try body(loop.inputGradient(index))
        }
    }

    /// Trains for some steps at rates from small to large and tells where the loss falls, as JSON; all
    /// is then as it was. Options: see `snn_trainer_find_learning_rate`.
    public func findLearningRate(
        _ dataset: Dataset, options: String? = nil
    ) throws(SNNError) -> String {
        try search(dataset, options, nil).text
    }

    /// Whether it came to its end, and was not stopped by the one who is told after each step.
    private func search(
        _ dataset: Dataset, _ text: String?, _ onBatchEnd: FitObserver.Hook?
    ) throws(SNNError) -> (text: String, isThrough: Bool) {
        var options = try Configuration(text: text, of: "find_learning_rate")
        let search = try LearningRateSearch(&options)
        try options.finish()
        var isThrough = true
        let text = try training { () throws(SNNError) in
            let curve = try loop.findLearningRate(
                dataset.source, search, onBatchEnd: guarded(onBatchEnd))
            isThrough = curve.isThrough
            return curve.json.write()
        }
        return (text, isThrough)
    }

    /// The same as `give` takes it: who asks for the length and then for the text has one search.
    /// Whether it came to its end, and was not stopped by the one who is told after each step.
    package func findLearningRate(
        _ dataset: Dataset, options: String?, onBatchEnd: FitObserver.Hook?,
        _ give: (String) throws(SNNError) -> Void, isComplete: Bool
    ) throws(SNNError) -> Bool {
        let version = try access.reading { () throws(SNNError) in loop.network.weightsVersion }
        if let found, found.dataset === dataset, found.options == options,
            found.version == version
        {
            if isComplete { self.found = nil }
            try give(found.text)
            return found.isThrough
        }
        let (text, isThrough) = try search(dataset, options, onBatchEnd)
        if !isComplete {
            found = Found(
                dataset: dataset, options: options, version: loop.network.weightsVersion, text: text,
                isThrough: isThrough)
        }
        try give(text)
        return isThrough
    }

    /// The rate of the next step.
    public func learningRate() throws(SNNError) -> Double {
        try access.reading { () throws(SNNError) in
            loop.optimizer.learningRate.rate(after: loop.position.step)
        }
    }

    /// Throws where the learning rate follows a schedule.
    public func setLearningRate(_ rate: Double) throws(SNNError) {
        try access.aloneOrCalled { () throws(SNNError) in try loop.optimizer.learningRate.set(rate) }
    }

    /// The epoch, the batch in it that comes next, and the steps done.
    public func position() throws(SNNError) -> (epoch: Int, batch: Int, step: Int64) {
        try access.reading { () throws(SNNError) in
            (loop.position.epoch, loop.position.batch, loop.position.step)
        }
    }

    /// The trainer as JSON, in the form of `init`'s options.
    public func description() throws(SNNError) -> String {
        try access.reading { () throws(SNNError) in
            JSON.object(
                ("optimizer", Optimizers.json(loop.optimizer)), ("loss", loop.objective.loss),
                ("loss_weights", loop.objective.lossWeights), ("metrics", loop.objective.metrics),
                ("weighted_metrics", loop.objective.weightedMetrics)
            ).write()
        }
    }

    /// What the callbacks of the last fit came to, as JSON: see `snn_trainer_get_callbacks`.
    public func callbackStates() throws(SNNError) -> String {
        try access.reading { () throws(SNNError) in loop.callbackStates.write() }
    }

    /// Keras's `History.history` as JSON.
    public func history() throws(SNNError) -> String {
        try access.reading { () throws(SNNError) in loop.history.json.write() }
    }

    private func withSamples<Result>(
        _ inputs: [ArrayView], _ targets: [ArrayView], _ weights: ArrayView?,
        _ body: (SampleArrays) throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        try inputs.withUnsafeBufferPointer { (inputs) throws(SNNError) in
            try targets.withUnsafeBufferPointer { (targets) throws(SNNError) in
                try body(
                    SampleArrays(inputs: inputs, targets: targets, weights: weights, scale: scale))
            }
        }
    }

    private func training<Result>(
        _ body: () throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        try access.alone { () throws(SNNError) in try model.access.alone(body) }
    }

    /// Within a callback this thread may read what the fit holds.
    private func guarded(_ hook: FitObserver.Hook?) -> FitObserver.Hook? {
        hook.map { hook in
            { progress in self.access.calling { self.model.access.calling { hook(progress) } } }
        }
    }

    private func guarded(_ observer: FitObserver) -> FitObserver {
        var result = FitObserver()
        result.onTrainBegin = guarded(observer.onTrainBegin)
        result.onTrainEnd = guarded(observer.onTrainEnd)
        result.onEpochBegin = guarded(observer.onEpochBegin)
        result.onEpochEnd = guarded(observer.onEpochEnd)
        result.onBatchBegin = guarded(observer.onBatchBegin)
        result.onBatchEnd = guarded(observer.onBatchEnd)
        result.onTestBatchEnd = guarded(observer.onTestBatchEnd)
        return result
    }
}
