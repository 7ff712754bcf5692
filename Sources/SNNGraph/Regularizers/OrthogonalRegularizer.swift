import CKernels
import SNNCore
import SNNKernels

/// factor times the mean of |cosine| over the pairs of a matrix's rows, or of its columns (Keras's
/// `OrthogonalRegularizer`): the rows are divided by their norms, the product of the result with
/// its transpose is P, and the penalty is factor / 2 * sum |P off the diagonal| / pairs. Norms
/// below 1e-7 count as that.
final class OrthogonalRegularizer: Regularizer {
    static let row = PartRow<any Regularizer>(
        "OrthogonalRegularizer", ["orthogonal_regularizer"]
    ) { (options) throws(SNNError) in
        OrthogonalRegularizer(
            factor: try options.factor("factor", default: 0.01),
            mode: try options.choice("mode", default: "rows", among: ["rows", "columns"]))
    }

    let className = "OrthogonalRegularizer"
    private let factor: Double
    private let mode: String
    private var takesRows: Bool { mode == "rows" }
    /// Rows of P that are made at a time.
    private static let blockRows = 64
    private static let depth = Int(snnk_product_workspace(Int64.max))

    private init(factor: Double, mode: String) {
        self.factor = factor
        self.mode = mode
    }

    var configuration: [JSON.Member] {
        [.init("factor", .number(factor)), .init("mode", .string(mode))]
    }

    func check(_ shape: Shape, isOfSamples: Bool) throws(SNNError) {
        let rank = shape.rank + (isOfSamples ? 1 : 0)
        guard rank == 2 else {
            throw SNNError(
                .shape, "\(className): expected a matrix, received a tensor of \(rank) axes")
        }
        // How many rows a batch has is not known; one alone has no penalty.
        if takesRows ? !isOfSamples && shape[0] < 2 : shape.last < 2 {
            throw SNNError(
                .shape, "\(className): expected at least 2 \(mode), which make a pair, received 1")
        }
    }

    /// What `Work` lays out.
    func workspace(rows: Int, columns: Int) -> Int {
        let (count, length) = takesRows ? (rows, columns) : (columns, rows)
        return count * (length + 1) + Self.blockRows * (count + length) + Self.depth
    }

    func penalty(of tensor: PenalizedTensor, _ memory: PenaltyMemory) -> Double {
        let work = Work(tensor, takesRows: takesRows, memory)
        guard work.pairs > 0 else { return 0 }
        work.normalize()
        var sum = 0.0
        var first = 0
        while first < work.count {
            let rows = min(Self.blockRows, work.count &- first)
            work.multiply(first: first, rows: rows)
            var row = 0
            while row < rows {
                sum += work.sumOfMagnitudes(row: row)
                row &+= 1
            }
            first &+= rows
        }
        return factor * 0.5 * sum / work.pairs
    }

    /// With N the normalized rows, dN = factor / pairs * sign(P) N off the diagonal, and for row i
    /// dX = (dN - N (N · dN)) / norm.
    func addGradient(
        of tensor: PenalizedTensor, scale: Double, to gradient: UnsafeMutablePointer<Float>,
        _ memory: PenaltyMemory
    ) {
        let work = Work(tensor, takesRows: takesRows, memory)
        guard work.pairs > 0 else { return }
        work.normalize()
        var first = 0
        while first < work.count {
            let rows = min(Self.blockRows, work.count &- first)
            work.multiply(first: first, rows: rows)
            work.multiplySigns(rows: rows)
            work.addGradients(
                first: first, rows: rows, factor: scale * factor / work.pairs, to: gradient)
            first &+= rows
        }
    }

    /// The matrix and the memory for it.
    private struct Work {
        let tensor: PenalizedTensor
        let memory: PenaltyMemory
        /// Vectors and their length, and how far apart vectors and their numbers are.
        let count: Int
        let length: Int
        let vectorStride: Int
        let stride: Int
        let normalized: UnsafeMutablePointer<Float>
        let inverseNorms: UnsafeMutablePointer<Float>
        /// A block of P, [block, count].
        let products: UnsafeMutablePointer<Float>
        /// [block, length].
        let gradients: UnsafeMutablePointer<Float>
        let depth: UnsafeMutablePointer<Float>

        init(_ tensor: PenalizedTensor, takesRows: Bool, _ memory: PenaltyMemory) {
            self.tensor = tensor
            self.memory = memory
            (count, length) =
                takesRows ? (tensor.rows, tensor.columns) : (tensor.columns, tensor.rows)
            (vectorStride, stride) = takesRows ? (tensor.columns, 1) : (1, tensor.columns)
            normalized = memory.workspace
            inverseNorms = normalized + count &* length
            products = inverseNorms + count
            gradients = products + OrthogonalRegularizer.blockRows &* count
            depth = gradients + OrthogonalRegularizer.blockRows &* length
        }

        var pairs: Double { Double(count) * Double(count &- 1) / 2 }

        func normalize() {
            var vector = 0
            while vector < count {
                let x = tensor.values + vector &* vectorStride
                var squares = 0.0
                var index = 0
                while index < length {
                    let number = Double(x[index &* stride])
                    squares += number * number
                    index &+= 1
                }
                let inverse = min(1 / squares.squareRoot(), 1e7)
                inverseNorms[vector] = Float(inverse)
                let out = normalized + vector &* length
                index = 0
                while index < length {
                    out[index] = Float(Double(x[index &* stride]) * inverse)
                    index &+= 1
                }
                vector &+= 1
            }
        }

        /// products = N of the block · N transposed, the diagonal 0.
        func multiply(first: Int, rows: Int) {
            run(
                m: rows, n: count, k: length, normalized + first &* length, length,
                normalized, bStrides: (1, length), into: products)
            var row = 0
            while row < rows {
                products[row &* count &+ first &+ row] = 0
                row &+= 1
            }
        }

        /// gradients = sign(products) · N; destroys the products.
        func multiplySigns(rows: Int) {
            var index = 0
            while index < rows &* count {
                let product = products[index]
                products[index] = product > 0 ? 1 : product < 0 ? -1 : 0
                index &+= 1
            }
            run(
                m: rows, n: length, k: count, products, count, normalized, bStrides: (length, 1),
                into: gradients)
        }

        func addGradients(
            first: Int, rows: Int, factor: Double, to gradient: UnsafeMutablePointer<Float>
        ) {
            var row = 0
            while row < rows {
                let vector = first &+ row
                let own = normalized + vector &* length
                let dOwn = gradients + row &* length
                var dot = 0.0
                var index = 0
                while index < length {
                    dot += Double(own[index]) * Double(dOwn[index])
                    index &+= 1
                }
                let inverse = Double(inverseNorms[vector])
                // A norm that counts as 1e-7 is a constant.
                if inverse >= 1e7 { dot = 0 }
                let out = gradient + vector &* vectorStride
                index = 0
                while index < length {
                    let d = Double(dOwn[index]) - Double(own[index]) * dot
                    out[index &* stride] += Float(factor * inverse * d)
                    index &+= 1
                }
                row &+= 1
            }
        }

        func sumOfMagnitudes(row: Int) -> Double {
            let length = SummationOrder.squaresPerChunk
            var sum = 0.0
            var start = 0
            while start < count {
                sum += memory.kernels.pointee.sum_of_magnitudes(
                    products + (row &* count &+ start), Int64(min(length, count &- start)))
                start &+= length
            }
            return sum
        }

        /// c = a · b, a and c row-major.
        private func run(
            m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, _ aStride: Int,
            _ b: UnsafePointer<Float>, bStrides: (row: Int, column: Int),
            into c: UnsafeMutablePointer<Float>
        ) {
            var product = snnk_product(
                m: Int64(m), n: Int64(n), k: Int64(k), a: a, aRowStride: Int64(aStride),
                aColumnStride: 1, b: b, bRowStride: Int64(bStrides.row),
                bColumnStride: Int64(bStrides.column), bPanels: nil, c: c, bias: nil,
                cRowStride: Int64(n), addend: nil, rectifies: 0, rectifier: snnk_rectifier(),
                workspace: depth)
            memory.kernels.pointee.matrix_product(&product)
        }
    }
}
