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

    /// The state of the rule and of the optimizer, each buffer laid out as the parameters; and the
    /// optimizer's part of it.
    let slots: [OptimizerSlot]
    let slotBuffers: [Buffer<Float>]
    let optimizerSlots: [Buffer<Float>]
    private let constraints: VariableConstraints
    /// What training changes; see `UpdateRule.parts`.
    private(set) var trainedParts: [ParameterPart]
    /// The weights' averages stand in the model, and the weights in the slot, since the end of a fit
    /// or for its callbacks.
    var swappedAverages: SwappedAverages?
    package internal(set) var position = TrainingPosition()
    package internal(set) var history = History()
    /// Those of a fit that stands in the middle.
    var callbackRecords: CallbackRecords?
    /// Where those of the last fit stood when it returned: [{class_name, state}].
    package internal(set) var callbackStates = JSON.array([])

    /// Made when first needed, and anew for larger batches or after freezing.
    private var trainer: Engine?
    private var evaluator: Engine?
    private var differentiator: Engine?
    private var single: (batch: Batch, evaluation: Evaluation)?
    /// Whose gradients `gradient(of:)` reads.
    private var lastGradients: Executor?
    /// What was frozen then; after a change there are none.
    private var lastGradientsVersion = 0
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
        let slots = optimizer.rule.slots + optimizer.slots
        var buffers: [Buffer<Float>] = []
        for slot in slots {
            let buffer = try Buffer<Float>(count: network.parameters.count)
            if slot.initialValue != 0 {
                buffer.pointer.update(repeating: slot.initialValue, count: buffer.count)
            }
            buffers.append(buffer)
        }
        self.slots = slots
        constraints = try VariableConstraints(network.graph)
        slotBuffers = buffers
        optimizerSlots = Array(buffers[optimizer.rule.slots.count...])
        trainedParts = try optimizer.rule.parts(of: network)
    }

    // MARK: One batch

    /// One step on a batch of `rows`. Throws, with nothing changed, when the loss or a gradient is
    /// not finite.
    func step(
        _ batch: Batch, rows: Int, _ executor: Executor, _ evaluation: Evaluation
    ) throws(SNNError) {
        settleAverages()
        let loss = try differentiate(batch, rows: rows, executor, evaluation)
        try update(BatchInUse(batch: batch, rows: rows, executor: executor, evaluation: evaluation), loss)
        constraints.apply(to: network, kernels: kernels)
        executor.commit()
        position.step += 1
        network.weightsDidChange()
    }

    /// What a step works on.
    struct BatchInUse {
        let batch: Batch
        let rows: Int
        let executor: Executor
        let evaluation: Evaluation
    }

    /// The loss and its gradients in training mode, added to the running means.
    @discardableResult
    func differentiate(
        _ batch: Batch, rows: Int, _ executor: Executor, _ evaluation: Evaluation
    ) throws(SNNError) -> Double {
        let survey = try gradientSurvey()
        lastGradients = executor
        lastGradientsVersion = network.structureVersion
        bind(batch, to: executor)
        try executor.forward(rows: rows, step: position.step)
        let loss: Double
        do throws(SNNError) {
            loss = try evaluation.add(
                batch, rows: rows, outputs: executor, storingGradients: true)
        } catch {
            throw error.within("step \(position.step)")
        }
        guard loss.isFinite else {
            evaluation.undo()
            throw nonFiniteLoss(loss, batch, rows: rows, executor)
        }
        do throws(SNNError) {
            try executor.backward(rows: rows)
        } catch {
            evaluation.undo()
            throw error
        }
        guard
            survey.examine(executor.gradients.pointer, kernels: kernels, workers: workers)
        else {
            evaluation.undo()
            throw nonFiniteGradient(executor)
        }
        return loss
    }

    func bind(_ batch: Batch, to executor: Executor) {
        for index in network.graph.inputs.indices {
            executor.bindInput(index, to: batch.input(index))
        }
    }

    /// One step on a batch; gives its losses and metrics before the step, valid until the next
    /// call. Takes no memory after the first batch of a size.
    package func trainOnBatch(
        _ samples: SampleArrays
    ) throws(SNNError) -> UnsafeBufferPointer<Double> {
        let rows = try samples.check(objective, network.graph)
        let executor = try trainingEngine(capacity: rows).executor
        let (batch, evaluation) = try singleBatch(rows)
        samples.load(into: batch, kernels)
        evaluation.reset()
        try step(batch, rows: rows, executor, evaluation)
        return evaluation.means
    }

    /// The loss on a batch, in training mode, and the gradients for the getters; no step.
    package func computeGradients(_ samples: SampleArrays) throws(SNNError) -> Double {
        let rows = try samples.check(objective, network.graph)
        let (executor, batch, evaluation) = try differentiated(rows)
        samples.load(into: batch, kernels)
        lastDifferentiatedRows = 0
        evaluation.reset()
        let loss = try differentiate(batch, rows: rows, executor, evaluation)
        lastDifferentiatedRows = rows
        return loss
    }

    /// For who runs that model again.
    func forgetInputGradients() { lastDifferentiatedRows = 0 }

    /// What the last `computeGradients` worked with.
    func differentiated(
        _ rows: Int
    ) throws(SNNError) -> (Executor, Batch, Evaluation) {
        let executor = try engine(
            &differentiator, .training, capacity: rows, wantsInputGradients: true
        ).executor
        let (batch, evaluation) = try singleBatch(rows)
        return (executor, batch, evaluation)
    }

    /// Memory for batches that come alone.
    func singleBatch(_ rows: Int) throws(SNNError) -> (Batch, Evaluation) {
        if let single, single.batch.capacity >= rows { return single }
        let graph = network.graph
        var targets: [Shape] = []
        for term in objective.terms {
            targets.append(try term.loss.takesClasses ? Shape([term.vectors]) : term.shape)
        }
        let made = (
            batch: try Batch(
                capacity: rows, inputs: graph.inputs.map { graph.tensors[$0].shape },
                targets: targets),
            evaluation: try Evaluation(
                objective, capacity: rows, kernels: kernels, workers: workers)
        )
        single = made
        return made
    }

    /// The gradient with respect to a variable, of the last step or `computeGradients`. Throws when
    /// there was none, or the variable is not trained.
    package func gradient(
        of variable: Variable
    ) throws(SNNError) -> UnsafeBufferPointer<Float> {
        guard let lastGradients, lastGradientsVersion == network.structureVersion else {
            throw SNNError(.state, "there is no gradient yet; train or compute gradients first")
        }
        guard variable.role == .parameter else {
            throw SNNError(
                .argument, "'\(variable.name)' has no gradient: its layer updates it itself")
        }
        let node = network.graph.nodes.first { node in
            node.variables.contains { network.graph.variables[$0].name == variable.name }
        }
        guard node?.isTrainable ?? false else {
            throw SNNError(.state, "'\(variable.name)' has no gradient: its layer is frozen")
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

    // MARK: Engines

    func trainingEngine(capacity: Int) throws(SNNError) -> Engine {
        let before = trainer?.evaluation
        let made = try engine(&trainer, .training, capacity: capacity)
        // A larger one goes on with the sums of the epoch.
        if let before, before !== made.evaluation { made.evaluation.state = before.state }
        return made
    }

    var runningSums: [Double] {
        get { trainer?.evaluation.state ?? [] }
        set { trainer?.evaluation.state = newValue }
    }

    func evaluationEngine(capacity: Int) throws(SNNError) -> Engine {
        try engine(&evaluator, .inference, capacity: capacity)
    }

    /// What the last evaluation came to.
    package var evaluationMeans: [Double] { (evaluator?.evaluation.means).map { Array($0) } ?? [] }

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
            case .inference: Plan.inference(of: graph, withPenalties: true)
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

    /// The weights before a step that looks at several points; made when first needed.
    private var parametersBefore: Buffer<Float>?

    func keepParameters() throws(SNNError) -> Buffer<Float> {
        let kept: Buffer<Float>
        if let parametersBefore {
            kept = parametersBefore
        } else {
            kept = try Buffer(count: network.parameters.count)
            parametersBefore = kept
        }
        kept.pointer.copy(from: network.parameters.pointer, count: kept.count)
        return kept
    }

    private var survey: (made: GradientSurvey, structureVersion: Int)?

    /// Made when first needed, and anew after freezing, with the memory of the optimizer for it.
    func gradientSurvey() throws(SNNError) -> GradientSurvey {
        if let survey, survey.structureVersion == network.structureVersion { return survey.made }
        trainedParts = try optimizer.rule.parts(of: network)
        try optimizer.prepare(for: trainedParts, workers: workers)
        let made = try GradientSurvey(
            optimizer.rule.clipping, variables: trainedParts, isByVariable: optimizer.worksByVariable)
        survey = (made, network.structureVersion)
        return made
    }

    // MARK: What was not finite

    private func nonFiniteLoss(
        _ loss: Double, _ batch: Batch, rows: Int, _ executor: Executor
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
        for (index, term) in objective.terms.enumerated() where cause.isEmpty {
            let width = term.loss.takesClasses ? 1 : term.width
            let count = rows * term.vectors * width
            if kernels.pointee.all_finite(batch.target(index), Int64(count)) == 0 {
                let name = graph.name(ofTensor: graph.outputs[term.output])
                cause = "; the targets of output '\(name)' hold values that are not finite"
            }
        }
        if let weights = batch.weights, cause.isEmpty,
            kernels.pointee.all_finite(weights, Int64(rows)) == 0
        {
            cause = "; the sample weights hold values that are not finite"
        }
        if cause.isEmpty, let name = executor.nonFinitePenalty(rows: rows) {
            cause = "; the penalty of \(name) is not finite"
        }
        return SNNError(
            .numeric,
            "step \(position.step): the loss is \(loss.isNaN ? "nan" : "\(loss)")\(cause); "
                + "nothing was updated")
    }

    func nonFiniteGradient(_ executor: Executor) -> SNNError {
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
