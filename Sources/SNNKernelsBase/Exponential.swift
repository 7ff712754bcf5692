import CVector

/// x = n ln 2 + r with |r| <= 0.347, for |x| <= 104.
@_transparent
private func reduce(_ x: Vector) -> (n: IntegerVector, r: Vector) {
    let shift = Vector(roundingShift)
    let shifted = snnv_madd(x, Vector(0x1.715476p0), shift)
    let n = shifted - shift
    // ln 2 in two parts; the first has 9 bits, so its product with n is exact without fma too.
    let r = snnv_madd(n, Vector(-0x1.63p-1), x)
    return (shifted.bits &- shift.bits, snnv_madd(n, Vector(0x1.bd0106p-13), r))
}

/// exp(r) - 1 for |r| <= 0.347.
@_transparent
private func exponentialMinusOne(reduced r: Vector) -> Vector {
    var p = Vector(0x1.9e7c8ep-13)
    p = horner(p, r, 0x1.6d3a66p-10)
    p = horner(p, r, 0x1.1112d4p-7)
    p = horner(p, r, 0x1.5554f8p-5)
    p = horner(p, r, 0x1.555554p-3)
    p = horner(p, r, 0.5)
    return snnv_madd(r * r, p, r)
}

/// exp(x). Error at most 0.97 ulp (0.97). Below -104 it is 0, above 88.72284 infinity.
@_transparent
func exponential(_ x: Vector) -> Vector {
    exponential(x, plus: Vector(0))
}

/// exp(x + low) for a small `low`, within the same bound.
@_transparent
func exponential(_ x: Vector, plus low: Vector) -> Vector {
    let (n, r) = reduce(x.lowered(to: 89).raised(to: -104))
    let p = Vector(1) + exponentialMinusOne(reduced: r + low)
    // In two steps, so that subnormal results are rounded once and overflow gives infinity.
    let half = n &>> IntegerVector(repeating: 1)
    return p * powerOfTwo(half) * powerOfTwo(n &- half)
}

/// exp(x) - 1. Error at most 1.45 ulp (1.4), for x <= 0 at most 0.9.
@_transparent
func exponentialMinusOne(_ x: Vector) -> Vector {
    let (n, r) = reduce(x.lowered(to: 89).raised(to: -18))
    let p = exponentialMinusOne(reduced: r)
    // With half of 2^n, because 2^128 is not a float.
    let scale = powerOfTwo(n &- IntegerVector(repeating: 1))
    let half = snnv_madd(scale, p, scale - Vector(0.5))
    return select(x.magnitude .< Vector(0x1p-24), x, half + half)
}

/// 1 / (1 + exp(-x)). Error at most 1.65 ulp (1.65).
@_transparent
func logistic(_ x: Vector) -> Vector {
    let t = exponential(-x.magnitude)
    let lesser = t / (Vector(1) + t)
    // For negative x, t - t lesser is `lesser` with its rounding weighted down.
    let whole = select(x .< Vector(0), t, Vector(1))
    return snnv_madd(-whole, lesser, whole)
}

/// tanh(x). Error at most 1.4 ulp (1.4).
@_transparent
func hyperbolicTangent(_ x: Vector) -> Vector {
    let magnitude = x.magnitude
    let large = Vector(1) - Vector(2) / (exponential(magnitude + magnitude) + Vector(1))
    let small = magnitude - hyperbolicTangentDefect(magnitude)
    return select(magnitude .< Vector(0.625), small, large).withSign(of: x)
}

/// x - tanh(x) for |x| < 0.625.
@_transparent
func hyperbolicTangentDefect(_ x: Vector) -> Vector {
    let s = x * x
    var p = Vector(-0x1.17e984p-9)
    p = horner(p, s, 0x1.0bcf6ep-7)
    p = horner(p, s, -0x1.638be6p-6)
    p = horner(p, s, 0x1.b9efaap-5)
    p = horner(p, s, -0x1.111074p-3)
    p = horner(p, s, 0x1.555554p-2)
    return (x * s) * p
}
