import SNNCore
import SNNGraph
import SNNKernels

/// Runs a model forward and backward with given rows and cotangents. Memory that holds nothing is
/// poisoned with NaN all the time, unless told otherwise.
package final class ModelRunner {
    package struct Options {
        package var mode = Mode.training
        package var rows = 3
        package var capacity: Int?
        package var threads = 1
        package var set = InstructionSet.best
        /// The training step, which keys the masks of Dropout.
        package var step: Int64 = 0
        /// For each output whether it has a cotangent; all, where not given.
        package var lossOutputs: [Bool]?
        package var wantsInputGradients = true
        package var poisons = true

        package init() {}
    }

    package let network: Network
    package let executor: Executor
    package let options: Options
    private let inputs: [Buffer<Float>]

    package init(
        _ network: Network, _ change: (inout Options) -> Void = { _ in }
    ) throws {
        var options = Options()
        change(&options)
        self.options = options
        self.network = network
        let graph = network.graph
        let plan =
            options.mode == .inference
            ? Plan.inference(of: graph)
            : Plan.training(
                of: graph, lossOutputs: options.lossOutputs ?? graph.outputs.map { _ in true },
                wantsInputGradients: options.wantsInputGradients)
        executor = try Executor(
            plan, of: network, capacity: options.capacity ?? options.rows,
            workers: Workers(threads: options.threads), kernels: options.set.kernels)
        executor.poisonsUnusedMemory = options.poisons
        inputs = try plan.inputShapes.map { try Buffer(count: options.rows * $0.count) }
        for (index, input) in inputs.enumerated() {
            executor.bindInput(index, to: input.pointer)
        }
        for index in 0 ..< executor.gradients.count { executor.gradients.pointer[index] = mark }
    }

    /// What stands in gradients that no one stored.
    private let mark: Float = -7.75e30

    package func input(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: inputs[index].pointer, count: inputs[index].count)
    }

    package func setInputs(_ values: [[Float]]) {
        for (index, rows) in values.enumerated() { _ = input(index).update(from: rows) }
    }

    @discardableResult
    package func forward() -> [[Float]] {
        // No layer of ours fails.
        try! executor.forward(rows: options.rows, step: options.step)
        return executor.plan.outputShapes.enumerated().map { index, shape in
            Array(
                UnsafeBufferPointer(
                    start: executor.output(index), count: options.rows * shape.count))
        }
    }

    /// After `forward`: the gradients of the sum of outputs * cotangents.
    package func backward(_ cotangents: [[Float]]) {
        for (index, cotangent) in cotangents.enumerated() {
            executor.outputGradient(index)?.update(from: cotangent, count: cotangent.count)
        }
        try! executor.backward(rows: options.rows)
    }

    package func commit() { executor.commit() }

    /// nil where the plan computes none.
    package func inputGradient(_ index: Int) -> [Float]? {
        executor.inputGradient(index).map {
            Array(UnsafeBufferPointer(start: $0, count: inputs[index].count))
        }
    }

    /// nil where no step stored it.
    package func gradient(of variable: Variable) -> [Float]? {
        guard variable.role == .parameter else { return nil }
        let values = Array(
            UnsafeBufferPointer(
                start: executor.gradients.pointer + variable.offset, count: variable.shape.count))
        return values.contains(mark) ? nil : values
    }

    /// All gradients, in order: those of the inputs, then those of the parameters.
    package var gradients: [[Float]] {
        inputs.indices.compactMap { inputGradient($0) }
            + network.graph.variables.compactMap { gradient(of: $0) }
    }
}
