import CKernels
import CVector

/// 2 sqrt(2 / pi) (x + 0.044715 x^3)
@inline(__always)
private func geluArgument(_ x: Vector) -> Vector {
    x * snnv_madd(x * x, Vector(0.07135481409), Vector(1.5957691216))
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

/// dy y (1 - y); reads y only.
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

/// dy (1 - y^2); reads y only.
@c @implementation
public func snnk_tanh_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(y, dy, dx, count) { y, dy in dy * snnv_madd(-y, y, Vector(1)) }
}

/// x sigmoid(x) (Elfwing et al. 2017). Error at most 2.7 ulp for x >= -87, 1e-43 below.
/// At -infinity 0, its limit (JAX gives NaN).
@c @implementation
public func snnk_silu(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in x.raised(to: -200) * logistic(x) }
}

/// dy s (1 + x (1 - s)) with s = sigmoid(x) and 1 - s = sigmoid(-x).
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
/// 2.5 ulp for x >= -1.15, 5.3 ulp down to -12.8, 1e-42 below.
/// At -infinity 0, its limit (JAX gives NaN).
@c @implementation
public func snnk_gelu(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in x.raised(to: -20) * normal(x).distribution }
}

/// dy (Phi(x) + x phi(x))
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

/// 0.5 x (1 + tanh(u)) = x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3). Error at most 2.7 ulp
/// for x >= -1; below, where the argument grows with x^3, 140 ulp at -9.
/// At -infinity 0, its limit (JAX gives NaN).
@c @implementation
public func snnk_gelu_tanh(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in x.raised(to: -20) * logistic(geluArgument(x)) }
}

/// dy (s + x s (1 - s) (2 u)')
@c @implementation
public func snnk_gelu_tanh_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        let x = x.lowered(to: 20).raised(to: -20)
        let argument = geluArgument(x)
        let s = logistic(argument)
        let slope = x * snnv_madd(x * x, Vector(0.21406014226), Vector(1.5957691216))
        return dy * snnv_madd(s * logistic(-argument), slope, s)
    }
}

/// x tanh(log(1 + exp(x))) (Misra 2019). Error at most 4.7 ulp for x >= -87, 1e-43 below. At
/// -infinity 0, its limit.
@c @implementation
public func snnk_mish(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        let (numerator, denominator, _) = mishFraction(x)
        return x.raised(to: -200) * (numerator / denominator)
    }
}

/// dy (w + x (1 - w^2) sigmoid(x)), w = tanh(log(1 + exp(x)))
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
