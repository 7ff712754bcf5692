import CKernels
import CVector

private let seluScale: Float = 1.05070098735548049342
private let seluScaledAlpha: Float = 1.75809934084737685994

/// ReLU with maximum a, slope b and threshold c: a for x >= a, x for c < x < a, b (x - c) for
/// x <= c (0 where b is 0, also at -infinity). NaN stays NaN. (Keras's page says c <= x; what it
/// computes at x = c is 0.)
@c @implementation
public func snnk_relu(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    let below = b == 0
    transform(x, y, count) { x in
        let rest = below ? Vector(0) : Vector(b) * (x - Vector(c))
        return select(x .>= Vector(a), Vector(a), select(x .<= Vector(c), rest, x))
    }
}

/// dy for c < x < a, b dy for x < c, 0 for x >= a, and 0 at x = c, as jax.nn.relu and relu6 have
/// it; but dy at x = c = 0 when there is a slope and no maximum, as jax.nn.leaky_relu has it. (For a
/// maximum other than 6 JAX gives half of dy at x = a.)
@c @implementation
public func snnk_relu_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    let kink: Float = b != 0 && c == 0 && a == .infinity ? 1 : 0
    let below = b == 0
    transform(x, dy, dx, count) { x, dy in
        let rest = below ? Vector(0) : Vector(b) * dy
        var dx = select(x .== Vector(c), select(Vector(kink) .> Vector(0), dy, Vector(0)), dy)
        dx = select(x .< Vector(c), rest, dx)
        return select((x .>= Vector(a)) .| x.isNaN, Vector(0), dx)
    }
}

/// x for x > 0, else a (exp(x) - 1) (Clevert et al. 2016). Error at most 1.45 ulp (1.45) for a = 1.5.
@c @implementation
public func snnk_elu(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        select(x .> Vector(0), x, Vector(a) * exponentialMinusOne(x.lowered(to: 0)))
    }
}

/// dy for x > 0, else a exp(x) dy. Error at most 2.2 (2.2) for a = 1.5.
@c @implementation
public func snnk_elu_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        select(x .> Vector(0), dy, Vector(a) * exponential(x.lowered(to: 0)) * dy)
    }
}

/// scale x for x > 0, else scale alpha (exp(x) - 1), with the constants of Klambauer et al. 2017.
/// Error at most 1.85 ulp (1.9).
@c @implementation
public func snnk_selu(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        select(
            x .> Vector(0), Vector(seluScale) * x,
            Vector(seluScaledAlpha) * exponentialMinusOne(x.lowered(to: 0)))
    }
}

/// scale dy for x > 0, else scale alpha exp(x) dy. Error at most 2.4 (2.4).
@c @implementation
public func snnk_selu_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        let negative = Vector(seluScaledAlpha) * exponential(x.lowered(to: 0))
        let slope = select(x .> Vector(0), Vector(seluScale), negative)
        return slope * dy
    }
}

/// max(x, 0) + min(0, a (exp(x / a) - 1)) (Barron 2017). Error at most 1.85 ulp (1.85) for
/// a = 1.5.
@c @implementation
public func snnk_celu(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        let negative = x.lowered(to: 0)
        let quotient = negative / Vector(a)
        // What the quotient lost when it was rounded; beyond any use where that is not small.
        let rest = -snnv_product_error(quotient, Vector(a), negative) / Vector(a)
        let low = select(rest.magnitude .< Vector(1), rest, Vector(0))
        return select(
            x .> Vector(0), x, Vector(a) * exponentialMinusOne(quotient, plus: low))
    }
}

/// dy for x > 0, else exp(x / a) dy; both agree at 0. Error at most 1.1 (1.1) for a = 1.5.
@c @implementation
public func snnk_celu_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        select(x .> Vector(0), dy, exponential(x.lowered(to: 0) / Vector(a)) * dy)
    }
}
