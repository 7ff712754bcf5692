import SNNCore
import SNNKernels

/// Runs a plan: owns the memory for batches up to a capacity and walks the steps. One call at a
/// time; it takes no memory after `init`.
package final class Executor: @unchecked Sendable {
    // Sendable: its owner (a session or a trainer) admits one call at a time.
    package let plan: Plan
    package let network: Network
    package let capacity: Int
    package let workers: Workers
    package let kernels: UnsafePointer<KernelTable>

    let arena: Buffer<Float>
    let penaltyMemory: (sums: Buffer<Double>, workspace: Buffer<Float>)
    private let operands: Buffer<UnsafeMutablePointer<Float>?>
    let scratch: Buffer<Float>
    let workspaces: Buffer<Float>
    /// A session's own layouts of weights, and the version of the weights that they hold.
    private let packed: Buffer<Float>
    private var packedVersion: Int?
    /// The gradients of the parameters, laid out as those; empty for inference.
    package let gradients: Buffer<Float>
    let bufferOffsets: [Int]
    /// For tests: memory that holds nothing is filled with NaN, before the run and again as soon as
    /// the plan gives it away, so that a read of it shows.
    package var poisonsUnusedMemory = false
    /// The memory of each step, and what all share.
    private let memories: UnsafeMutablePointer<StepMemory>
    private let run: UnsafeMutablePointer<StepMemory.Run>
    private let failure: UnsafeMutablePointer<SNNError?>
    /// Whether gradients of the host's are used unchecked: by who checks them.
    package var trustsHost = false
    private let steps: BoundStep?
    /// The first of them, to be called without counting a reference.
    private let firstStep: Unmanaged<BoundStep>?
    /// All of the steps, where they are small products and the last one's is the sole output.
    private var chain: ProductChain?
    /// For each input of the model the operands that are bound to it.
    private var inputOperands: [[Int]]
    private var boundInputs: [UnsafeMutablePointer<Float>?]

    /// - Parameter capacity: the most rows of a batch, at least 1.
    package init(
        _ plan: Plan, of network: Network, capacity: Int, workers: Workers,
        kernels: UnsafePointer<KernelTable>
    ) throws(SNNError) {
        self.plan = plan
        self.network = network
        self.capacity = capacity
        self.workers = workers
        self.kernels = kernels

        var requests: [ArenaLayout.Request] = []
        var total = 0
        for buffer in plan.buffers {
            let count = try Executor.floats(buffer.count, rows: capacity)
            total += count
            guard total <= Shape.maximumCount else {
                throw SNNError(
                    .limit, "a batch of \(capacity) rows needs more than \(Shape.maximumCount) numbers")
            }
            requests.append(.init(count: count, first: buffer.first, last: buffer.last))
        }
        var scratchCount = 0
        for need in plan.scratch {
            scratchCount = max(scratchCount, try Executor.floats(need, rows: capacity))
        }
        let layout = ArenaLayout(requests)
        bufferOffsets = layout.offsets
        arena = try Buffer(count: layout.count)
        scratch = try Buffer(count: scratchCount)
        workspaces = try Buffer(count: plan.workspace * workers.threads)
        penaltyMemory = try Executor.penaltyMemory(plan, capacity: capacity)
        packed = try Buffer(count: plan.packed.last.map { $0.offset + $0.count } ?? 0)
        gradients = try Buffer(count: plan.mode == .training ? network.parameters.count : 0)
        operands = try Buffer(count: plan.steps.reduce(0) { $0 + $1.operands.count })
        inputOperands = plan.inputShapes.map { _ in [] }
        boundInputs = plan.inputShapes.map { _ in nil }
        memories = UnsafeMutablePointer<StepMemory>.allocate(capacity: plan.steps.count)
        run = UnsafeMutablePointer<StepMemory.Run>.allocate(capacity: 1)
        run.initialize(to: StepMemory.Run())
        failure = UnsafeMutablePointer<SNNError?>.allocate(capacity: 1)
        failure.initialize(to: nil)
        var chain: BoundStep?
        for index in plan.steps.indices.reversed() {
            chain = BoundStep(plan.steps[index].operation, memories + index, next: chain)
        }
        steps = chain
        firstStep = chain.map { Unmanaged.passUnretained($0) }
        bindSteps()
        if plan.mode == .inference { makeChain() }
    }

    deinit {
        chain?.deallocate()
        memories.deallocate()
        run.deallocate()
        failure.deinitialize(count: 1)
        failure.deallocate()
    }

    /// Gives input `index` of the model its rows: they are read, never written, and stay the
    /// caller's.
    package func bindInput(_ index: Int, to rows: UnsafePointer<Float>) {
        let pointer = UnsafeMutablePointer(mutating: rows)
        guard boundInputs[index] != pointer else { return }
        boundInputs[index] = pointer
        for operand in inputOperands[index] { operands.pointer[operand] = pointer }
        chain?.bindInputs()
    }

    /// Computes the outputs of `rows` (at most `capacity`) rows; all inputs must be bound. Throws
    /// where a layer of the host's fails, as `backward` does.
    package func forward(rows: Int, step: Int64 = 0) throws(SNNError) {
        prepare(rows: rows, step: step)
        if poisonsUnusedMemory {
            forwardPoisoning()
        } else if let firstStep {
            firstStep._withUnsafeGuaranteedRef { $0.forward() }
        }
        try throwFailure()
    }

    /// The same of a model with one output, which goes to `target`: its rows are the caller's.
    package func forward(
        rows: Int, into target: UnsafeMutablePointer<Float>
    ) throws(SNNError) {
        if let most = chain?.mostRows, rows <= most, !poisonsUnusedMemory {
            if packedVersion != network.weightsVersion { pack() }
            chain?.run(rows: rows, into: target)
            return
        }
        try forward(rows: rows)
        target.copy(from: output(0), count: rows &* plan.outputShapes[0].count)
    }

    /// What comes before the steps of a forward pass.
    @inline(__always)
    func prepare(rows: Int, step: Int64) {
        if packedVersion != network.weightsVersion { pack() }
        run.pointee = StepMemory.Run(rows: rows, step: step, trustsHost: trustsHost)
    }

    @inline(__always)
    func throwFailure() throws(SNNError) {
        if let failed = run.pointee.failed { throw takeFailure(of: failed) }
    }

    @inline(never)
    private func takeFailure(of failed: UnsafePointer<StepMemory>) -> SNNError {
        let error = failure.pointee ?? SNNError(.internal, "it failed")
        failure.pointee = nil
        run.pointee.failed = nil
        let step = plan.steps[failed - UnsafePointer(memories)]
        let node = network.graph.nodes[network.graph.calls[step.call].node]
        return error.within(node.layer.className + " '" + node.name + "'")
    }

    private func forwardPoisoning() {
        poisonAll()
        for index in plan.steps.indices {
            plan.steps[index].operation.forward(context(index))
            poison(after: index)
        }
    }

    private func pack() {
        for index in plan.steps.indices where plan.packed[index].count > 0 {
            plan.steps[index].operation.pack(context(index))
        }
        packedVersion = network.weightsVersion
    }

    /// Where `forward` left output `index`; valid until the next call.
    package func output(_ index: Int) -> UnsafeMutablePointer<Float> {
        pointer(to: plan.outputs[index]).unsafelyUnwrapped
    }

    /// Where the loss stores the gradient of output `index`, between `forward` and `backward`;
    /// nil for an output without a loss.
    package func outputGradient(_ index: Int) -> UnsafeMutablePointer<Float>? {
        pointer(to: plan.outputGradients[index])
    }

    /// The gradient of input `index`, after `backward`; nil when the plan does not compute it.
    package func inputGradient(_ index: Int) -> UnsafeMutablePointer<Float>? {
        pointer(to: plan.inputGradients[index])
    }

    /// Computes the gradients of all parameters from those of the outputs, after `forward` of as
    /// many rows.
    package func backward(rows: Int) throws(SNNError) {
        storeActivityGradients(rows: rows)
        for accumulation in plan.lossAccumulations { accumulate(accumulation, rows: rows) }
        if poisonsUnusedMemory { poison(after: plan.steps.count) }
        for index in plan.steps.indices.reversed() where plan.steps[index].hasBackward {
            for cleared in plan.steps[index].cleared {
                let count = cleared.count.perRow &* rows &+ cleared.count.fixed
                kernels.pointee.fill(
                    pointer(to: cleared.target).unsafelyUnwrapped, Int64(count), 0)
            }
            plan.steps[index].operation.backward(context(index))
            for accumulation in plan.steps[index].accumulations {
                accumulate(accumulation, rows: rows)
            }
            if poisonsUnusedMemory { poison(after: 2 * plan.steps.count - index) }
        }
        addVariableGradients()
        try throwFailure()
    }

    /// Lets the layers update their statistics, in the order of their calls, after `forward`.
    package func commit() {
        for index in plan.steps.indices where plan.steps[index].commits {
            plan.steps[index].operation.commit(context(index))
        }
    }

    /// What a call left half done that did not end, since its thread was not forked with the process,
    /// counts for nothing. The rest of the memory is written anew by each call.
    package func forgetCall() {
        for index in boundInputs.indices { boundInputs[index] = nil }
        packedVersion = nil
        chain?.forgetRows()
    }

    // MARK: Steps of the above

    static func floats(_ count: FloatCount, rows: Int) throws(SNNError) -> Int {
        let (product, overflows) = count.perRow.multipliedReportingOverflow(by: rows)
        let (sum, sumOverflows) = product.addingReportingOverflow(count.fixed)
        guard !overflows, !sumOverflows, sum <= Shape.maximumCount else {
            throw SNNError(
                .limit, "a batch of \(rows) rows needs more than \(Shape.maximumCount) numbers")
        }
        return sum
    }

    private func bindSteps() {
        var place = 0
        for (index, step) in plan.steps.enumerated() {
            let firstVariable = step.inputCount + step.outputCount
            let packing = plan.packed[index]
            (memories + index).initialize(
                to: StepMemory(
                    operands: operands.pointer + place, inputCount: step.inputCount,
                    outputCount: step.outputCount, firstVariable: firstVariable,
                    firstGradient: firstVariable + step.variableCount + 1, kernels: kernels,
                    workers: workers, seed: network.seed, scratch: scratch.pointer,
                    workspaces: workspaces.pointer, workspaceSize: plan.workspace,
                    packed: packing.count > 0 ? packed.pointer + packing.offset : nil, run: run,
                    failure: failure))
            for operand in step.operands {
                if case .input(let index) = operand { inputOperands[index].append(place) }
                operands.pointer[place] = pointer(to: operand)
                place += 1
            }
        }
    }

    private func makeChain() {
        let places = plan.steps.flatMap { $0.operands.prefix($0.inputCount + $0.outputCount) }
        guard plan.outputs.count == 1, let last = plan.steps.last,
            last.operands[last.inputCount] == plan.outputs[0],
            places.filter({ $0 == plan.outputs[0] }).count == 1
        else { return }
        // Inputs that are not bound yet; the chain gets them when they are.
        for place in inputOperands.joined() { operands.pointer[place] = arena.pointer }
        let products = plan.steps.indices.compactMap {
            plan.steps[$0].operation.soleProduct(context($0))
        }
        for place in inputOperands.joined() { operands.pointer[place] = nil }
        guard products.count == plan.steps.count else { return }
        chain = ProductChain(
            products, memories, capacity: capacity, workers: workers, kernels: kernels)
    }

    func pointer(to operand: Plan.Operand) -> UnsafeMutablePointer<Float>? {
        switch operand {
        case .none: nil
        case .buffer(let index): arena.pointer + bufferOffsets[index]
        case .input(let index): boundInputs[index]
        case .parameter(let offset): network.parameters.pointer + offset
        case .statistic(let offset): network.statistics.pointer + offset
        case .parameterGradient(let offset): gradients.pointer + offset
        }
    }

    func context(_ index: Int) -> OperationContext {
        OperationContext(memories + index)
    }

    private func accumulate(_ accumulation: Plan.Accumulation, rows: Int) {
        guard let source = pointer(to: accumulation.source),
            let target = pointer(to: accumulation.target)
        else { return }
        let count = accumulation.count.perRow &* rows &+ accumulation.count.fixed
        workers.split(count, cost: 1, granule: 16, with: (kernels, source, target)) {
            work, start, count in
            let (kernels, source, target) = work
            kernels.pointee.add(target + start, source + start, target + start, Int64(count))
        }
    }
}
