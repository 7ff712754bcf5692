import SNNGraph
import SNNKernels

/// The matrix product as layers call it, on its own: `swiftnn-bench-kernels` times it. It packs
/// what it packs of b in each call, as a training step does.
package final class SingleProduct {
    private let m: Int
    private let n: Int
    private let k: Int
    private let workspaces: UnsafeMutablePointer<Float>
    private let context: OperationContext

    /// For [m, n] = [m, k] · [k, n]. `threads` is how many it may use; 0 for the process's count.
    package init(m: Int, n: Int, k: Int, threads: Int) {
        self.m = m
        self.n = n
        self.k = k
        let workers = Workers(threads: threads)
        let size = OperationContext.productWorkspace(k: k)
        workspaces = .allocate(capacity: max(size * workers.threads, 1))
        context = OperationContext(
            workers: workers, kernels: InstructionSet.best.kernels, workspaces: workspaces,
            workspaceSize: size)
    }

    deinit {
        workspaces.deallocate()
    }

    /// c = a · b, all row-major.
    package func run(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
    ) {
        context.product(
            m: m, n: n, k: k, Matrix(a, columns: k), Matrix(b, columns: n), into: c)
    }
}
