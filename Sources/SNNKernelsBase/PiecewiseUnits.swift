import CKernels
import CVector

/// relu6(x + 3) / 6. Error at most 1 ulp (1): below -1.5 the sum is exact.
@c @implementation
public func snnk_hard_sigmoid(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        (x + Vector(3)).raised(to: 0).lowered(to: 6) / Vector(6)
    }
}

/// dy / 6 for 0 < x + 3 < 6, else 0, as jax.nn.relu6 has it.
@c @implementation
public func snnk_hard_sigmoid_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        let ramp = x + Vector(3)
        return select((ramp .> Vector(0)) .& (ramp .< Vector(6)), dy / Vector(6), Vector(0))
    }
}

/// x relu6(x + 3) / 6. At -infinity 0, its limit. Error at most 1.9 ulp (1.9).
@c @implementation
public func snnk_hard_silu(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        x.raised(to: -4) * ((x + Vector(3)).raised(to: 0).lowered(to: 6) / Vector(6))
    }
}

/// dy (relu6(x + 3) / 6 + x / 6 inside), where inside is 0 < x + 3 < 6. Error at most 1.5
/// (1.5).
@c @implementation
public func snnk_hard_silu_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        let ramp = x + Vector(3)
        let value = ramp.raised(to: 0).lowered(to: 6) / Vector(6)
        let isInside = (ramp .> Vector(0)) .& (ramp .< Vector(6))
        return dy * select(isInside, value + x / Vector(6), value)
    }
}

/// -1 for x < -1, 1 for x > 1, else x.
@c @implementation
public func snnk_hard_tanh(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in x.raised(to: -1).lowered(to: 1) }
}

/// dy for -1 <= x <= 1, else 0: the ends belong to the slope in JAX.
@c @implementation
public func snnk_hard_tanh_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in select(x.magnitude .> Vector(1), Vector(0), dy) }
}

/// 0 for |x| <= a, else x; NaN stays NaN (Keras gives 0).
@c @implementation
public func snnk_hard_shrink(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in select(x.magnitude .<= Vector(a), Vector(0), x) }
}

/// dy for |x| > a, else 0
@c @implementation
public func snnk_hard_shrink_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in select(x.magnitude .> Vector(a), dy, Vector(0)) }
}

/// x - a for x > a, x + a for x < -a, else 0; NaN stays NaN (Keras gives 0).
@c @implementation
public func snnk_soft_shrink(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        let positive = x - Vector(a)
        let shrunk = select(x .< Vector(-a), x + Vector(a), positive)
        return select(x.magnitude .<= Vector(a), Vector(0), shrunk)
    }
}

/// dy for |x| > a, else 0
@c @implementation
public func snnk_soft_shrink_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in select(x.magnitude .> Vector(a), dy, Vector(0)) }
}

/// 0 for x <= -1, x for x >= 1, else (x + 1)^2 / 4. Error at most 2 ulp (2).
@c @implementation
public func snnk_sparse_plus(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        let sum = x + Vector(1)
        let value = select(x .>= Vector(1), x, Vector(0.25) * (sum * sum))
        return select(x .<= Vector(-1), Vector(0), value)
    }
}

/// 0, dy or (x + 1) / 2 dy in the same ranges.
@c @implementation
public func snnk_sparse_plus_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        let slope = select(x .>= Vector(1), Vector(1), Vector(0.5) * (x + Vector(1)))
        return select(x .<= Vector(-1), Vector(0), dy * slope)
    }
}

/// 0 for x <= -1, 1 for x >= 1, else (x + 1) / 2.
@c @implementation
public func snnk_sparse_sigmoid(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in
        Vector(0.5) * (x + Vector(1)).raised(to: 0).lowered(to: 2)
    }
}

/// dy / 2 for -1 < x < 1, dy / 4 at the two ends (as JAX splits a clip's ties), else 0.
@c @implementation
public func snnk_sparse_sigmoid_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in
        let sum = x + Vector(1)
        let isEnd = (sum .== Vector(0)) .| (sum .== Vector(2))
        let isOutside = (sum .< Vector(0)) .| (sum .> Vector(2))
        return select(isOutside, Vector(0), dy * select(isEnd, Vector(0.25), Vector(0.5)))
    }
}

/// x for x > a, else b; NaN stays NaN (Keras gives b).
@c @implementation
public func snnk_threshold(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float,
    _ b: Float, _ c: Float
) {
    transform(x, y, count) { x in select(x .<= Vector(a), Vector(b), x) }
}

/// dy for x > a, else 0
@c @implementation
public func snnk_threshold_gradient(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ count: Int64, _ a: Float, _ b: Float, _ c: Float
) {
    transform(x, dy, dx, count) { x, dy in select(x .> Vector(a), dy, Vector(0)) }
}
