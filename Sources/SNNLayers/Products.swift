import SNNCore
import SNNGraph
import SNNKernels

/// A matrix operand: where element (0, 0) is, and how far apart rows and columns are, in floats.
struct Matrix {
    let pointer: UnsafePointer<Float>
    let rowStride: Int
    let columnStride: Int

    /// Row-major with `columns` columns.
    init(_ pointer: UnsafePointer<Float>, columns: Int) {
        self.init(pointer, rowStride: columns, columnStride: 1)
    }

    var transposed: Matrix {
        Matrix(pointer, rowStride: columnStride, columnStride: rowStride)
    }

    private init(_ pointer: UnsafePointer<Float>, rowStride: Int, columnStride: Int) {
        self.pointer = pointer
        self.rowStride = rowStride
        self.columnStride = columnStride
    }
}

extension OperationContext {
    /// c = a · b (+ bias), [m, n] = [m, k] · [k, n], c row-major; cut along its longer side.
    func product(
        m: Int, n: Int, k: Int, _ a: Matrix, _ b: Matrix, into c: UnsafeMutablePointer<Float>,
        bias: UnsafePointer<Float>? = nil
    ) {
        let run = kernels.pointee.matrix_product
        if m >= n {
            workers.split(m, cost: 2 &* n &* k, with: (run, n, k, a, b, c, bias)) {
                work, start, count in
                let (run, n, k, a, b, c, bias) = work
                run(
                    Int64(count), Int64(n), Int64(k), a.pointer + start &* a.rowStride,
                    Int64(a.rowStride), Int64(a.columnStride), b.pointer, Int64(b.rowStride),
                    Int64(b.columnStride), c + start &* n, Int64(n), bias)
            }
        } else {
            workers.split(
                n, cost: 2 &* m &* k, granule: 16, with: (run, m, n, k, a, b, c, bias)
            ) { work, start, count in
                let (run, m, n, k, a, b, c, bias) = work
                run(
                    Int64(m), Int64(count), Int64(k), a.pointer, Int64(a.rowStride),
                    Int64(a.columnStride), b.pointer + start &* b.columnStride, Int64(b.rowStride),
                    Int64(b.columnStride), c + start, Int64(n), bias.map { $0 + start })
            }
        }
    }
}
