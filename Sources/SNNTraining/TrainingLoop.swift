import SNNCore
import SNNGraph
import SNNKernels

/// Trains a model: owns the optimizer's state, the position in the data and the memory that the
/// steps need.
///
/// One call at a time, with the model's access held by the caller.
package final class TrainingLoop {
    package let network: Network
    package let objective: Objective
    package let optimizer: any Optimizer
    package var workers: Workers
    let kernels: UnsafePointer<KernelTable>

    /// The optimizer's state, each buffer laid out as the parameters.
    let slots: [Buffer<Float>]
    package internal(set) var position = TrainingPosition()
    package internal(set) var history = History()

    /// Made when first needed, and anew for larger batches or after freezing.
    private var trainer: Engine?
    private var evaluator: Engine?
    private var differentiator: Engine?
    /// Whose gradients `gradient(of:)` reads.
    private var lastGradients: Executor?
    private var lastDifferentiatedRows = 0

    /// An executor and what computes the objective with it.
    struct Engine {
        let executor: Executor
        let evaluation: Evaluation
        let structureVersion: Int
    }

    package init(
        _ network: Network, objective: Objective, optimizer: any Optimizer, workers: Workers,
        kernels: UnsafePointer<KernelTable>
    ) throws(SNNError) {
        self.network = network
        self.objective = objective
        self.optimizer = optimizer
        self.workers = workers
        self.kernels = kernels
        var slots: [Buffer<Float>] = []
        for _ in optimizer.slotNames { slots.append(try Buffer(count: network.parameters.count)) }
        self.slots = slots
    }

    // MARK: One batch

    /// One step on the loader's batch of `rows`. Throws, with nothing changed, when the loss or a
    /// gradient is not finite.
    func step(_ batch: BatchLoader, rows: Int, _ engine: Engine) throws(SNNError) {
        try differentiate(batch, rows: rows, engine)
        for range in trainableRanges(engine) {
            optimizer.update(
                range, of: network.parameters.pointer,
                gradients: engine.executor.gradients.pointer, slots: slots,
                iteration: position.step, kernels: kernels, workers: workers)
        }
        engine.executor.commit(rows: rows, step: position.step)
        position.step += 1
        network.weightsDidChange()
    }

    /// The loss and its gradients in training mode, added to the running means.
    @discardableResult
    private func differentiate(
        _ batch: BatchLoader, rows: Int, _ engine: Engine
    ) throws(SNNError) -> Double {
        let executor = engine.executor
        lastGradients = executor
        bind(batch, to: executor)
        executor.forward(rows: rows, step: position.step)
        let loss = try engine.evaluation.add(batch, rows: rows, outputs: executor)
        guard loss.isFinite else {
            engine.evaluation.undo()
            throw nonFiniteLoss(loss, batch, rows: rows, executor)
        }
        engine.evaluation.storeGradients(batch, rows: rows, in: executor)
        executor.backward(rows: rows, step: position.step)
        let gradients = executor.gradients
        guard kernels.pointee.all_finite(gradients.pointer, Int64(gradients.count)) != 0 else {
            engine.evaluation.undo()
            throw nonFiniteGradient(executor)
        }
        return loss
    }

    private func bind(_ batch: BatchLoader, to executor: Executor) {
        for index in network.graph.inputs.indices {
            executor.bindInput(index, to: batch.input(index))
        }
    }

    /// One step on a batch; gives its losses and metrics before the step.
    package func trainOnBatch(_ batch: any SampleSource) throws(SNNError) -> [Double] {
        let loader = try wholeBatch(batch)
        let engine = try trainingEngine(capacity: batch.count)
        let running = engine.evaluation.state
        engine.evaluation.reset()
        defer { engine.evaluation.state = running }
        try loader.load(rows: batch.count)
        try step(loader, rows: batch.count, engine)
        return Array(engine.evaluation.means)
    }

    /// The loss on a batch, in training mode, and the gradients for the getters; no step.
    package func computeGradients(_ batch: any SampleSource) throws(SNNError) -> Double {
        let loader = try wholeBatch(batch)
        let engine = try engine(
            &differentiator, .training, capacity: batch.count, wantsInputGradients: true)
        lastDifferentiatedRows = 0
        engine.evaluation.reset()
        try loader.load(rows: batch.count)
        let loss = try differentiate(loader, rows: batch.count, engine)
        lastDifferentiatedRows = batch.count
        return loss
    }

    /// The gradient with respect to a variable, of the last step or `computeGradients`. Throws when
    /// there was none, or the variable is not trained.
    package func gradient(
        of variable: Variable
    ) throws(SNNError) -> UnsafeBufferPointer<Float> {
        guard let lastGradients else {
            throw SNNError(.state, "there is no gradient yet; train or compute gradients first")
        }
        guard variable.role == .parameter else {
            throw SNNError(
                .argument, "'\(variable.name)' has no gradient: its layer updates it itself")
        }
        return UnsafeBufferPointer(
            start: lastGradients.gradients.pointer + variable.offset, count: variable.shape.count)
    }

    /// The gradient with respect to input `index`, of the last `computeGradients`: its rows.
    package func inputGradient(
        _ index: Int
    ) throws(SNNError) -> UnsafeBufferPointer<Float> {
        guard lastDifferentiatedRows > 0, let executor = differentiator?.executor else {
            throw SNNError(.state, "there is no input gradient; compute gradients first")
        }
        let count = lastDifferentiatedRows * executor.plan.inputShapes[index].count
        guard let pointer = executor.inputGradient(index) else {
            throw SNNError(.state, "input \(index) does not reach an output with a loss")
        }
        return UnsafeBufferPointer(start: pointer, count: count)
    }

    // MARK: Evaluation

    /// The objective on a part of a data set, in inference mode, in the order of its names.
    package func evaluate(
        _ dataset: any SampleSource, range: Range<Int>? = nil, batchSize: Int
    ) throws(SNNError) -> [Double] {
        try objective.check(dataset, for: network.graph)
        let range = range ?? 0 ..< dataset.count
        let capacity = min(batchSize, range.count)
        let engine = try engine(&evaluator, .inference, capacity: capacity)
        let loader = try BatchLoader(
            dataset, range: range, batchSize: capacity, shuffleSeed: nil, kernels: kernels)
        engine.evaluation.reset()
        try loader.begin(epoch: 0)
        for batch in 0 ..< loader.batchCount {
            let rows = loader.rows(ofBatch: batch)
            try loader.load(rows: rows)
            bind(loader, to: engine.executor)
            engine.executor.forward(rows: rows)
            _ = try engine.evaluation.add(loader, rows: rows, outputs: engine.executor)
        }
        return Array(engine.evaluation.means)
    }

    // MARK: Engines

    func trainingEngine(capacity: Int) throws(SNNError) -> Engine {
        let running = trainer?.evaluation.state
        let made = try engine(&trainer, .training, capacity: capacity)
        if let running { made.evaluation.state = running }
        return made
    }

    var runningSums: [Double] {
        get { trainer?.evaluation.state ?? [] }
        set { trainer?.evaluation.state = newValue }
    }

    private func engine(
        _ slot: inout Engine?, _ mode: Mode, capacity: Int, wantsInputGradients: Bool = false
    ) throws(SNNError) -> Engine {
        if let engine = slot, engine.executor.capacity >= capacity,
            engine.structureVersion == network.structureVersion
        {
            return engine
        }
        let graph = network.graph
        let plan =
            switch mode {
            case .inference: Plan.inference(of: graph)
            case .training:
                Plan.training(
                    of: graph, lossOutputs: objective.lossOutputs(graph.outputs.count),
                    wantsInputGradients: wantsInputGradients)
            }
        let executor = try Executor(
            plan, of: network, capacity: capacity, workers: workers, kernels: kernels)
        let evaluation = try Evaluation(
            objective, capacity: capacity, kernels: kernels, workers: workers)
        let engine = Engine(
            executor: executor, evaluation: evaluation, structureVersion: network.structureVersion)
        slot = engine
        return engine
    }

    private func wholeBatch(_ batch: any SampleSource) throws(SNNError) -> BatchLoader {
        try objective.check(batch, for: network.graph)
        let loader = try BatchLoader(
            batch, range: 0 ..< batch.count, batchSize: batch.count, shuffleSeed: nil,
            kernels: kernels)
        try loader.begin(epoch: 0)
        return loader
    }

    private var rangesVersion = -1
    private var ranges: [Range<Int>] = []

    private func trainableRanges(_ engine: Engine) -> [Range<Int>] {
        if rangesVersion != engine.structureVersion {
            ranges = network.trainableRanges
            rangesVersion = engine.structureVersion
        }
        return ranges
    }

    // MARK: What was not finite

    private func nonFiniteLoss(
        _ loss: Double, _ batch: BatchLoader, rows: Int, _ executor: Executor
    ) -> SNNError {
        let graph = network.graph
        var cause = ""
        for (index, tensor) in graph.inputs.enumerated() {
            let count = rows * graph.tensors[tensor].shape.count
            if kernels.pointee.all_finite(batch.input(index), Int64(count)) == 0 {
                cause += "; input '\(graph.name(ofTensor: tensor))' holds values that are not finite"
            }
        }
        for (index, tensor) in graph.outputs.enumerated() where cause.isEmpty {
            let count = rows * graph.tensors[tensor].shape.count
            if kernels.pointee.all_finite(executor.output(index), Int64(count)) == 0 {
                cause += "; the output of layer '\(graph.name(ofTensor: tensor))' is not finite"
            }
        }
        return SNNError(
            .numeric,
            "step \(position.step): the loss is \(loss)\(cause); nothing was updated")
    }

    private func nonFiniteGradient(_ executor: Executor) -> SNNError {
        for variable in network.graph.variables where variable.role == .parameter {
            let gradient = executor.gradients.pointer + variable.offset
            if kernels.pointee.all_finite(gradient, Int64(variable.shape.count)) == 0 {
                return SNNError(
                    .numeric,
                    "step \(position.step): the gradient of '\(variable.name)' is not finite; "
                        + "nothing was updated")
            }
        }
        return SNNError(
            .numeric, "step \(position.step): a gradient is not finite; nothing was updated")
    }
}
