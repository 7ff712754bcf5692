import CKernels
import CVector

/// x[i] = value
@c @implementation
public func snnk_fill(_ x: UnsafeMutablePointer<Float>, _ count: Int64, _ value: Float) {
    let vector = Vector(repeating: value)
    forEachBlock(count) { block in block.store(vector, x) }
}

/// out[i] = a[i] + b[i]
@c @implementation
public func snnk_add(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>,
    _ count: Int64
) {
    map(a, b, out, count) { a, b in a + b }
}

/// out[i] = x[i] * factor
@c @implementation
public func snnk_scale(
    _ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ count: Int64, _ factor: Float
) {
    let factor = Vector(repeating: factor)
    map(x, out, count) { x in x * factor }
}

/// out[r, c] = x[r, c], rows xStride and outStride apart.
@c @implementation
public func snnk_copy_rows(
    _ x: UnsafePointer<Float>, _ xStride: Int64,
    _ out: UnsafeMutablePointer<Float>, _ outStride: Int64, _ rows: Int64, _ columns: Int64
) {
    var r = 0
    while r < Int(rows) {
        map(x + r &* Int(xStride), out + r &* Int(outStride), columns) { x in x }
        r &+= 1
    }
}

/// 1 when every x[i] is finite, else 0.
@c @implementation
public func snnk_all_finite(_ x: UnsafePointer<Float>, _ count: Int64) -> Int32 {
    // Zero times a finite number is zero, zero times any other is NaN, which no sum loses.
    let zero = Vector(repeating: 0)
    var marks = zero
    forEachBlock(count) { block in marks = snnv_madd(block.load(x), zero, marks) }
    var isFinite: Int32 = 1
    var lane = 0
    while lane < 16 {
        if marks[lane] != 0 { isFinite = 0 }
        lane &+= 1
    }
    return isFinite
}
