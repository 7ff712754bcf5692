import CKernels
import SNNKernels

/// A plan whose steps are one matrix product each, made ready once: to predict a few rows is to call
/// the kernel for each of them. For what is too small to share among threads.
///
/// It holds pointers to its owner's memory only, so that a call counts no references.
struct ProductChain {
    /// The rows that it takes at most.
    let mostRows: Int
    private let products: UnsafeMutablePointer<snnk_product>
    private let end: UnsafeMutablePointer<snnk_product>
    /// Rows of each product for a row of the batch.
    private let heights: UnsafeMutablePointer<Int64>
    private let memories: UnsafePointer<StepMemory>
    private let multiply: @convention(c) (UnsafePointer<snnk_product>) -> Void
    private var rows = 0

    /// nil where a step is more than a product, or even one row is worth several threads.
    ///
    /// - Parameter products: one for each step and one row of the batch.
    init?(
        _ products: [snnk_product], _ memories: UnsafePointer<StepMemory>, capacity: Int,
        workers: Workers, kernels: UnsafePointer<KernelTable>
    ) {
        var most = capacity
        for product in products {
            while most > 0, workers.areWorthProduct(of: product, rows: most) { most /= 2 }
        }
        guard most > 0, !products.isEmpty else { return nil }
        mostRows = most
        self.products = .allocate(capacity: products.count)
        heights = .allocate(capacity: products.count)
        end = self.products + products.count
        for (index, product) in products.enumerated() {
            (self.products + index).initialize(to: product)
            (heights + index).initialize(to: product.m)
        }
        self.memories = memories
        multiply = kernels.pointee.matrix_product
    }

    func deallocate() {
        products.deallocate()
        heights.deallocate()
    }

    /// Takes the inputs' places anew, after one was bound.
    func bindInputs() {
        for index in 0 ..< end - products {
            guard let input = (memories + index).pointee.operands.pointee else { continue }
            (products + index).pointee.a = UnsafePointer(input)
        }
    }

    /// At most `mostRows` rows, the last product's into `output`.
    @inline(__always)
    mutating func run(rows: Int, into output: UnsafeMutablePointer<Float>) {
        if rows != self.rows { setRows(rows) }
        (end - 1).pointee.c = output
        var product = products
        repeat {
            multiply(product)
            product += 1
        } while product < end
    }

    /// The next run sets them anew.
    mutating func forgetRows() {
        rows = 0
    }

    @inline(never)
    private mutating func setRows(_ rows: Int) {
        for index in 0 ..< end - products {
            (products + index).pointee.m = heights[index] &* Int64(rows)
        }
        self.rows = rows
    }
}
