import CKernels
import CVector

/// 2 sqrt(2 / pi) (x + 0.044715 x^3)
@inline(__always)
private func geluArgument(_ x: Vector) -> Vector {
    x * snnv_madd(x * x, Vector(0x1.2444f2p-4), Vector(0x1.988454p0))
}

/// The same for 0 <= x <= 11, in two parts: where it is large, its exponential takes its error many
/// times over.
@inline(__always)
private func geluArgumentParts(_ x: Vector) -> (high: Vector, low: Vector) {
    let square = x * x
    let cubic = square * Vector(0x1.2444f2p-4)
    // The constants' own tails are a second float each; the first constant has 10 bits, so that
    // sum - 0x1.988p0 is exact.
    var low = snnv_product_error(square, Vector(0x1.2444f2p-4), cubic)
    low = snnv_madd(snnv_product_error(x, x, square), Vector(0x1.2444f2p-4), low)
    low += snnv_madd(square, Vector(0x1.49b16ap-29), Vector(0x1.14cf50p-14))
    let sum = cubic + Vector(0x1.988p0)
    low += cubic - (sum - Vector(0x1.988p0))
    let high = x * sum
    return (high, snnv_madd(x, low, snnv_product_error(x, sum, high)))
}

/// tanh(log(1 + exp(x))) as a fraction in t = exp(-|x|): (1 + 2 t) / (1 + 2 t + 2 t^2) for
/// positive x, (t^2 + 2 t) / (t^2 + 2 t + 2) for negative.
@inline(__always)
private func mishFraction(_ x: Vector) -> (numerator: Vector, denominator: Vector, t: Vector) {
    let t = exponential(-x.magnitude)
    let isNegative = x .< Vector(0)
    let numerator = select(
        isNegative, t * (t + Vector(2)), snnv_madd(Vector(2), t, Vector(1)))
    return (numerator, numerator + select(isNegative, Vector(2), Vector(2) * t * t), t)
}

/// 1 / (1 + exp(-x)), within the bound of `logistic`.
@c @implementation
public func snnk_sigmoid(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in logistic(x) }
}

/// dy y (1 - y); reads y only. Error at most 1 (1).
@c @implementation
public func snnk_sigmoid_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(y, dy, dx, count) { y, dy in dy * (y * (Vector(1) - y)) }
}

/// tanh(x), within the bound of `hyperbolicTangent`.
@c @implementation
public func snnk_tanh(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in hyperbolicTangent(x) }
}

/// dy (1 - y^2); reads y only. Error at most 2.3 (2.3).
@c @implementation
public func snnk_tanh_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(y, dy, dx, count) { y, dy in dy * snnv_madd(-y, y, Vector(1)) }
}

/// x sigmoid(x) (Elfwing et al. 2017). Error at most 1.5 ulp (2.8).
/// At -infinity 0, its limit (JAX gives NaN).
@c @implementation
public func snnk_silu(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        let raised = x.raised(to: -120)
        let finite = raised.lowered(to: 120)
        return Gate(finite).passedAsLogistic(raised, finite: finite)
    }
}

/// dy s (1 + x (1 - s)) with s = sigmoid(x) and 1 - s = sigmoid(-x). Error at most 3.6 (3.6).
@c @implementation
public func snnk_silu_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        let t = exponential(-x.magnitude)
        let large = Vector(1) / (Vector(1) + t)
        let small = t / (Vector(1) + t)
        let isNegative = x .< Vector(0)
        let s = select(isNegative, small, large)
        let rest = select(isNegative, large, small)
        return dy * (s * snnv_madd(x.lowered(to: 200).raised(to: -200), rest, Vector(1)))
    }
}

/// x Phi(x), Phi the standard normal distribution (Hendrycks and Gimpel 2016). Error at most
/// 1.85 ulp (2.3). At -infinity 0, its limit (JAX gives NaN).
@c @implementation
public func snnk_gelu(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        let isInner = x.magnitude .< Vector(0.65)
        let inner = x * snnv_madd(x, normalNearZero(x * x), Vector(0.5))
        return select(isInner, inner, x.raised(to: 0) - normalLoss(x.magnitude))
    }
}

/// dy (Phi(x) + x phi(x)). Error at most 2.3 (2.3).
@c @implementation
public func snnk_gelu_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        let (distribution, density) = normal(x)
        return dy * snnv_madd(x.lowered(to: 20).raised(to: -20), density, distribution)
    }
}

/// 0.5 x (1 + tanh(u)) = x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3). Error at most 1.6 ulp
/// (2.9). At -infinity 0, its limit (JAX gives NaN).
@c @implementation
public func snnk_gelu_tanh(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        let (high, low) = geluArgumentParts(x.magnitude.lowered(to: 11))
        let gate = Gate(-high, plus: -low, isNegative: x .< Vector(0))
        let raised = x.raised(to: -11)
        return gate.passedAsLogistic(raised, finite: raised.lowered(to: 11))
    }
}

/// dy (s + x s (1 - s) (2 u)'). Error at most 2.5 (2.5).
@c @implementation
public func snnk_gelu_tanh_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        let x = x.lowered(to: 20).raised(to: -20)
        let argument = geluArgument(x)
        let s = logistic(argument)
        let slope = x * snnv_madd(x * x, Vector(0x1.b6676cp-3), Vector(0x1.988454p0))
        return dy * snnv_madd(s * logistic(-argument), slope, s)
    }
}

/// x tanh(log(1 + exp(x))) (Misra 2019), at -infinity 0, its limit. Error at most 1.5 ulp (2.9).
/// With t = exp(-|x|) the factor is t (t + 2) / (t (t + 2) + 2) for negative x,
/// (2 t + 1) / (2 t t + 2 t + 1) for positive.
@c @implementation
public func snnk_mish(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        let raised = x.raised(to: -120)
        let finite = raised.lowered(to: 120)
        let gate = Gate(finite)
        let (t, isNegative) = (gate.t, gate.isNegative)
        let u = select(isNegative, t, t + t)
        let constant = select(isNegative, Vector(2), Vector(1))
        let numerator = u + constant
        let factor = select(isNegative, numerator, t)
        let term = select(isNegative, Vector(2), numerator)
        let denominator = snnv_madd(u, factor, term)
        // What the numerator lost counts fully where t is small and negative.
        let low = select(isNegative, u - (numerator - constant), Vector(0))
        return gate.passed(
            raised, finite: finite, numerator, over: denominator,
            plus: snnv_product_error(u, factor, denominator - term) - low)
    }
}

/// dy (w + x (1 - w^2) sigmoid(x)), w = tanh(log(1 + exp(x))). Error at most 3 (3).
@c @implementation
public func snnk_mish_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        let (numerator, denominator, t) = mishFraction(x)
        let isNegative = x .< Vector(0)
        // 1 - w^2 = (denominator - numerator) (denominator + numerator) / denominator^2
        let difference = select(isNegative, Vector(2), Vector(2) * t * t)
        let square = (difference / denominator) * ((numerator + denominator) / denominator)
        let s = select(isNegative, t, Vector(1)) / (Vector(1) + t)
        return dy
            * snnv_madd(x.lowered(to: 200).raised(to: -200), square * s, numerator / denominator)
    }
}
