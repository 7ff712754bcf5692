import SNNCore
import SNNKernels

/// Reduces blocks of rows into a triangular factor: the QR factorization of R with the rows below
/// it, [R; B] = Q [R'; 0], by Householder reflectors v = (e_j; V_j), of which only the lower part
/// is stored, in place of B. Up to 32 of them are applied at once in the compact form
/// Q = I - V T V^T (Schreiber and Van Loan 1989); inside such a panel by halves (Elmroth and
/// Gustavson 2000). Householder reflectors are backward stable, so the blocks' length changes
/// results only in the last digits.
///
/// The columns of R and B: `pivots` that are reduced (a multiple of 4), then those that go along.
final class ReflectorBlock {
    /// The most rows that a block holds.
    static let capacity = 256
    /// From a column to the next: an odd number of cache lines, so that columns do not all want
    /// the same places in the cache.
    static let stride = capacity + 8
    /// The most reflectors that are applied at once.
    static let panel = 32

    let pivots: Int
    let columns: Int
    private let memory: Buffer<Double>
    /// The panel's T, upper triangular, columns `panel` apart.
    private let factors: Buffer<Double>
    /// V^T B and T^T V^T B, columns `panel` apart.
    private let products: Buffer<Double>
    private let turned: Buffer<Double>
    private let kernels: UnsafePointer<KernelTable>
    private let threads: Int

    init(
        pivots: Int, columns: Int, threads: Int, kernels: UnsafePointer<KernelTable>
    ) throws(SNNError) {
        self.pivots = pivots
        self.columns = columns
        self.threads = threads
        self.kernels = kernels
        memory = try Buffer(count: columns * ReflectorBlock.stride)
        factors = try Buffer(count: ReflectorBlock.panel * ReflectorBlock.panel)
        products = try Buffer(count: columns * ReflectorBlock.panel)
        turned = try Buffer(count: columns * ReflectorBlock.panel)
    }

    /// Column `index`; its first `rows` numbers are the block's, those behind up to a multiple of
    /// 16 must be 0.
    @inline(__always)
    func column(_ index: Int) -> UnsafeMutablePointer<Double> {
        memory.pointer + index &* ReflectorBlock.stride
    }

    static func paddedRows(_ rows: Int) -> Int { (rows &+ 15) / 16 &* 16 }

    /// Sets the rows behind `rows` to 0.
    func pad(rows: Int) {
        let padded = ReflectorBlock.paddedRows(rows)
        guard padded > rows else { return }
        for index in 0 ..< columns {
            var row = rows
            while row < padded {
                column(index)[row] = 0
                row &+= 1
            }
        }
    }

    /// Reduces `rows` rows into `r`, [pivots, columns] by columns `rStride` apart. What is left of
    /// the columns that go along stays in the block.
    func reduce(rows: Int, into r: UnsafeMutablePointer<Double>, rStride: Int) {
        let work = Reduction(block: self, rows: ReflectorBlock.paddedRows(rows), r: r, rStride: rStride)
        var first = 0
        while first < pivots {
            let width = min(ReflectorBlock.panel, pivots &- first)
            work.factor(first, width, offset: 0)
            work.applyToRest(first, width)
            first &+= width
        }
    }

    /// The sum of squares of a column that goes along; `index` is a multiple of 4 plus `place`.
    func sumOfSquares(_ index: Int, rows: Int) -> Double {
        let group = index / 4 &* 4
        kernels.pointee.column_products(
            column(index), column(group), products.pointer, 1, 4,
            Int64(ReflectorBlock.paddedRows(rows)), Int64(ReflectorBlock.stride), 1)
        return products.pointer[index &- group]
    }

    /// One block's way into R.
    private struct Reduction {
        let block: ReflectorBlock
        let rows: Int
        let r: UnsafeMutablePointer<Double>
        let rStride: Int

        /// Makes the reflectors of `width` columns from `first` on and their T, at row and column
        /// `offset` of the panel's.
        func factor(_ first: Int, _ width: Int, offset: Int) {
            guard width > 4 else { return factorFour(first, offset: offset) }
            let half = (width / 2 &+ 3) / 4 &* 4
            factor(first, half, offset: offset)
            apply(first, half, offset: offset, to: first &+ half ..< first &+ width)
            factor(first &+ half, width &- half, offset: offset &+ half)
            join(first, half, width &- half, offset: offset)
        }

        /// The reflectors of four columns, each applied at once to those behind it.
        private func factorFour(_ first: Int, offset: Int) {
            let panel = ReflectorBlock.panel
            let t = block.factors.pointer + offset &* panel + offset
            let w = block.products.pointer
            for place in 0 ..< 4 {
                let pivot = first &+ place
                let v = block.column(pivot)
                products(v, 1, first, 4, into: w, stride: 1)
                let alpha = r[pivot &* rStride &+ pivot]
                let squares = w[place]
                // A column that is 0 needs no reflector.
                var tau = 0.0
                var inverse = 0.0
                if !(squares == 0) {
                    let norm = (alpha * alpha + squares).squareRoot()
                    let beta = alpha > 0 ? -norm : norm
                    tau = (beta - alpha) / beta
                    inverse = 1 / (alpha - beta)
                    r[pivot &* rStride &+ pivot] = beta
                }
                var row = 0
                while row < rows {
                    v[row] *= inverse
                    row &+= 1
                }
                for other in 0 ..< 4 {
                    guard other > place else {
                        w[other] = 0
                        continue
                    }
                    let target = r + (first &+ other) &* rStride + pivot
                    w[other] = tau * (target.pointee + w[other] * inverse)
                    target.pointee -= w[other]
                }
                subtract(v, 1, w, stride: 1, from: first, 4)
                t[place &* panel &+ place] = tau
            }
            // T_ij = -tau_j sum of T_ik (V_k . V_j) over k < j; the upper parts of reflectors are
            // different unit vectors.
            products(block.column(first), 4, first, 4, into: w, stride: 4)
            for j in 1 ..< 4 {
                let tau = t[j &* panel &+ j]
                for i in 0 ..< j {
                    var sum = 0.0
                    for k in i ..< j { sum += t[k &* panel &+ i] * w[j &* 4 &+ k] }
                    t[j &* panel &+ i] = -tau * sum
                }
            }
        }

        /// T of two neighbours' reflectors together: their own on the diagonal, and above it
        /// -T1 (V1^T V2) T2.
        private func join(_ first: Int, _ left: Int, _ right: Int, offset: Int) {
            let panel = ReflectorBlock.panel
            let w = block.products.pointer
            products(
                block.column(first), left, first &+ left, right, into: w, stride: panel)
            let t1 = block.factors.pointer + offset &* panel + offset
            let t2 = t1 + left &* panel + left
            let t12 = t1 + left &* panel
            for j in 0 ..< right {
                let sums = block.turned.pointer
                for i in 0 ..< left { sums[i] = 0 }
                for k in 0 ... j {
                    let factor = -t2[j &* panel &+ k]
                    for i in 0 ..< left { sums[i] += factor * w[k &* panel &+ i] }
                }
                for i in 0 ..< left { t12[j &* panel &+ i] = 0 }
                for k in 0 ..< left {
                    let factor = sums[k]
                    for i in 0 ... k { t12[j &* panel &+ i] += factor * t1[k &* panel &+ i] }
                }
            }
        }

        /// Applies a panel to all columns behind it, on several threads where there are many: between
        /// two panels they go to sleep, and little work is not worth waking them.
        func applyToRest(_ first: Int, _ width: Int) {
            let start = first &+ width
            let count = block.columns &- start
            guard count > 0 else { return }
            let group = 32
            let groups = (count &+ group &- 1) / group
            guard block.threads > 1, groups > 1, rows &* width &* count > 4_000_000
            else {
                return apply(first, width, offset: 0, to: start ..< block.columns)
            }
            ThreadPool.shared.run(tasks: groups, threads: block.threads) { index in
                let from = start &+ index &* group
                apply(
                    first, width, offset: 0, to: from ..< min(from &+ group, block.columns))
            }
        }

        /// [R; B] <- (I - V T V^T)^T [R; B] for some columns; each by itself, in whichever groups.
        private func apply(_ first: Int, _ width: Int, offset: Int, to range: Range<Int>) {
            let panel = ReflectorBlock.panel
            let count = range.count
            let v = block.column(first)
            let w = block.products.pointer + range.lowerBound &* panel
            let turned = block.turned.pointer + range.lowerBound &* panel
            let t = block.factors.pointer + offset &* panel + offset
            products(v, width, range.lowerBound, count, into: w, stride: panel)
            var column = 0
            while column < count {
                let upper = r + (range.lowerBound &+ column) &* rStride + first
                let sums = w + column &* panel
                for i in 0 ..< width { sums[i] += upper[i] }
                column &+= 1
            }
            turn(w, by: t, width, count, into: turned)
            column = 0
            while column < count {
                let upper = r + (range.lowerBound &+ column) &* rStride + first
                let sums = turned + column &* panel
                for i in 0 ..< width { upper[i] -= sums[i] }
                column &+= 1
            }
            subtract(v, width, turned, stride: panel, from: range.lowerBound, count)
        }

        /// T^T times each column of w.
        private func turn(
            _ w: UnsafeMutablePointer<Double>, by t: UnsafeMutablePointer<Double>, _ width: Int,
            _ count: Int, into turned: UnsafeMutablePointer<Double>
        ) {
            let panel = ReflectorBlock.panel
            if width % 16 == 0 {
                block.kernels.pointee.column_products(
                    t, w, turned, Int64(width), Int64(count), Int64(width), Int64(panel),
                    Int64(panel))
                return
            }
            for column in 0 ..< count {
                for i in 0 ..< width {
                    var sum = 0.0
                    for k in 0 ... i { sum += t[i &* panel &+ k] * w[column &* panel &+ k] }
                    turned[column &* panel &+ i] = sum
                }
            }
        }

        @inline(__always)
        private func products(
            _ v: UnsafeMutablePointer<Double>, _ m: Int, _ first: Int, _ n: Int,
            into w: UnsafeMutablePointer<Double>, stride: Int
        ) {
            block.kernels.pointee.column_products(
                v, block.column(first), w, Int64(m), Int64(n), Int64(rows),
                Int64(ReflectorBlock.stride), Int64(stride))
        }

        @inline(__always)
        private func subtract(
            _ v: UnsafeMutablePointer<Double>, _ m: Int, _ w: UnsafeMutablePointer<Double>,
            stride: Int, from first: Int, _ n: Int
        ) {
            block.kernels.pointee.subtract_columns(
                v, w, block.column(first), Int64(m), Int64(n), Int64(rows),
                Int64(ReflectorBlock.stride), Int64(stride))
        }
    }
}
