import SNNGraph
import SNNKernels

/// The matrix product as layers call it, on its own: `swiftnn-bench-kernels` times it. It packs
/// what it packs of b in each call, as a training step does.
package final class SingleProduct {
    private let m: Int
    private let n: Int
    private let k: Int
    private let step: BareStep

    /// For [m, n] = [m, k] · [k, n]. `threads` is how many it may use; 0 for the process's count.
    package init(m: Int, n: Int, k: Int, threads: Int) {
        self.m = m
        self.n = n
        self.k = k
        step = BareStep(
            workers: Workers(threads: threads), kernels: InstructionSet.best.kernels,
            workspace: OperationContext.productWorkspace(k: k))
    }

    /// c = a · b, all row-major.
    package func run(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
    ) {
        step.context.product(
            m: m, n: n, k: k, Matrix(a, columns: k), Matrix(b, columns: n), into: c)
    }
}
