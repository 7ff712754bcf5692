import CKernels
import CVector

extension Vector {
    /// The infinities become the largest numbers; NaN stays.
    @inline(__always)
    fileprivate var bounded: Vector {
        lowered(to: .greatestFiniteMagnitude).raised(to: -.greatestFiniteMagnitude)
    }
}

/// (x + sqrt(x^2 + a)) / 2 and the root.
@inline(__always)
private func squareplus(_ x: Vector, _ a: Float) -> (value: Vector, root: Vector) {
    let magnitude = x.magnitude
    // From 2^62 on the square could overflow, and a is lost beside it.
    let root = select(
        magnitude .> Vector(0x1p62), magnitude, snnv_square_root(snnv_madd(x, x, Vector(a))))
    let half = Vector(0.5)
    let negative = Vector(0.25 * a) / (half * magnitude + half * root)
    return (select(x .< Vector(0), negative, half * x + half * root), root)
}

/// exp(x), within the bound of `exponential`.
@c @implementation
public func snnk_exponential(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in exponential(x) }
}

/// dy y; reads y only.
@c @implementation
public func snnk_exponential_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(y, dy, dx, count) { y, dy in dy * y }
}

/// log(1 + exp(x)), within the bound of `softplus`.
@c @implementation
public func snnk_softplus(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in softplus(x) }
}

/// dy sigmoid(x)
@c @implementation
public func snnk_softplus_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in dy * logistic(x) }
}

/// log(sigmoid(x)) = -softplus(-x), within the bound of `softplus`.
@c @implementation
public func snnk_log_sigmoid(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in -softplus(-x) }
}

/// dy sigmoid(-x)
@c @implementation
public func snnk_log_sigmoid_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in dy * logistic(-x) }
}

/// x / (1 + |x|), at the infinities -1 and 1.
@c @implementation
public func snnk_softsign(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        let x = x.bounded
        return x / (Vector(1) + x.magnitude)
    }
}

/// dy / (1 + |x|)^2
@c @implementation
public func snnk_softsign_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        let quotient = Vector(1) / (Vector(1) + x.magnitude)
        return dy * (quotient * quotient)
    }
}

/// (x + sqrt(x^2 + a)) / 2 (Barron 2021), for negative x as a / 2 / (sqrt(x^2 + a) - x). Error at
/// most 2.8 ulp for a = 4.
@c @implementation
public func snnk_squareplus(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in squareplus(x, a).value }
}

/// dy (1 + x / sqrt(x^2 + a)) / 2 = dy y / sqrt(x^2 + a); NaN for x = a = 0, as in JAX.
@c @implementation
public func snnk_squareplus_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        let (value, root) = squareplus(x.bounded, a)
        return dy * (value / root)
    }
}

/// x - tanh(x). Error at most 11 ulp, from 0.625 on, where it is a difference.
@c @implementation
public func snnk_tanh_shrink(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        select(
            x.magnitude .< Vector(0.625), hyperbolicTangentDefect(x), x - hyperbolicTangent(x))
    }
}

/// dy tanh(x)^2
@c @implementation
public func snnk_tanh_shrink_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        let t = hyperbolicTangent(x)
        return dy * (t * t)
    }
}

/// sin(x), within the bound of `sine`.
@c @implementation
public func snnk_sin(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in sine(x) }
}

/// dy cos(x)
@c @implementation
public func snnk_sin_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in dy * cosine(x) }
}

/// cos(x), within the bound of `cosine`.
@c @implementation
public func snnk_cos(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in cosine(x) }
}

/// -dy sin(x)
@c @implementation
public func snnk_cos_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in -dy * sine(x) }
}

/// x^2
@c @implementation
public func snnk_square(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in x * x }
}

/// 2 x dy
@c @implementation
public func snnk_square_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in dy * (x + x) }
}
