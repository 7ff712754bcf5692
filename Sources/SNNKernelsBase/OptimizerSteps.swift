import CKernels
import CVector

/// What comes before a step: the gradient clipped, the weight decayed.
struct Preparation {
    private let factor: Vector
    private let bound: Float
    private let minusDecay: Vector
    /// Whether it leaves both as they are. Constant wherever `forEachCase` is inlined.
    private(set) var isNone: Bool

    @inline(__always)
    init(factor: Float, bound: Float, decay: Float) {
        self.factor = Vector(factor)
        self.bound = bound
        // +0 where nothing decays, which leaves a weight of -0 what it is.
        minusDecay = Vector(0 - decay)
        isNone = factor == 1 && bound == .infinity && decay == 0
    }

    @inline(__always)
    init(_ step: snnk_step) {
        self.init(factor: step.factor, bound: step.bound, decay: step.decay)
    }

    @inline(__always)
    func gradient(_ g: Vector) -> Vector {
        isNone ? g : (g * factor).lowered(to: bound).raised(to: -bound)
    }

    @inline(__always)
    func weight(_ w: Vector) -> Vector {
        isNone ? w : snnv_madd(minusDecay, w, w)
    }

    /// The same, for code that does not tell the cases apart.
    @inline(__always)
    var always: Preparation {
        var known = self
        known.isNone = false
        return known
    }

    /// Runs `body` once, compiled for either case, so that nothing costs nothing.
    @inline(__always)
    func forEachCase(_ body: (Preparation) -> Void) {
        var known = self
        if isNone {
            known.isNone = true
            body(known)
        } else {
            known.isNone = false
            body(known)
        }
    }
}

/// w = w - rate * g
@c @implementation
public func snnk_sgd(
    _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ count: Int64, _ rate: Float,
    _ factor: Float, _ bound: Float, _ decay: Float
) {
    let minusRate = Vector(repeating: -rate)
    Preparation(factor: factor, bound: bound, decay: decay).forEachCase { before in
        forEachBlockInFours(count) { block in
            let g1 = before.gradient(block.load(g))
            block.store(snnv_madd(minusRate, g1, before.weight(block.load(w))), w)
        }
    }
}

/// m = momentum * m - rate * g; w = w + m, or with Nesterov w = w + (momentum * m - rate * g).
/// momentum * m is rounded, rate * g is the multiply-add's product.
@c @implementation
public func snnk_sgd_momentum(
    _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
    _ count: Int64, _ rate: Float, _ momentum: Float, _ nesterov: Int32, _ factor: Float,
    _ bound: Float, _ decay: Float
) {
    let minusRate = Vector(repeating: -rate)
    let momentum = Vector(repeating: momentum)
    let isNesterov = nesterov != 0
    Preparation(factor: factor, bound: bound, decay: decay).forEachCase { before in
        forEachBlock(count) { block in
            let g1 = before.gradient(block.load(g))
            let m1 = snnv_madd(minusRate, g1, momentum * block.load(m))
            let step = isNesterov ? snnv_madd(minusRate, g1, momentum * m1) : m1
            block.store(m1, m)
            block.store(before.weight(block.load(w)) + step, w)
        }
    }
}

/// Adam, or AMSGrad when vMaximum is given; the formulas are in SNNKernelList.h.
@c @implementation
public func snnk_adam(
    _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, _ vMaximum: UnsafeMutablePointer<Float>?, _ count: Int64,
    _ alpha: Float, _ oneMinusBeta1: Float, _ oneMinusBeta2: Float, _ epsilon: Float,
    _ factor: Float, _ bound: Float, _ decay: Float
) {
    let alpha = Vector(repeating: alpha)
    let oneMinusBeta1 = Vector(repeating: oneMinusBeta1)
    let oneMinusBeta2 = Vector(repeating: oneMinusBeta2)
    let epsilon = Vector(repeating: epsilon)
    Preparation(factor: factor, bound: bound, decay: decay).forEachCase { before in
        forEachBlock(count) { block in
            let g1 = before.gradient(block.load(g))
            let m0 = block.load(m)
            let v0 = block.load(v)
            let m1 = snnv_madd(g1 - m0, oneMinusBeta1, m0)
            let v1 = snnv_madd(snnv_msub(g1, g1, v0), oneMinusBeta2, v0)
            block.store(m1, m)
            block.store(v1, v)

            var scale = v1
            if let vMaximum {
                scale = snnv_larger(block.load(vMaximum), v1)
                block.store(scale, vMaximum)
            }
            let step = alpha * m1 / (snnv_square_root(scale) + epsilon)
            block.store(before.weight(block.load(w)) - step, w)
        }
    }
}
