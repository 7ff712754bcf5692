import CKernels
import SNNCore
import SNNKernels

/// One step of a plan: computes a call of a layer, forward and backward.
///
/// An operation is immutable and holds no data: memory comes with the context, so that any number
/// of executors run one plan at once. It allocates nothing and cannot fail; whatever can go wrong
/// was refused when shapes were known. Only an operation of the host's may: see
/// `OperationContext.fail`.
package protocol Operation: AnyObject, Sendable {
    var needs: OperationNeeds { get }

    /// outputs = f(inputs, variables).
    func forward(_ context: OperationContext)

    /// Stores (does not add) dInputs and dVariables, those that are asked for, given dOutputs. The
    /// executor adds up where a tensor or variable has several uses.
    func backward(_ context: OperationContext)

    /// Lays variables out anew as `forward` reads them best, into `context.packed`. Called before
    /// `forward` in inference, where the weights changed since the last time.
    func pack(_ context: OperationContext)

    /// The matrix product of one row of the batch that is all of `forward`, with its operands' places;
    /// nil where there is more to do. More rows are the same product with as many times its m.
    /// Called once, for inference.
    func soleProduct(_ context: OperationContext) -> snnk_product?

    /// Updates the statistics from what `forward` saved, once the step is known to be sound.
    func commit(_ context: OperationContext)
}

extension Operation {
    package func pack(_ context: OperationContext) {}
    package func soleProduct(_ context: OperationContext) -> snnk_product? { nil }
    package func commit(_ context: OperationContext) {}
}

/// A number of floats that grows with the rows of the batch.
package struct FloatCount: Sendable {
    package var perRow: Int
    package var fixed: Int

    package init(perRow: Int = 0, fixed: Int = 0) {
        self.perRow = perRow
        self.fixed = fixed
    }

    package static let none = FloatCount()
}

/// What an operation asks of the plan besides its inputs, outputs and variables.
package struct OperationNeeds: Sendable {
    /// The output is the input under another shape: the plan lets both share memory and takes no
    /// step for it.
    package var isView = false
    /// Kept from `forward` to `backward` (training only).
    package var saved = FloatCount.none
    /// Free to use during one call.
    package var scratch = FloatCount.none
    /// Floats free to use during one piece of parallel work (see `Workers.share`).
    package var workspace = 0
    /// Floats that `pack` lays out (inference only).
    package var packed = 0
    package var backwardReadsInputs = false
    package var backwardReadsOutputs = false
    package var commits = false

    package init() {}

    package static let view: OperationNeeds = {
        var needs = OperationNeeds()
        needs.isView = true
        return needs
    }()
}

/// What an operation works on: raw memory of one executor, valid during the call.
package struct OperationContext {
    let memory: UnsafePointer<StepMemory>

    init(_ memory: UnsafePointer<StepMemory>) {
        self.memory = memory
    }

    /// Rows of this batch, at most the plan's capacity.
    package var rows: Int { memory.pointee.run.pointee.rows }
    package var kernels: UnsafePointer<KernelTable> { memory.pointee.kernels }
    package var workers: Workers { memory.pointee.workers }
    /// The model's seed and the number of the training step, for random numbers.
    package var seed: UInt64 { memory.pointee.seed }
    package var step: Int64 { memory.pointee.run.pointee.step }
    package var scratch: UnsafeMutablePointer<Float> { memory.pointee.scratch }
    /// What `pack` laid out, nil where the operation asked for nothing.
    package var packed: UnsafeMutablePointer<Float>? { memory.pointee.packed }

    /// Whether an operation of this run failed. What comes after it computes, but nobody looks.
    package var hasFailed: Bool { memory.pointee.run.pointee.failed != nil }

    /// Makes the run throw `error` in the name of the layer; the first one counts.
    package func fail(_ error: SNNError) {
        guard !hasFailed else { return }
        memory.pointee.failure.pointee = error
        memory.pointee.run.pointee.failed = memory
    }

    /// Whether the host's gradients are to be taken as they are.
    package var trustsHost: Bool { memory.pointee.run.pointee.trustsHost }

    /// The floats of one piece of parallel work.
    package func workspace(_ piece: Int) -> UnsafeMutablePointer<Float> {
        memory.pointee.workspaces + piece &* memory.pointee.workspaceSize
    }

    package func input(_ index: Int = 0) -> UnsafeMutablePointer<Float> {
        memory.pointee.operands[index].unsafelyUnwrapped
    }

    package func output(_ index: Int = 0) -> UnsafeMutablePointer<Float> {
        memory.pointee.operands[memory.pointee.inputCount &+ index].unsafelyUnwrapped
    }

    package func variable(_ index: Int) -> UnsafeMutablePointer<Float> {
        memory.pointee.operands[memory.pointee.firstVariable &+ index].unsafelyUnwrapped
    }

    package var saved: UnsafeMutablePointer<Float> {
        memory.pointee.operands[memory.pointee.firstGradient &- 1].unsafelyUnwrapped
    }

    package func dOutput(_ index: Int = 0) -> UnsafeMutablePointer<Float> {
        memory.pointee.operands[memory.pointee.firstGradient &+ index].unsafelyUnwrapped
    }

    /// nil when nobody asks for this gradient.
    package func dInput(_ index: Int = 0) -> UnsafeMutablePointer<Float>? {
        let first = memory.pointee.firstGradient &+ memory.pointee.outputCount
        return memory.pointee.operands[first &+ index]
    }

    /// Where the inputs are, one after the other; then the variables, and where their gradients go,
    /// nil as said below.
    package var inputs: UnsafePointer<UnsafeMutablePointer<Float>?> { memory.pointee.operands }
    package var variables: UnsafePointer<UnsafeMutablePointer<Float>?> {
        memory.pointee.operands + memory.pointee.firstVariable
    }
    package var dInputs: UnsafePointer<UnsafeMutablePointer<Float>?> {
        memory.pointee.operands + memory.pointee.firstGradient + memory.pointee.outputCount
    }
    package var dVariables: UnsafePointer<UnsafeMutablePointer<Float>?> {
        memory.pointee.operands + memory.pointee.firstGradient + memory.pointee.firstVariable
    }

    /// nil when nobody asks for this gradient (the layer is frozen, or it is a statistic).
    package func dVariable(_ index: Int) -> UnsafeMutablePointer<Float>? {
        let first = memory.pointee.firstGradient &+ memory.pointee.firstVariable
        return memory.pointee.operands[first &+ index]
    }
}

/// Where the memory of a step is; the executor fixes it once.
struct StepMemory {
    /// inputs, outputs, variables, saved, dOutputs, dInputs, dVariables
    let operands: UnsafePointer<UnsafeMutablePointer<Float>?>
    let inputCount: Int
    let outputCount: Int
    let firstVariable: Int
    let firstGradient: Int
    let kernels: UnsafePointer<KernelTable>
    let workers: Workers
    let seed: UInt64
    let scratch: UnsafeMutablePointer<Float>
    let workspaces: UnsafeMutablePointer<Float>
    let workspaceSize: Int
    let packed: UnsafeMutablePointer<Float>?
    let run: UnsafeMutablePointer<Run>
    /// Set where `Run.failed` is.
    let failure: UnsafeMutablePointer<SNNError?>

    /// What differs from run to run.
    struct Run {
        var rows = 0
        var step: Int64 = 0
        var trustsHost = false
        /// The step whose operation failed.
        var failed: UnsafePointer<StepMemory>?
    }
}

/// A step of a plan, its memory, and the step after it. Constants all the way, so that a walk
/// counts no references, which would cost more than a small layer does.
final class BoundStep {
    private let operation: any Operation
    private let memory: UnsafePointer<StepMemory>
    private let next: BoundStep?

    init(_ operation: any Operation, _ memory: UnsafePointer<StepMemory>, next: BoundStep?) {
        self.operation = operation
        self.memory = memory
        self.next = next
    }

    /// From this step to the last.
    func forward() {
        operation.forward(OperationContext(memory))
        next?.forward()
    }
}
