import CKernels
import SNNCore
import SNNGraph
import SNNKernels

/// A matrix operand: where element (0, 0) is, and how far apart rows and columns are, in floats.
package struct Matrix {
    package let pointer: UnsafePointer<Float>
    package let rowStride: Int
    package let columnStride: Int

    /// Row-major with `columns` columns, or of so many of which it is a part.
    package init(_ pointer: UnsafePointer<Float>, columns: Int) {
        self.init(pointer, rowStride: columns, columnStride: 1)
    }

    package var transposed: Matrix {
        Matrix(pointer, rowStride: columnStride, columnStride: rowStride)
    }

    private init(_ pointer: UnsafePointer<Float>, rowStride: Int, columnStride: Int) {
        self.pointer = pointer
        self.rowStride = rowStride
        self.columnStride = columnStride
    }
}

/// What a product applies at last. Ready to be copied whole into its operands.
package struct ProductEnd {
    package let rectifies: Int32
    package let rectifier: snnk_rectifier

    package static let none = ProductEnd(nil)

    package init(_ rectifier: snnk_rectifier?) {
        rectifies = rectifier == nil ? 0 : 1
        self.rectifier = rectifier ?? snnk_rectifier()
    }

    /// For kernels that take it by pointer, nil for none.
    @inline(__always)
    package func withRectifier(_ body: (UnsafePointer<snnk_rectifier>?) -> Void) {
        guard rectifies != 0 else { return body(nil) }
        withUnsafePointer(to: rectifier) { body($0) }
    }
}

extension OperationContext {
    /// Floats of workspace that a product of depth k, or of any, takes.
    package static func productWorkspace(k: Int = .max) -> Int {
        Int(snnk_product_workspace(Int64(k)))
    }

    /// Floats that `packPanels` lays out for a product's b of [k, n].
    package static func panelCount(n: Int, k: Int) -> Int { (n &+ 15) / 16 &* 16 &* k }

    /// b, laid out as products read it best, for `panels`.
    package func packPanels(n: Int, k: Int, _ b: Matrix, into panels: UnsafeMutablePointer<Float>) {
        kernels.pointee.pack_panels(
            Int64(k), Int64(n), b.pointer, Int64(b.rowStride), Int64(b.columnStride), panels)
    }

    /// c = rectifier(a · b + bias), [m, n] = [m, k] · [k, n], c row-major. It is cut among the
    /// threads along rows or columns of c, never along a sum, so bits do not depend on them.
    ///
    /// - Parameter panels: what `packPanels` made of b.
    package func product(
        m: Int, n: Int, k: Int, _ a: Matrix, _ b: Matrix,
        panels: UnsafeMutablePointer<Float>? = nil, into c: UnsafeMutablePointer<Float>,
        bias: UnsafePointer<Float>? = nil, end: ProductEnd = .none
    ) {
        run(makeProduct(m: m, n: n, k: k, a, b, panels: panels, into: c, bias: bias, end: end))
    }

    /// The same, to be computed later.
    package func makeProduct(
        m: Int, n: Int, k: Int, _ a: Matrix, _ b: Matrix,
        panels: UnsafeMutablePointer<Float>? = nil, into c: UnsafeMutablePointer<Float>,
        bias: UnsafePointer<Float>? = nil, end: ProductEnd = .none
    ) -> snnk_product {
        snnk_product(
            m: Int64(m), n: Int64(n), k: Int64(k), a: a.pointer, aRowStride: Int64(a.rowStride),
            aColumnStride: Int64(a.columnStride), b: b.pointer, bRowStride: Int64(b.rowStride),
            bColumnStride: Int64(b.columnStride), bPanels: panels.map { UnsafePointer($0) }, c: c,
            bias: bias, cRowStride: Int64(n), addend: nil,
            rectifies: end.rectifies, rectifier: end.rectifier, workspace: workspace(0))
    }

    package func run(_ product: snnk_product) {
        var product = product
        guard workers.areWorthProduct(of: product) else {
            kernels.pointee.matrix_product(&product)
            return
        }
        let (m, n, k) = (Int(product.m), Int(product.n), Int(product.k))
        // A thread that keeps to its columns of b packs only them, and finds them in its own cache
        // the next time. A small product has sums of an own order, which a piece of a wide one must
        // not get.
        if n < 64 || k <= Int(SNNK_PRODUCT_SMALL) || m >= 256 && n < 512 {
            // Few columns lie across the lanes, where rows come by sixteens.
            workers.share(
                m, cost: 2 &* n &* k, granule: n < 16 ? 16 : 12, with: (self, product)
            ) {
                work, piece, start, count in
                var (context, product) = work
                product.m = Int64(count)
                product.a += start &* Int(product.aRowStride)
                product.c += start &* Int(product.cRowStride)
                product.addend = product.addend.map { $0 + start &* Int(product.cRowStride) }
                context.run(&product, piece)
            }
        } else {
            workers.share(
                n, cost: (2 &* m &+ Workers.readingCost) &* k, granule: 32, with: (self, product)
            ) { work, piece, start, count in
                var (context, product) = work
                product.n = Int64(count)
                product.b += start &* Int(product.bColumnStride)
                product.bPanels = product.bPanels.map { $0 + start &* Int(product.k) }
                product.c += start
                product.addend = product.addend.map { $0 + start }
                product.bias = product.bias.map { $0 + start }
                context.run(&product, piece)
            }
        }
    }

    /// c = a · b for each row of the batch, whose matrices are behind each other.
    package func rowProducts(
        m: Int, n: Int, k: Int, _ a: Matrix, _ b: Matrix, into c: UnsafeMutablePointer<Float>
    ) {
        var product = makeProduct(m: m, n: n, k: k, a, b, into: c)
        for _ in 0 ..< rows {
            run(product)
            product.a += m &* k
            product.b += n &* k
            product.c += m &* n
        }
    }

    private func run(_ product: inout snnk_product, _ piece: Int) {
        product.workspace = workspace(piece)
        kernels.pointee.matrix_product(&product)
    }
}
