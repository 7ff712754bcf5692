import CKernels
import CVector

/// y[r, c] = x[r, c] * scale[c] + shift[c]
@c @implementation
public func snnk_column_affine(
    _ x: UnsafePointer<Float>, _ scale: UnsafePointer<Float>, _ shift: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, _ rows: Int64, _ columns: Int64
) {
    var row = 0
    while row < Int(rows) {
        let offset = row &* Int(columns)
        forEachBlock(columns) { block in
            let y1 = snnv_madd(block.load(x + offset), block.load(scale), block.load(shift))
            block.store(y1, y + offset)
        }
        row &+= 1
    }
}

/// dx[r, c] = dy[r, c] * a[c] + ((x[r, c] - mean[c]) * b[c] + c[c])
@c @implementation
public func snnk_column_affine_gradient(
    _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ mean: UnsafePointer<Float>,
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ rows: Int64, _ columns: Int64
) {
    var row = 0
    while row < Int(rows) {
        let offset = row &* Int(columns)
        forEachBlock(columns) { block in
            let deviation = block.load(x + offset) - block.load(mean)
            let inner = snnv_madd(deviation, block.load(b), block.load(c))
            block.store(snnv_madd(block.load(dy + offset), block.load(a), inner), dx + offset)
        }
        row &+= 1
    }
}
