import CVector

/// The standard normal distribution at x: Phi(x) = (1 + erf(x / sqrt 2)) / 2 and its density
/// exp(-x^2 / 2) / sqrt(2 pi). Error of Phi at most 2 ulp (2)
/// for x >= -1.15, 5 (5) down to -12.8, 1e-43 below; of the density 2.2 ulp (2.2) for |x| < 12.8.
@_transparent
func normal(_ x: Vector) -> (distribution: Vector, density: Vector) {
    let t = x.magnitude.lowered(to: 15)
    // t^2 in two parts: `head` has 12 bits, so its square is exact.
    let head = Vector(bits: t.bits & IntegerVector(repeating: -4096))
    let e = exponential(
        Vector(-0.5) * head * head, plus: Vector(-0.5) * (t - head) * (t + head))
    let v = Vector(1) / (t + Vector(2))
    let lower = e * (v * normalTail(snnv_madd(v, Vector(-4), Vector(1))))
    let outer = select(x .< Vector(0), lower, Vector(1) - lower)
    let inner = snnv_madd(x, normalCenter(x * x), Vector(0.5))
    return (select(t .< Vector(1.15), inner, outer), e * Vector(0x1.988454p-2))
}

/// t Phi(-t) for t >= 0.65: exp(-t^2 / 2) times a function that lies between 0.2 and 0.4.
@_transparent
func normalLoss(_ t: Vector) -> Vector {
    let t = t.lowered(to: 15)
    let half = Vector(-0.5) * t
    let exponent = half * t
    let (n, p) = exponentialParts(exponent, plus: snnv_product_error(half, t, exponent))
    let u = (t - Vector(1.5)) / (t + Vector(1.5))
    let q = normalLossQuotient(u)
    // (1 + p) (c + u q), with c added last.
    let c: Float = 0x1.3c1440p-2
    return snnv_scale(Vector(c) + snnv_madd(horner(q, u, c), p, u * q), n)
}

/// (t Phi(-t) exp(t^2 / 2) - c) / u as a polynomial in u = (t - 1.5) / (t + 1.5), for
/// 0.65 <= t <= 14.4; c is the constant term.
@_transparent
private func normalLossQuotient(_ u: Vector) -> Vector {
    var p = Vector(0x1.222f2ep-10)
    p = horner(p, u, -0x1.4c79e8p-11)
    p = horner(p, u, -0x1.1a6728p-9)
    p = horner(p, u, -0x1.42ccc6p-9)
    p = horner(p, u, 0x1.b33322p-11)
    p = horner(p, u, 0x1.61de0ap-7)
    p = horner(p, u, 0x1.23044ap-6)
    p = horner(p, u, -0x1.44618ap-6)
    p = horner(p, u, -0x1.02a818p-3)
    return horner(p, u, 0x1.b06056p-3)
}

/// (Phi(x) - 1/2) / x as a polynomial in s = x^2, for |x| < 0.65.
@_transparent
func normalNearZero(_ s: Vector) -> Vector {
    var p = Vector(0x1.d041c2p-14)
    p = horner(p, s, -0x1.37ba2cp-10)
    p = horner(p, s, 0x1.46dc82p-7)
    p = horner(p, s, -0x1.10587cp-4)
    return horner(p, s, 0x1.988454p-2)
}

/// (Phi(x) - 1/2) / x as a polynomial in s = x^2, for |x| < 1.15.
@_transparent
private func normalCenter(_ s: Vector) -> Vector {
    var p = Vector(-0x1.cb68f0p-18)
    p = horner(p, s, 0x1.d1af36p-14)
    p = horner(p, s, -0x1.36442ap-10)
    p = horner(p, s, 0x1.46c2b8p-7)
    p = horner(p, s, -0x1.1057e4p-4)
    return horner(p, s, 0x1.988452p-2)
}

/// Phi(-t) (t + 2) exp(t^2 / 2) as a polynomial in u = (t - 2) / (t + 2), for 1.15 <= t <= 14.4.
@_transparent
private func normalTail(_ u: Vector) -> Vector {
    var p = Vector(0x1.07b6a6p-11)
    p = horner(p, u, 0x1.3ca0d4p-10)
    p = horner(p, u, -0x1.0fddeep-9)
    p = horner(p, u, -0x1.b81254p-8)
    p = horner(p, u, -0x1.f0d138p-12)
    p = horner(p, u, 0x1.2cc752p-5)
    p = horner(p, u, 0x1.d7d672p-6)
    p = horner(p, u, -0x1.535baep-2)
    return horner(p, u, 0x1.5845dcp-1)
}
