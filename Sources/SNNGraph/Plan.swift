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

    /// A tensor or variable whose penalty is part of the loss.
    struct Penalty: Sendable {
        let regularizer: any Regularizer
        /// As messages name it.
        let name: String
        let source: Operand
        /// Rows of it: those of the batch where nil, whose number the penalty is then divided by.
        let rows: Int?
        let columns: Int
        /// Where its gradient goes, `.none` where there is none.
        var gradient = Operand.none
        /// Whether nothing else stores a gradient there before.
        var isFirst = true
    }

    package let mode: Mode
    package let inputShapes: [Shape]
    package let outputShapes: [Shape]
    let steps: [Step]
    let buffers: [ArenaBuffer]
    package var stepCount: Int { steps.count }
    let scratch: [FloatCount]
    /// The most floats that a piece of parallel work asks for.
    let workspace: Int
    /// For each step how many floats `pack` lays out, and where in the executor's.
    let packed: [(count: Int, offset: Int)]
    let outputs: [Operand]
    /// For each output the gradient that the loss stores, `.none` where there is no loss.
    let outputGradients: [Operand]
    let lossAccumulations: [Accumulation]
    /// Those of outputs of layers in the order of the calls, then those of variables.
    let penalties: [Penalty]
    /// For each input of the model its gradient, `.none` where it was not asked for.
    let inputGradients: [Operand]

    /// A plan to predict.
    ///
    /// - Parameter withPenalties: whether the penalties of the loss are wanted too.
    package static func inference(of graph: Graph, withPenalties: Bool = false) -> Plan {
        Plan(
            PlanBuilder(
                graph, mode: .inference, lossOutputs: [], wantsInputGradients: false,
                wantsPenalties: withPenalties))
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
                wantsInputGradients: wantsInputGradients, wantsPenalties: true))
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
        penalties = builder.penalties
        inputGradients = builder.inputGradients
    }
}
