import CKernels
import CVector

/// A product with fewer columns than a vector has lanes. The rows of c take the lanes: its
/// transpose is the product of b's and a's, and the chain of an element is the same one.
struct NarrowProduct {
    private let pointer: UnsafePointer<snnk_product>
    private var product: snnk_product { @inline(__always) get { pointer.pointee } }
    private var n: Int { @inline(__always) get { Int(product.n) } }

    @inline(__always)
    init(_ pointer: UnsafePointer<snnk_product>) {
        self.pointer = pointer
    }

    /// Rows of a that must be transposed first repay it for as few columns at the most.
    #if SNNK_REGISTERS_32X512
        private static let mostTransposed = 8
    #else
        private static let mostTransposed = 10
    #endif

    /// Whether it is faster. On AVX-512 64 x 4 x 512 takes 3.3 instead of 4.7 us, on AVX2 64 x 10 x 512
    /// takes 7.1 instead of 9.2. Where rows of a are neighbours, so that they need no transposing, it
    /// takes 2.6 and 64 x 1 x 512 takes 1.0 us. Of ten columns on AVX-512 4096 x 10 x 784 took 535
    /// instead of 434, and of fifteen 17 x 15 x 512 2.8 instead of 1.8.
    @inline(__always)
    var pays: Bool {
        guard n < 16 else { return false }
        return product.aRowStride == 1
            ? product.m >= 16
            : product.m >= 32 && product.k >= 64 && n <= NarrowProduct.mostTransposed
    }

    @inline(never)
    func run() {
        let whole = Int(product.m) & ~15
        sumAndStore(rows: whole)
        guard whole < Int(product.m) else { return }
        var rest = product
        rest.m &-= Int64(whole)
        rest.a += whole &* Int(rest.aRowStride)
        rest.c += whole &* Int(rest.cRowStride)
        rest.addend = rest.addend.map { $0 + whole &* Int(rest.cRowStride) }
        withUnsafePointer(to: &rest) { ProductOperands($0).run() }
    }

    private func sumAndStore(rows: Int) {
        var transpose = transpose(rows: rows)
        withUnsafePointer(to: &transpose) { transpose in
            let operands = ProductOperands(transpose)
            forEachPanel(rows, from: 0) { row, rows, width in
                let sums = operands.sums(rows: 0, n, columns: row, rows, width)
                var block = 0
                while block < rows {
                    store(sums.pointer + block, width, at: row &+ block)
                    block &+= 16
                }
            }
        }
    }

    /// c^T = b^T a^T, without what comes after the sum.
    private func transpose(rows: Int) -> snnk_product {
        let panels = product.bPanels
        return snnk_product(
            m: product.n, n: Int64(rows), k: product.k, a: panels ?? product.b,
            aRowStride: panels == nil ? product.bColumnStride : 1,
            aColumnStride: panels == nil ? product.bRowStride : 16, b: product.a,
            bRowStride: product.aColumnStride, bColumnStride: product.aRowStride, bPanels: nil,
            c: product.c, bias: nil, cRowStride: 0, addend: nil, rectifies: 0,
            rectifier: snnk_rectifier(), workspace: product.workspace)
    }

    /// Sixteen rows of c from their sums, a column of c in each row of them.
    @inline(__always)
    private func store(_ sums: UnsafePointer<Float>, _ width: Int, at row: Int) {
        let stride = Int(product.cRowStride)
        if n == 1 && stride == 1 {
            let bias = product.bias.map { Vector($0.pointee) }
            finish(Vector(at: sums), bias, product.addend.map { Vector(at: $0 + row) })
                .store(at: product.c + row)
            return
        }
        let turned = product.workspace + (Int(snnk_product_workspace(product.k)) &- 256)
        snnv_transpose(sums, Int64(width), turned, 16)
        let bias = product.bias.map { Vector(at: $0, count: n) }
        var lane = 0
        while lane < 16 {
            let place = (row &+ lane) &* stride
            let addend = product.addend.map { Vector(at: $0 + place, count: n) }
            finish(Vector(at: turned + 16 &* lane), bias, addend)
                .store(at: product.c + place, count: n)
            lane &+= 1
        }
    }

    @inline(__always)
    private func finish(_ sum: Vector, _ bias: Vector?, _ addend: Vector?) -> Vector {
        var vector = sum
        // Only where they are given: adding 0 would turn -0 into 0.
        if let bias { vector += bias }
        if let addend { vector += addend }
        return product.rectifies != 0 ? Rectifier(product.rectifier)(vector) : vector
    }
}
