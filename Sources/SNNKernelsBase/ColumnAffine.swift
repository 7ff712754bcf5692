import CKernels
import CVector

/// y[r, c] = x[r, c] * scale[c] + shift[c]
@c @implementation
public func snnk_column_affine(
    _ x: UnsafePointer<Float>, _ scale: UnsafePointer<Float>, _ shift: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, _ rows: Int64, _ columns: Int64
) {
    forEachFourRows(rows, columns) { rows in
        forEachBlock(columns) { block in
            let (scale, shift) = (block.load(scale), block.load(shift))
            rows.forEach { row in
                block.store(snnv_madd(block.load(x + row), scale, shift), y + row)
            }
        }
    }
}

/// dx[r, c] = dy[r, c] * a[c] + ((x[r, c] - mean[c]) * b[c] + c[c])
@c @implementation
public func snnk_column_affine_gradient(
    _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ mean: UnsafePointer<Float>,
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ rows: Int64, _ columns: Int64
) {
    forEachFourRows(rows, columns) { rows in
        forEachBlock(columns) { block in
            let (mean, a) = (block.load(mean), block.load(a))
            let (b, c) = (block.load(b), block.load(c))
            rows.forEach { row in
                let inner = snnv_madd(block.load(x + row) - mean, b, c)
                block.store(snnv_madd(block.load(dy + row), a, inner), dx + row)
            }
        }
    }
}

/// Four rows, or one, that share what is loaded for their columns.
private struct Rows {
    let first: Int
    let columns: Int
    /// Constant wherever `forEachFourRows` is inlined.
    let areFour: Bool

    /// Calls `body` with each row's offset.
    @inline(__always)
    func forEach(_ body: (Int) -> Void) {
        body(first)
        if areFour {
            body(first &+ columns)
            body(first &+ 2 &* columns)
            body(first &+ 3 &* columns)
        }
    }
}

@inline(__always)
private func forEachFourRows(_ rows: Int64, _ columns: Int64, _ body: (Rows) -> Void) {
    let columns = Int(columns)
    var row = 0
    while row &+ 4 <= Int(rows) {
        body(Rows(first: row &* columns, columns: columns, areFour: true))
        row &+= 4
    }
    while row < Int(rows) {
        body(Rows(first: row &* columns, columns: columns, areFour: false))
        row &+= 1
    }
}
