import CKernels
import CVector

/// (x + sqrt(x^2 + a)) / 2 and the root.
@inline(__always)
private func squareplus(_ x: Vector, _ a: Float) -> (value: Vector, root: Vector) {
    let magnitude = x.magnitude.lowered(to: .greatestFiniteMagnitude)
    // From 2^62 on the square could overflow, and a is lost beside it.
    let small = magnitude.lowered(to: 0x1p62)
    let square = snnv_madd(small, small, Vector(a))
    let smallRoot = snnv_square_root(square)
    let root = select(magnitude .> Vector(0x1p62), magnitude, smallRoot)
    let (halfX, halfRoot) = (Vector(0.5) * magnitude, Vector(0.5) * root)
    // For negative x the quotient a / 4 / (halfX + halfRoot), mended by what it, its divisor and the
    // root lost when they were rounded; the root's is taken as if x were 0, where it weighs most.
    let sum = halfX + halfRoot
    let positive = Vector(0.5) * x.magnitude + halfRoot
    let inverse = Vector(1) / positive
    let quotient = Vector(0.25 * a) * inverse
    let rootRest = snnv_product_error(smallRoot, smallRoot, square) * Vector(-0.125)
    let low = snnv_madd(rootRest, inverse, halfX - (sum - halfRoot))
    let rest = snnv_madd(
        -quotient, low, -snnv_product_error(quotient, sum, Vector(0.25 * a)))
    let negative = snnv_madd(rest, inverse, quotient)
    return (select(x .< Vector(0), negative, positive), root)
}

/// x - tanh(x) for 0 <= x < 1.03.
@inline(__always)
private func tanhShrinkNearZero(_ x: Vector) -> Vector {
    let s = x * x
    var p = Vector(-0x1.5f16c8p-13)
    p = horner(p, s, 0x1.0c9b26p-10)
    p = horner(p, s, -0x1.b9bb06p-9)
    p = horner(p, s, 0x1.21504ap-7)
    p = horner(p, s, -0x1.668d0ep-6)
    p = horner(p, s, 0x1.ba2898p-5)
    p = horner(p, s, -0x1.111166p-3)
    // x s (c + s p), with x s c added last and what x s lost when it was rounded.
    let c: Float = 0x1.555556p-2
    let (cube, rest) = (x * s, s * p)
    let low = snnv_madd(x, snnv_product_error(x, x, s), snnv_product_error(x, s, cube))
    return snnv_madd(cube, Vector(c), snnv_madd(cube, rest, low * horner(p, s, c)))
}

/// exp(x), within the bound of `exponential`.
@c @implementation
public func snnk_exponential(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in exponential(x) }
}

/// dy y; reads y only. Error at most 1.5 (1.5).
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

/// dy sigmoid(x). Error at most 1.3 (1.3).
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

/// dy sigmoid(-x). Error at most 1.3 (1.3).
@c @implementation
public func snnk_log_sigmoid_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in dy * logistic(-x) }
}

/// x / (1 + |x|), at the infinities -1 and 1. Error at most 1.5 ulp (1.5).
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

/// dy / (1 + |x|)^2. Error at most 3.6 (3.6).
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
/// most 1.4 ulp (1.5) for a = 4.
@c @implementation
public func snnk_squareplus(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in squareplus(x, a).value }
}

/// dy (1 + x / sqrt(x^2 + a)) / 2 = dy y / sqrt(x^2 + a); NaN for x = a = 0, as in JAX. Error at
/// most 2.4 (2.4) for a = 4.
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

/// x - tanh(x). Error at most 2 ulp (3).
@c @implementation
public func snnk_tanh_shrink(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        let magnitude = x.magnitude
        // The first difference is exact.
        let large =
            (magnitude - Vector(1))
            + Vector(2) / (exponential(magnitude + magnitude) + Vector(1))
        return select(magnitude .< Vector(1.03), tanhShrinkNearZero(magnitude), large)
            .withSign(of: x)
    }
}

/// dy tanh(x)^2. Error at most 2.1 (2.1).
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

/// dy cos(x). Error at most 1.6 (1.6).
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

/// -dy sin(x). Error at most 1.6 (1.6).
@c @implementation
public func snnk_cos_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in -dy * sine(x) }
}

/// x^2, the nearest float.
@c @implementation
public func snnk_square(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in x * x }
}

/// 2 x dy, exact for dy = 1.
@c @implementation
public func snnk_square_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in dy * (x + x) }
}
