import SNNCore
import SNNKernels

/// One step of a plan: computes a call of a layer, forward and backward.
///
/// An operation is immutable and holds no data: memory comes with the context, so that any number
/// of executors run one plan at once. It allocates nothing and cannot fail; whatever can go wrong
/// was refused when shapes were known.
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

    /// Updates the statistics from what `forward` saved, once the step is known to be sound.
    func commit(_ context: OperationContext)
}

extension Operation {
    package func pack(_ context: OperationContext) {}
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
    /// inputs, outputs, variables, saved, dOutputs, dInputs, dVariables
    let operands: UnsafePointer<UnsafeMutablePointer<Float>?>
    let inputCount: Int
    let outputCount: Int
    let variableCount: Int

    /// Rows of this batch, at most the plan's capacity.
    package let rows: Int
    package let kernels: UnsafePointer<KernelTable>
    package let workers: Workers
    /// The model's seed and the number of the training step, for random numbers.
    package let seed: UInt64
    package let step: Int64
    package let scratch: UnsafeMutablePointer<Float>
    let workspaces: UnsafeMutablePointer<Float>
    let workspaceSize: Int
    /// What `pack` laid out, nil where the operation asked for nothing.
    package let packed: UnsafeMutablePointer<Float>?

    /// The floats of one piece of parallel work.
    package func workspace(_ piece: Int) -> UnsafeMutablePointer<Float> {
        workspaces + piece &* workspaceSize
    }

    package func input(_ index: Int = 0) -> UnsafeMutablePointer<Float> {
        operands[index].unsafelyUnwrapped
    }

    package func output(_ index: Int = 0) -> UnsafeMutablePointer<Float> {
        operands[inputCount &+ index].unsafelyUnwrapped
    }

    package func variable(_ index: Int) -> UnsafeMutablePointer<Float> {
        operands[inputCount &+ outputCount &+ index].unsafelyUnwrapped
    }

    package var saved: UnsafeMutablePointer<Float> {
        operands[inputCount &+ outputCount &+ variableCount].unsafelyUnwrapped
    }

    package func dOutput(_ index: Int = 0) -> UnsafeMutablePointer<Float> {
        operands[gradientOffset &+ index].unsafelyUnwrapped
    }

    /// nil when nobody asks for this gradient.
    package func dInput(_ index: Int = 0) -> UnsafeMutablePointer<Float>? {
        operands[gradientOffset &+ outputCount &+ index]
    }

    /// nil when nobody asks for this gradient (the layer is frozen, or it is a statistic).
    package func dVariable(_ index: Int) -> UnsafeMutablePointer<Float>? {
        operands[gradientOffset &+ outputCount &+ inputCount &+ index]
    }

    private var gradientOffset: Int { inputCount &+ outputCount &+ variableCount &+ 1 }

    static func operandCount(inputs: Int, outputs: Int, variables: Int) -> Int {
        2 &* (inputs &+ outputs &+ variables) &+ 1
    }
}
