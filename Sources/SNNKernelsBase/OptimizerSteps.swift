import CKernels
import CVector

/// w = w - rate * g
@c @implementation
public func snnk_sgd(
    _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ count: Int64, _ rate: Float
) {
    let minusRate = Vector(repeating: -rate)
    map(g, w, w, count) { g, w in snnv_madd(minusRate, g, w) }
}

/// m = momentum * m - rate * g; w = w + m, or with Nesterov w = w + (momentum * m - rate * g).
/// momentum * m is rounded, rate * g is the multiply-add's product.
@c @implementation
public func snnk_sgd_momentum(
    _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
    _ count: Int64, _ rate: Float, _ momentum: Float, _ nesterov: Int32
) {
    let minusRate = Vector(repeating: -rate)
    let momentum = Vector(repeating: momentum)
    let isNesterov = nesterov != 0
    forEachBlock(count) { block in
        let g1 = block.load(g)
        let m1 = snnv_madd(minusRate, g1, momentum * block.load(m))
        let step = isNesterov ? snnv_madd(minusRate, g1, momentum * m1) : m1
        block.store(m1, m)
        block.store(block.load(w) + step, w)
    }
}

/// Adam, or AMSGrad when vMaximum is given; the formulas are in SNNKernelList.h.
@c @implementation
public func snnk_adam(
    _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, _ vMaximum: UnsafeMutablePointer<Float>?, _ count: Int64,
    _ alpha: Float, _ oneMinusBeta1: Float, _ oneMinusBeta2: Float, _ epsilon: Float
) {
    let alpha = Vector(repeating: alpha)
    let oneMinusBeta1 = Vector(repeating: oneMinusBeta1)
    let oneMinusBeta2 = Vector(repeating: oneMinusBeta2)
    let epsilon = Vector(repeating: epsilon)
    forEachBlock(count) { block in
        let g1 = block.load(g)
        let m0 = block.load(m)
        let v0 = block.load(v)
        let m1 = snnv_madd(g1 - m0, oneMinusBeta1, m0)
        let v1 = snnv_madd(snnv_madd(g1, g1, -v0), oneMinusBeta2, v0)
        block.store(m1, m)
        block.store(v1, v)

        var scale = v1
        if let vMaximum {
            scale = snnv_larger(block.load(vMaximum), v1)
            block.store(scale, vMaximum)
        }
        let step = alpha * m1 / (snnv_square_root(scale) + epsilon)
        block.store(block.load(w) - step, w)
    }
}
