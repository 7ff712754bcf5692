import CVector

/// The standard normal distribution at x: Phi(x) = (1 + erf(x / sqrt 2)) / 2 and its density
/// exp(-x^2 / 2) / sqrt(2 pi). NORMALBOUND
@inline(__always)
func normal(_ x: Vector) -> (distribution: Vector, density: Vector) {
    let t = x.magnitude.lowered(to: 15)
    // t^2 in two parts: `head` has 12 bits, so its square is exact.
    let head = Vector(bits: t.bits & IntegerVector(repeating: -4096))
    let e = exponential(
        Vector(-0.5) * head * head, plus: Vector(-0.5) * (t - head) * (t + head))
    let v = Vector(1) / (t + Vector(4))
    let lower = e * (v * normalTail(snnv_madd(v, Vector(-8), Vector(1))))
    let outer = select(x .< Vector(0), lower, Vector(1) - lower)
    let inner = snnv_madd(x, normalCenter(x * x), Vector(0.5))
    return (select(t .< Vector(0.67), inner, outer), e * Vector(0x1.988454p-2))
}

/// (Phi(x) - 1/2) / x as a polynomial in s = x^2, for |x| < 0.67.
@inline(__always)
private func normalCenter(_ s: Vector) -> Vector {
    var p = Vector(0x1.1df502p-13)
    p = horner(p, s, -0x1.3dca84p-10)
    p = horner(p, s, 0x1.4711a4p-7)
    p = horner(p, s, -0x1.105902p-4)
    return horner(p, s, 0x1.988454p-2)
}

/// Phi(-t) (t + 4) exp(t^2 / 2) as a polynomial in u = (t - 4) / (t + 4), for 0.67 <= t <= 14.4.
@inline(__always)
private func normalTail(_ u: Vector) -> Vector {
    var p = Vector(-0x1.1b83d0p-13)
    p = horner(p, u, 0x1.d02268p-13)
    p = horner(p, u, 0x1.a06868p-10)
    p = horner(p, u, -0x1.d08fdap-9)
    p = horner(p, u, -0x1.edc986p-8)
    p = horner(p, u, 0x1.eee488p-5)
    p = horner(p, u, -0x1.7dff52p-3)
    p = horner(p, u, 0x1.8c6d72p-2)
    p = horner(p, u, -0x1.373e3ap-1)
    return horner(p, u, 0x1.82b4bcp-1)
}
