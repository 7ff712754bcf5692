import SNNCore

/// Makes a plan: forward steps in the graph's order, the gradients backward, and the times that
/// each buffer is needed for.
struct PlanBuilder {
    let graph: Graph
    let mode: Mode
    private(set) var steps: [Plan.Step] = []
    private(set) var buffers: [Plan.ArenaBuffer] = []
    private(set) var scratch: [FloatCount] = []
    private(set) var workspace = 0
    private(set) var packed: [(count: Int, offset: Int)] = []
    private(set) var outputs: [Plan.Operand] = []
    private(set) var outputGradients: [Plan.Operand] = []
    private(set) var lossAccumulations: [Plan.Accumulation] = []
    private(set) var inputGradients: [Plan.Operand] = []
    private(set) var penalties: [Plan.Penalty] = []

    /// A tensor's memory; a view shares that of its input.
    private struct Storage {
        let operand: Plan.Operand
        let count: Int
        /// Whether anything before it learns, or its gradient was asked for.
        var needsGradient: Bool
        var gradient = Plan.Operand.none
    }

    private var storages: [Storage] = []
    /// For each tensor its storage.
    private var storageOf: [Int]
    /// Parameters whose gradient some step has stored already.
    private var contributed: Set<Int> = []
    /// Calls that a step before them does too.
    private var absorbed: Set<Int> = []
    private let soleUsers: [Int?]
    /// For each tensor whether there is a step that gives it.
    private var isComputed: [Bool]

    init(
        _ graph: Graph, mode: Mode, lossOutputs: [Bool], wantsInputGradients: Bool,
        wantsPenalties: Bool
    ) {
        self.graph = graph
        self.mode = mode
        storageOf = [Int](repeating: 0, count: graph.tensors.count)
        isComputed = [Bool](repeating: false, count: graph.tensors.count)
        soleUsers = mode == .inference ? graph.soleUsers : []
        addInputs(wantGradients: wantsInputGradients)
        for call in graph.calls.indices { addStep(for: call) }
        addOutputs()
        if mode == .training { addLossGradients(lossOutputs) }
        if wantsPenalties { addActivityPenalties() }
        if mode == .training {
            for step in steps.indices.reversed() { addBackward(of: step) }
        }
        if wantsPenalties { addVariablePenalties() }
        // An input that a loss looks at has one that nobody asked for.
        inputGradients = graph.inputs.map {
            wantsInputGradients ? storages[storageOf[$0]].gradient : .none
        }
    }

    // MARK: Times

    private var lossTime: Int { steps.count }
    private var endTime: Int { 2 * steps.count + 1 }
    private func backwardTime(_ step: Int) -> Int { 2 * steps.count - step }

    private mutating func extend(_ operand: Plan.Operand, to time: Int) {
        guard case .buffer(let index) = operand else { return }
        buffers[index].last = max(buffers[index].last, time)
    }

    private mutating func addBuffer(_ count: FloatCount, at time: Int) -> Plan.Operand {
        buffers.append(Plan.ArenaBuffer(count: count, first: time, last: time))
        return .buffer(buffers.count - 1)
    }

    // MARK: Forward

    private mutating func addInputs(wantGradients: Bool) {
        for (index, tensor) in graph.inputs.enumerated() {
            isComputed[tensor] = true
            storageOf[tensor] = storages.count
            storages.append(
                Storage(
                    operand: .input(index), count: graph.tensors[tensor].shape.count,
                    needsGradient: wantGradients))
        }
    }

    private mutating func addStep(for index: Int) {
        let call = graph.calls[index]
        guard !call.inputs.isEmpty, !absorbed.contains(index) else { return }
        let node = graph.nodes[call.node]
        var layerCall = LayerCall(
            mode: mode, inputs: call.inputs.map { graph.tensors[$0].shape },
            outputs: call.outputs.map { graph.tensors[$0].shape },
            isTrainable: node.isTrainable, ordinal: call.node, index: call.index)
        var (inputs, outputs, variableIndices) = (call.inputs, call.outputs, node.variables)
        if mode == .inference {
            let fused = FusedCall(index, in: graph, users: soleUsers, isComputed: isComputed)
            layerCall.epilogue = fused.epilogue
            absorbed.formUnion(fused.absorbed)
            (inputs, variableIndices) = (fused.inputs, fused.variables)
            outputs[0] = fused.output
        }
        for tensor in outputs { isComputed[tensor] = true }
        let operation = node.layer.operation(for: layerCall)
        let needs = operation.needs
        if needs.isView {
            storageOf[outputs[0]] = storageOf[inputs[0]]
            return
        }
        let time = steps.count
        for tensor in inputs { extend(storages[storageOf[tensor]].operand, to: time) }
        let learns = node.variables.contains { graph.isTrainable(graph.variables[$0], of: node) }
        let needsGradient =
            learns || inputs.contains { storages[storageOf[$0]].needsGradient }
        for tensor in outputs {
            let count = graph.tensors[tensor].shape.count
            storageOf[tensor] = storages.count
            storages.append(
                Storage(
                    operand: addBuffer(FloatCount(perRow: count), at: time), count: count,
                    needsGradient: needsGradient))
        }
        let variables = variableIndices.map { index in
            let variable = graph.variables[index]
            return variable.role == .parameter
                ? Plan.Operand.parameter(variable.offset) : .statistic(variable.offset)
        }
        let operands =
            inputs.map { storages[storageOf[$0]].operand }
            + outputs.map { storages[storageOf[$0]].operand }
            + variables
            + [addBuffer(needs.saved, at: time)]
        let gradientCount = inputs.count + outputs.count + variables.count
        scratch.append(needs.scratch)
        workspace = max(workspace, needs.workspace)
        // Every row of sixteen floats begins a cache line.
        let end = packed.last.map { $0.offset + ($0.count + 15) / 16 * 16 } ?? 0
        packed.append((mode == .inference ? needs.packed : 0, end))
        steps.append(
            Plan.Step(
                operation: operation, call: index, inputCount: inputs.count,
                outputCount: outputs.count, variableCount: variables.count,
                operands: operands + [Plan.Operand](repeating: .none, count: gradientCount),
                commits: mode == .training && needs.commits))
    }

    private mutating func addOutputs() {
        for tensor in graph.outputs {
            let operand = storages[storageOf[tensor]].operand
            // To the end: the caller reads them after the run.
            extend(operand, to: endTime)
            outputs.append(operand)
        }
    }

    // MARK: Backward

    private mutating func addLossGradients(_ lossOutputs: [Bool]) {
        for (tensor, hasLoss) in zip(graph.outputs, lossOutputs) {
            guard hasLoss else {
                outputGradients.append(.none)
                continue
            }
            let storage = storageOf[tensor]
            let count = FloatCount(perRow: storages[storage].count)
            let (operand, accumulation) = contribution(toStorage: storage, count, at: lossTime)
            outputGradients.append(operand)
            if let accumulation { lossAccumulations.append(accumulation) }
        }
    }

    /// The penalty on an output of a layer is to the plan what a loss on it would be.
    private mutating func addActivityPenalties() {
        for call in graph.calls {
            let node = graph.nodes[call.node]
            guard let regularizer = node.layer.activityRegularizer else { continue }
            for tensor in call.outputs {
                let storage = storageOf[tensor]
                let shape = graph.tensors[tensor].shape
                extend(storages[storage].operand, to: lossTime)
                var penalty = Plan.Penalty(
                    regularizer: regularizer, name: "the activity of layer '\(node.name)'",
                    source: storages[storage].operand, rows: nil, columns: shape.count)
                if mode == .training, storages[storage].needsGradient {
                    let (operand, accumulation) = contribution(
                        toStorage: storage, FloatCount(perRow: shape.count), at: lossTime)
                    penalty.gradient = operand
                    if let accumulation { lossAccumulations.append(accumulation) }
                }
                penalties.append(penalty)
            }
        }
    }

    /// After the backward pass, which tells whose gradients are stored; once for each variable.
    private mutating func addVariablePenalties() {
        for node in graph.nodes {
            for index in node.variables {
                let variable = graph.variables[index]
                guard graph.isTrainable(variable, of: node),
                    let regularizer = variable.specification.regularizer
                else { continue }
                let rows = variable.shape[0]
                penalties.append(
                    Plan.Penalty(
                        regularizer: regularizer, name: "'\(variable.name)'",
                        source: .parameter(variable.offset), rows: rows,
                        columns: variable.shape.count / rows,
                        gradient: mode == .training ? .parameterGradient(variable.offset) : .none,
                        isFirst: !contributed.contains(index)))
            }
        }
    }

    private mutating func addBackward(of index: Int) {
        let call = graph.calls[steps[index].call]
        let node = graph.nodes[call.node]
        let time = backwardTime(index)
        let isReached = call.outputs.contains { storages[storageOf[$0]].gradient != .none }
        let learned = node.variables.map { graph.isTrainable(graph.variables[$0], of: node) }
        let wantsInput = call.inputs.map { storages[storageOf[$0]].needsGradient }
        if steps[index].commits {
            extend(savedOperand(of: index), to: endTime)
        }
        guard isReached, learned.contains(true) || wantsInput.contains(true) else { return }

        steps[index].hasBackward = true
        extend(savedOperand(of: index), to: max(time, savedEnd(of: index)))
        let needs = steps[index].operation.needs
        var slot = call.inputs.count + call.outputs.count + node.variables.count + 1
        for tensor in call.outputs {
            let storage = storageOf[tensor]
            if storages[storage].gradient == .none {
                let count = FloatCount(perRow: storages[storage].count)
                let operand = addBuffer(count, at: time)
                steps[index].cleared.append(
                    Plan.Accumulation(source: .none, target: operand, count: count))
                steps[index].operands[slot] = operand
            } else {
                steps[index].operands[slot] = storages[storage].gradient
            }
            extend(steps[index].operands[slot], to: time)
            if needs.backwardReadsOutputs { extend(storages[storage].operand, to: time) }
            slot += 1
        }
        for (tensor, isWanted) in zip(call.inputs, wantsInput) {
            let storage = storageOf[tensor]
            if needs.backwardReadsInputs { extend(storages[storage].operand, to: time) }
            if isWanted {
                let count = FloatCount(perRow: storages[storage].count)
                let (operand, accumulation) = contribution(toStorage: storage, count, at: time)
                steps[index].operands[slot] = operand
                if let accumulation { steps[index].accumulations.append(accumulation) }
            }
            slot += 1
        }
        for (variable, isLearned) in zip(node.variables, learned) {
            if isLearned {
                let (operand, accumulation) = contribution(toParameter: variable, at: time)
                steps[index].operands[slot] = operand
                if let accumulation { steps[index].accumulations.append(accumulation) }
            }
            slot += 1
        }
    }

    private func savedOperand(of index: Int) -> Plan.Operand {
        let step = steps[index]
        return step.operands[step.inputCount + step.outputCount + step.variableCount]
    }

    private func savedEnd(of index: Int) -> Int {
        guard case .buffer(let buffer) = savedOperand(of: index) else { return 0 }
        return buffers[buffer].last
    }

    /// Where a gradient of a tensor is stored: the first contribution at its own place, a later
    /// one beside it, to be added.
    private mutating func contribution(
        toStorage storage: Int, _ count: FloatCount, at time: Int
    ) -> (Plan.Operand, Plan.Accumulation?) {
        if storages[storage].gradient == .none {
            let operand = addBuffer(count, at: time)
            if case .input = storages[storage].operand { extend(operand, to: endTime) }
            storages[storage].gradient = operand
            return (operand, nil)
        }
        extend(storages[storage].gradient, to: time)
        let operand = addBuffer(count, at: time)
        return (
            operand,
            Plan.Accumulation(source: operand, target: storages[storage].gradient, count: count)
        )
    }

    private mutating func contribution(
        toParameter index: Int, at time: Int
    ) -> (Plan.Operand, Plan.Accumulation?) {
        let variable = graph.variables[index]
        let target = Plan.Operand.parameterGradient(variable.offset)
        guard !contributed.insert(index).inserted else { return (target, nil) }
        let count = FloatCount(fixed: variable.shape.count)
        let operand = addBuffer(count, at: time)
        return (operand, Plan.Accumulation(source: operand, target: target, count: count))
    }
}
