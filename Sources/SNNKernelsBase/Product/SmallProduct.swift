import CKernels
import CVector

/// A product with at most sixteen columns and a depth of at most sixteen: a row of c is one vector.
///
/// Its order of summation is an own one, see SNNKernelList.h: chains of four, which wait for a
/// quarter as many multiply-adds as one of sixteen does.
struct SmallProduct {
    private let product: UnsafePointer<snnk_product>
    private let b: UnsafePointer<Float>
    private let bRowStride: Int
    private let k: Int
    /// Columns, below sixteen where vectors of c are in part.
    private let n: Int

    @inline(__always)
    static func fits(_ product: UnsafePointer<snnk_product>) -> Bool {
        let most = Int64(SNNK_PRODUCT_SMALL)
        return product.pointee.k <= most && product.pointee.n <= most
    }

    @inline(__always)
    static func run(_ product: UnsafePointer<snnk_product>) {
        let (n, k) = (Int(product.pointee.n), Int(product.pointee.k))
        if let panels = product.pointee.bPanels {
            SmallProduct(product: product, b: panels, bRowStride: 16, k: k, n: n).run(bIsWhole: true)
        } else if product.pointee.bColumnStride != 1 {
            runTransposed(product)
        } else {
            let small = SmallProduct(
                product: product, b: product.pointee.b, bRowStride: Int(product.pointee.bRowStride),
                k: k, n: n)
            small.run(bIsWhole: n == 16)
        }
    }

    /// Where b's columns are no neighbours: b is packed first.
    @inline(never)
    private static func runTransposed(_ product: UnsafePointer<snnk_product>) {
        let (n, k) = (Int(product.pointee.n), Int(product.pointee.k))
        let source = PanelSource(
            b: product.pointee.b, rowStride: Int(product.pointee.bRowStride),
            columnStride: Int(product.pointee.bColumnStride))
        let panel = product.pointee.workspace
        source.pack(column: 0, columns: n, width: 16, first: 0, depth: k, into: panel)
        SmallProduct(product: product, b: panel, bRowStride: 16, k: k, n: n).run(bIsWhole: true)
    }

    @inline(__always)
    private func run(bIsWhole: Bool) {
        #if !SNNK_REGISTERS_16X128
            // 16 KB of code where a vector takes four registers, of which there are too few.
            if k == 16 { return runDeepest(bIsWhole: bIsWhole) }
        #endif
        if bIsWhole {
            forEachRow { a, step in sum(a, step) { Vector(at: $0) } }
        } else {
            forEachRow { a, step in sum(a, step) { Vector(at: $0, count: n) } }
        }
    }

    /// b's rows stay in registers where there are so many: read for each row of a, they would take
    /// twice the time, and parts of vectors more.
    @inline(__always)
    private func runDeepest(bIsWhole: Bool) {
        let (b0, b1, b2, b3) = fourRows(0, bIsWhole)
        let (b4, b5, b6, b7) = fourRows(4, bIsWhole)
        let (b8, b9, b10, b11) = fourRows(8, bIsWhole)
        let (b12, b13, b14, b15) = fourRows(12, bIsWhole)
        forEachRow { a, step in
            let first = chain(a, step, b0, b1, b2, b3)
            let second = chain(a + 4 &* step, step, b4, b5, b6, b7)
            let third = chain(a + 8 &* step, step, b8, b9, b10, b11)
            let fourth = chain(a + 12 &* step, step, b12, b13, b14, b15)
            return (first + second) + (third + fourth)
        }
    }

    @inline(__always)
    private func fourRows(_ p: Int, _ isWhole: Bool) -> (Vector, Vector, Vector, Vector) {
        let row = b + p &* bRowStride
        return (
            bRow(row, isWhole), bRow(row + bRowStride, isWhole),
            bRow(row + 2 &* bRowStride, isWhole), bRow(row + 3 &* bRowStride, isWhole)
        )
    }

    @inline(__always)
    private func bRow(_ row: UnsafePointer<Float>, _ isWhole: Bool) -> Vector {
        isWhole ? Vector(at: row) : Vector(at: row, count: n)
    }

    @inline(__always)
    private func chain(
        _ a: UnsafePointer<Float>, _ step: Int, _ b0: Vector, _ b1: Vector, _ b2: Vector,
        _ b3: Vector
    ) -> Vector {
        var sum = snnv_madd(Vector(a.pointee), b0, Vector(0))
        sum = snnv_madd(Vector(a[step]), b1, sum)
        sum = snnv_madd(Vector(a[2 &* step]), b2, sum)
        return snnv_madd(Vector(a[3 &* step]), b3, sum)
    }

    /// The sums of a row of c, any depth up to sixteen.
    @inline(__always)
    private func sum(
        _ a: UnsafePointer<Float>, _ step: Int, _ load: (UnsafePointer<Float>) -> Vector
    ) -> Vector {
        var sum = chain(0, a, step, load)
        if k > 4 { sum += chain(4, a, step, load) }
        guard k > 8 else { return sum }
        var right = chain(8, a, step, load)
        if k > 12 { right += chain(12, a, step, load) }
        return sum + right
    }

    /// The sums of the chunk from row `first` of b.
    @inline(__always)
    private func chain(
        _ first: Int, _ a: UnsafePointer<Float>, _ step: Int,
        _ load: (UnsafePointer<Float>) -> Vector
    ) -> Vector {
        var (a, b) = (a + first &* step, b + first &* bRowStride)
        if k &- first >= 4 {
            return chain(
                a, step, load(b), load(b + bRowStride), load(b + 2 &* bRowStride),
                load(b + 3 &* bRowStride))
        }
        var sum = Vector(0)
        var left = k &- first
        while left > 0 {
            sum = snnv_madd(Vector(a.pointee), load(b), sum)
            a += step
            b += bRowStride
            left &-= 1
        }
        return sum
    }

    /// Stores what becomes of the sums of each row.
    @inline(__always)
    private func forEachRow(_ sum: (_ a: UnsafePointer<Float>, _ step: Int) -> Vector) {
        let (aStep, aRowStride) = (Int(product.pointee.aColumnStride), Int(product.pointee.aRowStride))
        let cRowStride = Int(product.pointee.cRowStride)
        let (bias, rectifies) = (product.pointee.bias, product.pointee.rectifies != 0)
        let rectifier = Rectifier(product.pointee.rectifier)
        var (a, c, addend) = (product.pointee.a, product.pointee.c, product.pointee.addend)
        var left = Int(product.pointee.m)
        while left > 0 {
            var row = sum(a, aStep)
            // Only where it is given: adding 0 would turn -0 into 0.
            if let bias { row += columns(bias) }
            if let place = addend {
                row += columns(place)
                addend = place + cRowStride
            }
            if rectifies { row = rectifier(row) }
            if n == 16 { row.store(at: c) } else { row.store(at: c, count: n) }
            a += aRowStride
            c += cRowStride
            left &-= 1
        }
    }

    @inline(__always)
    private func columns(_ row: UnsafePointer<Float>) -> Vector {
        n == 16 ? Vector(at: row) : Vector(at: row, count: n)
    }
}
