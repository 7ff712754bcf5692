import SNNCore
import SNNKernels

/// The memory of a step without operands, outside of any plan: for what is measured on its own.
package final class BareStep {
    package let context: OperationContext
    private let memory: UnsafeMutablePointer<StepMemory>
    private let run: UnsafeMutablePointer<StepMemory.Run>
    private let failure: UnsafeMutablePointer<SNNError?>
    private let operand: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    private let workspaces: UnsafeMutablePointer<Float>

    /// - Parameter workspace: floats for each thread of `workers`. Scratch memory it has none.
    package init(workers: Workers, kernels: UnsafePointer<KernelTable>, workspace: Int) {
        operand = .allocate(capacity: 1)
        operand.initialize(to: nil)
        run = .allocate(capacity: 1)
        run.initialize(to: StepMemory.Run())
        failure = .allocate(capacity: 1)
        failure.initialize(to: nil)
        workspaces = .allocate(capacity: max(workspace * workers.threads, 1))
        memory = .allocate(capacity: 1)
        memory.initialize(
            to: StepMemory(
                operands: operand, inputCount: 0, outputCount: 0, firstVariable: 0,
                firstGradient: 1, kernels: kernels, workers: workers, seed: 0,
                scratch: workspaces, workspaces: workspaces, workspaceSize: workspace,
                packed: nil, run: run, failure: failure))
        context = OperationContext(memory)
    }

    deinit {
        memory.deallocate()
        run.deallocate()
        failure.deinitialize(count: 1)
        failure.deallocate()
        operand.deallocate()
        workspaces.deallocate()
    }
}
