import CVector

/// x = n ln 2 + r + n rest with |r| <= 0.347, for |x| <= 174; r is exact.
@_transparent
private func reduce(_ x: Vector) -> (n: Vector, r: Vector, rest: Vector) {
    let shift = Vector(roundingShift)
    let n = snnv_madd(x, Vector(0x1.715476p0), shift) - shift
    // ln 2 in two parts; the first has 9 bits, so its product with n is exact without fma too.
    return (n, snnv_madd(n, Vector(-0x1.63p-1), x), Vector(0x1.bd0106p-13))
}

/// exp(r) - 1 for |r| <= 0.347.
@_transparent
private func exponentialMinusOne(reduced r: Vector) -> Vector {
    snnv_madd(r * r, exponentialCurve(r), r)
}

/// (exp(r) - 1 - r) / r^2 for |r| <= 0.347.
@_transparent
private func exponentialCurve(_ r: Vector) -> Vector {
    var p = Vector(0x1.9e7c8ep-13)
    p = horner(p, r, 0x1.6d3a66p-10)
    p = horner(p, r, 0x1.1112d4p-7)
    p = horner(p, r, 0x1.5554f8p-5)
    p = horner(p, r, 0x1.555554p-3)
    return horner(p, r, 0.5)
}

/// exp(x) = 2^n (1 + p) with |p| < 0.42, for |x| <= 174.
@_transparent
func exponentialParts(_ x: Vector) -> (n: Vector, p: Vector) {
    let (n, r, rest) = reduce(x)
    return (n, exponentialMinusOne(reduced: snnv_madd(n, rest, r)))
}

/// The same for x + low with a small `low`.
@_transparent
func exponentialParts(_ x: Vector, plus low: Vector) -> (n: Vector, p: Vector) {
    let (n, r, rest) = reduce(x)
    return (n, exponentialMinusOne(reduced: r + snnv_madd(n, rest, low)))
}

/// exp(x) = 2^n (1 + r + s) with |r| <= 0.347 and 0 <= s < 0.07, for |x| <= 174.
@_transparent
func exponentialTerms(_ x: Vector) -> (n: Vector, r: Vector, s: Vector) {
    let (n, whole, rest) = reduce(x)
    let r = snnv_madd(n, rest, whole)
    return (n, r, r * r * exponentialCurve(r))
}

/// The same for x + low with a small `low`.
@_transparent
func exponentialTerms(_ x: Vector, plus low: Vector) -> (n: Vector, r: Vector, s: Vector) {
    let (n, whole, rest) = reduce(x)
    let r = whole + snnv_madd(n, rest, low)
    return (n, r, r * r * exponentialCurve(r))
}

/// exp(x). Error at most 1 ulp (1). Below -104 it is 0, above 88.72284 infinity.
@_transparent
func exponential(_ x: Vector) -> Vector {
    let (n, p) = exponentialParts(x.lowered(to: 89).raised(to: -104))
    return snnv_scale(Vector(1) + p, n)
}

/// exp(x + low) for a small `low`, within the same bound.
@_transparent
func exponential(_ x: Vector, plus low: Vector) -> Vector {
    let (n, p) = exponentialParts(x.lowered(to: 89).raised(to: -104), plus: low)
    return snnv_scale(Vector(1) + p, n)
}

/// 2^n p + 2^n - 1 for -26 <= n <= 128.
@_transparent
private func exponentialMinusOne(_ n: Vector, _ p: Vector) -> Vector {
    // With half of 2^n, because 2^128 is not a float.
    let biased = n + Vector(roundingShift + 126)
    let scale = Vector(bits: biased.bits &<< IntegerVector(repeating: 23))
    let half = snnv_madd(scale, p, scale - Vector(0.5))
    return half + half
}

/// exp(x) - 1. Error at most 1.45 ulp (1.45).
@_transparent
func exponentialMinusOne(_ x: Vector) -> Vector {
    let (n, p) = exponentialParts(x.lowered(to: 89).raised(to: -18))
    return select(x.magnitude .< Vector(0x1p-24), x, exponentialMinusOne(n, p))
}

/// exp(x + low) - 1 for a small `low`.
@_transparent
func exponentialMinusOne(_ x: Vector, plus low: Vector) -> Vector {
    let (n, p) = exponentialParts(x.lowered(to: 89).raised(to: -18), plus: low)
    return select(x.magnitude .< Vector(0x1p-24), x, exponentialMinusOne(n, p))
}

/// 1 / (1 + exp(-x)). Error at most 1.65 ulp (1.9).
@_transparent
func logistic(_ x: Vector) -> Vector {
    let t = exponential(-x.magnitude)
    let lesser = t / (Vector(1) + t)
    // For negative x, t - t lesser is `lesser` with its rounding weighted down.
    let whole = select(x .< Vector(0), t, Vector(1))
    return snnv_madd(-whole, lesser, whole)
}

/// tanh(x). Error at most 1.35 ulp (1.35).
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
