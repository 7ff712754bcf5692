import SNNKernels

extension OperationContext {
    /// A context without operands, outside of any plan: for what is measured on its own.
    ///
    /// - Parameter workspaces: `workspaceSize` floats for each thread of `workers`. They must
    ///   outlive the context; scratch memory it has none.
    package init(
        workers: Workers, kernels: UnsafePointer<KernelTable>,
        workspaces: UnsafeMutablePointer<Float>, workspaceSize: Int
    ) {
        self.init(
            operands: OperationContext.noOperands, inputCount: 0, outputCount: 0,
            variableCount: 0, rows: 0, kernels: kernels, workers: workers, seed: 0, step: 0,
            scratch: workspaces, workspaces: workspaces, workspaceSize: workspaceSize, packed: nil)
    }

    // Safe to share: never written.
    nonisolated(unsafe) private static let noOperands: UnsafePointer<UnsafeMutablePointer<Float>?> = {
        let none = UnsafeMutablePointer<UnsafeMutablePointer<Float>?>.allocate(capacity: 1)
        none.initialize(to: nil)
        return UnsafePointer(none)
    }()
}
