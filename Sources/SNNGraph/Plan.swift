import SNNCore

/// How a model runs in one mode, for any batch up to a capacity that an `Executor` gives: the steps
/// in order, what memory each works on, and how long each piece of memory is needed. Immutable.
package final class Plan: Sendable {
    /// A piece of memory that a step works on.
    enum Operand: Sendable, Equatable {
        case none
        /// A buffer of the arena.
        case buffer(Int)
        /// What the caller bound to an input of the model.
        case input(Int)
        /// Offsets into the network's buffers and the gradients'.
        case parameter(Int)
        case statistic(Int)
        case parameterGradient(Int)
    }

    /// `target` += `source`, after a step's backward pass, where a tensor or variable has several
    /// uses.
    struct Accumulation: Sendable {
        let source: Operand
        let target: Operand
        let count: FloatCount
    }

    struct Step: Sendable {
        let operation: any Operation
        let call: Int
        let inputCount: Int
        let outputCount: Int
        let variableCount: Int
        /// In the order of `OperationContext`.
        var operands: [Operand]
        var hasBackward = false
        /// Gradients of outputs that nothing contributes to.
        var cleared: [Accumulation] = []
        var accumulations: [Accumulation] = []
        let commits: Bool
    }

    /// A buffer of the arena and the time it is needed for: forward steps are times 0 ..< n, the
    /// loss is n, the backward pass of step i is 2n - i, and 2n + 1 comes after all.
    struct ArenaBuffer: Sendable {
        let count: FloatCount
        let first: Int
        var last: Int
    }

    package let mode: Mode
    package let inputShapes: [Shape]
    package let outputShapes: [Shape]
    let steps: [Step]
    let buffers: [ArenaBuffer]
    let scratch: [FloatCount]
    /// The most floats that a piece of parallel work asks for.
    let workspace: Int
    /// For each step how many floats `pack` lays out, and where in the executor's.
    let packed: [(count: Int, offset: Int)]
    let outputs: [Operand]
    /// For each output the gradient that the loss stores, `.none` where there is no loss.
    let outputGradients: [Operand]
    let lossAccumulations: [Accumulation]
    /// For each input of the model its gradient, `.none` where it was not asked for.
    let inputGradients: [Operand]

    /// A plan to predict.
    package static func inference(of graph: Graph) -> Plan {
        Plan(PlanBuilder(graph, mode: .inference, lossOutputs: [], wantsInputGradients: false))
    }

    /// A plan to train.
    ///
    /// - Parameter lossOutputs: for each output of the model, whether a loss stores its gradient.
    package static func training(
        of graph: Graph, lossOutputs: [Bool], wantsInputGradients: Bool
    ) -> Plan {
        Plan(
            PlanBuilder(
                graph, mode: .training, lossOutputs: lossOutputs,
                wantsInputGradients: wantsInputGradients))
    }

    private init(_ builder: PlanBuilder) {
        mode = builder.mode
        inputShapes = builder.graph.inputs.map { builder.graph.tensors[$0].shape }
        outputShapes = builder.graph.outputs.map { builder.graph.tensors[$0].shape }
        steps = builder.steps
        buffers = builder.buffers
        scratch = builder.scratch
        workspace = builder.workspace
        packed = builder.packed
        outputs = builder.outputs
        outputGradients = builder.outputGradients
        lossAccumulations = builder.lossAccumulations
        inputGradients = builder.inputGradients
    }
}
