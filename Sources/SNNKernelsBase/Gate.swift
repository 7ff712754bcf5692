import CVector

/// What sigmoid-like gates have in common: each is a fraction A / B in t = exp(-|x|), times t for
/// negative x.
struct Gate {
    let isNegative: Mask
    /// t = 2^n (1 + r + s)
    let n: Vector
    let r: Vector
    let s: Vector
    let t: Vector

    /// For |x| <= 174.
    @_transparent
    init(_ x: Vector) {
        isNegative = x .< Vector(0)
        (n, r, s) = exponentialTerms(-x.magnitude)
        t = snnv_scale(Vector(1) + (r + s), n)
    }

    /// With t = exp(x + low) for a small `low`, -174 <= x <= 0.
    @_transparent
    init(_ x: Vector, plus low: Vector, isNegative: Mask) {
        self.isNegative = isNegative
        (n, r, s) = exponentialTerms(x, plus: low)
        t = snnv_scale(Vector(1) + (r + s), n)
    }

    /// value A / B, times t for negative x. `finite` is the value; it may be any other where t is 0
    /// and x positive, so that an infinite value stays what it is. B comes with what it lost when it
    /// was rounded.
    ///
    /// Nearly all of the product is rounded once, and it is scaled by 2^n at the end: t may be
    /// subnormal where the result is not.
    @_transparent
    func passed(
        _ value: Vector, finite: Vector, _ numerator: Vector, over denominator: Vector,
        plus low: Vector
    ) -> Vector {
        let inverse = Vector(1) / denominator
        let quotient = numerator * inverse
        let rest = snnv_madd(
            -quotient, low, -snnv_product_error(quotient, denominator, numerator))
        let mended = rest * inverse
        let factor = snnv_madd(
            quotient, r, snnv_madd(quotient, s, snnv_madd(mended, r + s, mended)))
        let correction = select(isNegative, factor, mended)
        let kept = snnv_madd(value, quotient, finite * correction)
        return snnv_scale(kept, select(isNegative, n, Vector(0)))
    }

    /// value / (1 + exp(-x))
    @_transparent
    func passedAsLogistic(_ value: Vector, finite: Vector) -> Vector {
        let sum = Vector(1) + t
        return passed(value, finite: finite, Vector(1), over: sum, plus: t - (sum - Vector(1)))
    }
}
