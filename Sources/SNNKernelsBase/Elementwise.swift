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
    // Zero times a finite number is zero, zero times any other is NaN, which no sum loses. Four
    // sums, because one would wait for itself.
    let zero = Vector(repeating: 0)
    var (marks0, marks1, marks2, marks3) = (zero, zero, zero, zero)
    let fours = Int(count) & ~63
    var first = 0
    while first < fours {
        marks0 = snnv_madd(Vector(at: x + first), zero, marks0)
        marks1 = snnv_madd(Vector(at: x + (first &+ 16)), zero, marks1)
        marks2 = snnv_madd(Vector(at: x + (first &+ 32)), zero, marks2)
        marks3 = snnv_madd(Vector(at: x + (first &+ 48)), zero, marks3)
        first &+= 64
    }
    var marks = (marks0 + marks1) + (marks2 + marks3)
    forEachBlock(from: first, count) { block in marks = snnv_madd(block.load(x), zero, marks) }
    return isSet(marks .!= zero) ? 0 : 1
}

/// sum x[i]^2 in double; the order is in SNNKernelList.h.
@c @implementation
public func snnk_sum_of_squares(_ x: UnsafePointer<Float>, _ count: Int64) -> Double {
    var total = SIMD16<Double>(repeating: 0)
    forEachBlock(count) { block in total = snnv_add_square(block.load(x), total) }
    return snnv_fold_double(total)
}

/// sum |x[i]| in double, in the same order.
@c @implementation
public func snnk_sum_of_magnitudes(_ x: UnsafePointer<Float>, _ count: Int64) -> Double {
    var total = SIMD16<Double>(repeating: 0)
    forEachBlock(count) { block in total = snnv_add_magnitude(block.load(x), total) }
    return snnv_fold_double(total)
}

/// g[i] += step sign(x[i]) + slope x[i]
@c @implementation
public func snnk_add_penalty_gradient(
    _ x: UnsafePointer<Float>, _ g: UnsafeMutablePointer<Float>, _ count: Int64, _ step: Float,
    _ slope: Float
) {
    let (zero, up, down) = (Vector(0), Vector(step), Vector(0 - step))
    let slope = Vector(slope)
    map(x, UnsafePointer(g), g, count) { x, g in
        let sign = select(x .> zero, up, select(x .< zero, down, zero))
        return snnv_madd(x, slope, g + sign)
    }
}

/// sum x[i] y[i] in double; the order is in SNNKernelList.h.
@c @implementation
public func snnk_sum_of_products(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int64
) -> Double {
    var total = SIMD16<Double>(repeating: 0)
    forEachBlock(count) { block in
        total = snnv_add_product(block.load(x), block.load(y), total)
    }
    return snnv_fold_double(total)
}
