import CVector

/// k ln 2 + log(1 + f) for -0.25 <= f <= 0.5.
@_transparent
private func logarithm(reduced f: Vector, exponent k: Vector) -> Vector {
    var p = Vector(0x1.340cf2p-5)
    p = horner(p, f, -0x1.74ff40p-4)
    p = horner(p, f, 0x1.df1c2cp-4)
    p = horner(p, f, -0x1.04ad9ep-3)
    p = horner(p, f, 0x1.246390p-3)
    p = horner(p, f, -0x1.5519d2p-3)
    p = horner(p, f, 0x1.999764p-3)
    p = horner(p, f, -0x1.00006ep-2)
    p = horner(p, f, 0x1.55555ap-2)
    let square = f * f
    let low = snnv_madd(f * square, p, Vector(-0.5) * square)
    // ln 2 in two parts; the first has 14 bits, so its product with k is exact without fma too.
    return snnv_madd(k, Vector(0x1.62e4p-1), f + snnv_madd(k, Vector(0x1.7f7d1cp-20), low))
}

/// log(x). Error at most 0.85 ulp (0.9). 0 gives -infinity, a negative number NaN.
@_transparent
func logarithm(_ x: Vector) -> Vector {
    let isSubnormal = x .< Vector(0x1p-126)
    let scaled = select(isSubnormal, x * Vector(0x1p23), x)
    // x = m 2^k with 0.75 <= m < 1.5
    let bits = scaled.bits
    let k = (bits &- IntegerVector(repeating: 0x3f40_0000)) &>> IntegerVector(repeating: 23)
    let m = Vector(bits: bits &- (k &<< IntegerVector(repeating: 23)))
    let shift = Vector(roundingShift)
    let exponent =
        (Vector(bits: k &+ shift.bits) - shift) + select(isSubnormal, Vector(-23), Vector(0))
    var y = logarithm(reduced: m - Vector(1), exponent: exponent)
    y = select(x .> Vector(0), y, Vector(.nan))
    y = select(x .== Vector(0), Vector(-.infinity), y)
    return select(x .== Vector(.infinity), x, y)
}

/// log(1 + t) for 0 <= t <= 1. Error at most 0.8 ulp (0.8).
@_transparent
func logarithmOfOne(plus t: Vector) -> Vector {
    let isHalved = t .> Vector(0.5)
    let f = select(isHalved, snnv_madd(t, Vector(0.5), Vector(-0.5)), t)
    return logarithm(reduced: f, exponent: select(isHalved, Vector(1), Vector(0)))
}

/// log(1 + exp(x)). Error at most 1.65 ulp (1.65).
@_transparent
func softplus(_ x: Vector) -> Vector {
    select(x .> Vector(0), x, Vector(0)) + logarithmOfOne(plus: exponential(-x.magnitude))
}
