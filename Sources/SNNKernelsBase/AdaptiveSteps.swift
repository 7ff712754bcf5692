import CKernels
import CVector

// The steps over an snnk_step; the formulas are in SNNKernelList.h.

extension snnk_step {
    /// The weights' and the gradient's block, what comes before done.
    @inline(__always)
    fileprivate func begin(_ block: Block, _ before: Preparation) -> (w: Vector, g: Vector) {
        (before.weight(block.load(w)), before.gradient(block.load(g)))
    }

    /// Runs `body` on each block of numbers first ..< first + count, told what comes before. That is
    /// done where nothing is to be done too, and whole blocks like parts: these steps wait for memory,
    /// and more code would gain nothing.
    @inline(__always)
    fileprivate func forEach(
        _ first: Int64, _ count: Int64, _ body: (Block, Preparation) -> Void
    ) {
        let before = Preparation(self).always
        forEachBlockAlike(from: Int(first), first &+ count) { body($0, before) }
    }
}

@c @implementation
public func snnk_rmsprop(_ step: UnsafePointer<snnk_step>, _ first: Int64, _ count: Int64) {
    let step = step.pointee
    guard let v = step.s0 else { return }
    let (rate, rho, rest) = (Vector(step.rate), Vector(step.a), Vector(step.b))
    let (epsilon, momentum) = (Vector(step.c), Vector(step.d))
    step.forEach(first, count) { block, before in
        let (w, g) = step.begin(block, before)
        let v1 = snnv_madd(rest, g * g, rho * block.load(v))
        block.store(v1, v)
        var spread = v1
        if let mean = step.s2 {
            let n = snnv_madd(rest, g, rho * block.load(mean))
            block.store(n, mean)
            spread = v1 - n * n
        }
        var u = rate * g / snnv_square_root(spread + epsilon)
        if let m = step.s1 {
            u = snnv_madd(momentum, block.load(m), u)
            block.store(u, m)
        }
        block.store(w - u, step.w)
    }
}

@c @implementation
public func snnk_adagrad(_ step: UnsafePointer<snnk_step>, _ first: Int64, _ count: Int64) {
    let step = step.pointee
    guard let sum = step.s0 else { return }
    let (rate, epsilon) = (Vector(step.rate), Vector(step.c))
    step.forEach(first, count) { block, before in
        let (w, g) = step.begin(block, before)
        let sum1 = snnv_madd(g, g, block.load(sum))
        block.store(sum1, sum)
        block.store(w - rate * g / snnv_square_root(sum1 + epsilon), step.w)
    }
}

@c @implementation
public func snnk_adadelta(_ step: UnsafePointer<snnk_step>, _ first: Int64, _ count: Int64) {
    let step = step.pointee
    guard let squares = step.s0, let steps = step.s1 else { return }
    let (rate, rho, rest) = (Vector(-step.rate), Vector(step.a), Vector(step.b))
    let epsilon = Vector(step.c)
    step.forEach(first, count) { block, before in
        let (w, g) = step.begin(block, before)
        let squares1 = snnv_madd(rest, g * g, rho * block.load(squares))
        block.store(squares1, squares)
        let steps0 = block.load(steps)
        let u =
            snnv_square_root(steps0 + epsilon) * g / snnv_square_root(squares1 + epsilon)
        block.store(snnv_madd(rest, u * u, rho * steps0), steps)
        block.store(snnv_madd(rate, u, w), step.w)
    }
}

@c @implementation
public func snnk_adamax(_ step: UnsafePointer<snnk_step>, _ first: Int64, _ count: Int64) {
    let step = step.pointee
    guard let m = step.s0, let norm = step.s1 else { return }
    let (rate, rest, beta2) = (Vector(step.rate), Vector(step.a), Vector(step.b))
    let epsilon = Vector(step.c)
    step.forEach(first, count) { block, before in
        let (w, g) = step.begin(block, before)
        let m0 = block.load(m)
        let m1 = snnv_madd(g - m0, rest, m0)
        let norm1 = snnv_larger(beta2 * block.load(norm), g.magnitude)
        block.store(m1, m)
        block.store(norm1, norm)
        block.store(w - rate * m1 / (norm1 + epsilon), step.w)
    }
}

@c @implementation
public func snnk_nadam(_ step: UnsafePointer<snnk_step>, _ first: Int64, _ count: Int64) {
    let step = step.pointee
    guard let m = step.s0, let v = step.s1 else { return }
    let (rate, rest1, rest2) = (Vector(step.rate), Vector(step.a), Vector(step.b))
    let (epsilon, ofGradient, ofRoot) = (Vector(step.c), Vector(step.d), Vector(step.e))
    step.forEach(first, count) { block, before in
        let (w, g) = step.begin(block, before)
        let m0 = block.load(m)
        let v0 = block.load(v)
        let m1 = snnv_madd(g - m0, rest1, m0)
        let v1 = snnv_madd(snnv_msub(g, g, v0), rest2, v0)
        block.store(m1, m)
        block.store(v1, v)
        let above = snnv_madd(ofGradient, g, rate * m1)
        block.store(w - above / snnv_madd(ofRoot, snnv_square_root(v1), epsilon), step.w)
    }
}

@c @implementation
public func snnk_lion(_ step: UnsafePointer<snnk_step>, _ first: Int64, _ count: Int64) {
    let step = step.pointee
    guard let m = step.s0 else { return }
    let (rate, beta1, rest1) = (Vector(step.rate), Vector(step.a), Vector(step.b))
    let (beta2, rest2) = (Vector(step.c), Vector(step.d))
    let zero = Vector(0)
    step.forEach(first, count) { block, before in
        let (w, g) = step.begin(block, before)
        let m0 = block.load(m)
        let direction = snnv_madd(rest1, g, beta1 * m0)
        // 0 where it is 0, as its sign.
        let move = select(direction .!= zero, rate.withSign(of: direction), zero)
        block.store(snnv_madd(rest2, g, beta2 * m0), m)
        block.store(w - move, step.w)
    }
}

/// x^p for x >= 0; the root, which is the usual one, to the last bit.
@inline(__always)
private func power(_ x: Vector, _ p: Float) -> Vector {
    if p == 0.5 { return snnv_square_root(x) }
    if p == 0 { return Vector(1) }
    return exponential(Vector(p) * logarithm(x))
}

@c @implementation
public func snnk_ftrl(_ step: UnsafePointer<snnk_step>, _ first: Int64, _ count: Int64) {
    let step = step.pointee
    guard let sum = step.s0, let linear = step.s1 else { return }
    let rate = Vector(step.rate)
    let (l2, shrinkage) = (Vector(step.b), Vector(step.c))
    let zero = Vector(0)
    step.forEach(first, count) { block, before in
        let (w, g) = step.begin(block, before)
        let sum0 = block.load(sum)
        let sum1 = snnv_madd(g, g, sum0)
        block.store(sum1, sum)
        let power1 = power(sum1, step.a)
        let change = (power1 - power(sum0, step.a)) / rate
        let linear1 = block.load(linear) + snnv_madd(0 - change, w, snnv_madd(shrinkage, w, g))
        block.store(linear1, linear)
        let clipped = linear1.lowered(to: step.d).raised(to: -step.d)
        let divisor = power1 / rate + l2
        block.store(
            select(divisor .> zero, (clipped - linear1) / divisor, zero), step.w)
    }
}
