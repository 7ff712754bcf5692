import CKernels
import CVector

/// Keras's epsilon.
private let epsilon: Float = 1e-7

/// The losses of `snnk_loss`; see there for the formulas. One function for all of them: what differs
/// is a jump for each sixteen numbers, what is large (the logarithm) is there once.
@c @implementation
public func snnk_pointwise_loss(
    _ loss: UnsafePointer<snnk_loss>, _ prediction: UnsafePointer<Float>,
    _ target: UnsafePointer<Float>, _ factors: UnsafePointer<Float>?,
    _ values: UnsafeMutablePointer<Float>, _ dPrediction: UnsafeMutablePointer<Float>?,
    _ rows: Int64, _ width: Int64
) {
    let loss = loss.pointee
    forEachRow(rows, width) { row, strand in
        let link = Link(loss.link, strand, prediction)
        let factor = Vector((factors.map { $0[row] } ?? 0) * loss.factor)
        var total = Vector(0)
        var common = Vector(0)
        strand.forEachStep { step in
            let p = link(strand.load(prediction, step))
            let t = snnv_madd(
                strand.load(target, step), Vector(loss.targetScale), Vector(loss.targetShift))
            let term = Term(loss, p, t)
            total += strand.keep(term.value, step)
            guard let dPrediction else { return }
            if link.isCoupled {
                common += strand.keep(term.slope * p, step)
                strand.store(term.slope, dPrediction, step)
            } else {
                strand.store(factor * (term.slope * link.slope(p)), dPrediction, step)
            }
        }
        values[row] = loss.factor * total.folded
        guard let dPrediction, link.isCoupled else { return }
        // What dividing by the row's sum adds: the slopes, weighted with the shares.
        common = strand.sum(common)
        strand.forEachStep { step in
            let change = strand.load(dPrediction, step) - common
            let scale = link.coupledSlope(strand.load(prediction, step))
            strand.store(factor * (scale * change), dPrediction, step)
        }
    }
}

/// What a prediction becomes, and its slope.
private struct Link {
    private let kind: Int32
    private let most: Vector
    private let whole: Vector

    @inline(__always)
    init(_ kind: Int32, _ strand: Strand, _ prediction: UnsafePointer<Float>) {
        self.kind = kind
        var most = Vector(0)
        var whole = Vector(1)
        if kind == SNNK_LINK_SHARE { whole = strand.sum(of: prediction) }
        if kind == SNNK_LINK_SOFTMAX {
            most = Vector(-.infinity)
            strand.forEachStep { step in
                let x = strand.load(prediction, step, padding: -.infinity)
                most = select(x .> most, x, most)
            }
            most = strand.maximum(most)
            whole = Vector(0)
            strand.forEachStep { step in
                let x = strand.load(prediction, step)
                whole += strand.keep(sharedExponential(x - most), step)
            }
            whole = strand.sum(whole)
        }
        self.most = most
        self.whole = whole
    }

    /// Whether each number of a row depends on the whole row.
    var isCoupled: Bool {
        @inline(__always) get { kind == SNNK_LINK_SHARE || kind == SNNK_LINK_SOFTMAX }
    }

    @inline(__always)
    func callAsFunction(_ x: Vector) -> Vector {
        switch kind {
        case SNNK_LINK_SHARE: x / whole
        case SNNK_LINK_SOFTMAX: sharedExponential(x - most) / whole
        case SNNK_LINK_SIGMOID: logistic(x)
        default: x
        }
    }

    @inline(__always)
    func slope(_ p: Vector) -> Vector {
        kind == SNNK_LINK_SIGMOID ? p * (Vector(1) - p) : Vector(1)
    }

    @inline(__always)
    func coupledSlope(_ x: Vector) -> Vector {
        kind == SNNK_LINK_SHARE ? Vector(1) / whole : self(x)
    }
}

/// The value of a formula at p and t, and its slope in p.
private struct Term {
    let value: Vector
    let slope: Vector

    @inline(__always)
    init(_ loss: snnk_loss, _ p: Vector, _ t: Vector) {
        let difference = p - t
        let margin = Vector(1) - t * p
        switch loss.formula {
        case SNNK_LOSS_HUBER:
            let distance = difference.magnitude
            let delta = Vector(loss.a)
            value = select(
                distance .<= delta, Vector(0.5) * (difference * difference),
                delta * (distance - Vector(0.5 * loss.a)))
            slope = difference.lowered(to: loss.a).raised(to: -loss.a)
        case SNNK_LOSS_LOG_COSH:
            // log cosh x = |x| + log(1 + exp(-2 |x|)) - log 2, and m = exp(-2 |x|) - 1
            let distance = difference.magnitude
            let m = exponentialMinusOne(-(distance + distance))
            value = distance + logarithmOfOne(plus: Vector(1) + m) - Vector(0.6931472)
            slope = (-m / (Vector(2) + m)).withSign(of: difference)
        case SNNK_LOSS_PERCENTAGE:
            let share = Vector(1) / t.magnitude.raised(to: epsilon)
            value = difference.magnitude * share
            // What is neither is 0 or NaN, and stays.
            let negative = select(difference .< Vector(0), -share, difference)
            slope = select(difference .> Vector(0), share, negative)
        case SNNK_LOSS_SQUARED_LOGARITHMIC:
            let above = Vector(1) + p.raised(to: epsilon)
            let ratio = sharedLogarithm(above / (Vector(1) + t.raised(to: epsilon)))
            value = ratio * ratio
            slope = select(p .< Vector(epsilon), Vector(0), (ratio + ratio) / above)
        case SNNK_LOSS_HINGE:
            value = margin.raised(to: 0)
            slope = select(margin .> Vector(0), -t, Vector(0))
        case SNNK_LOSS_SQUARED_HINGE:
            let open = margin.raised(to: 0)
            value = open * open
            slope = -(open + open) * t
        case SNNK_LOSS_KL_DIVERGENCE:
            let share = t.raised(to: epsilon).lowered(to: 1)
            let q = p.raised(to: epsilon).lowered(to: 1)
            value = share * sharedLogarithm(share / q)
            slope = select((p .< Vector(epsilon)) .| (p .> Vector(1)), Vector(0), -share / p)
        case SNNK_LOSS_POISSON:
            let rate = p + Vector(epsilon)
            value = p - t * sharedLogarithm(rate)
            slope = Vector(1) - t / rate
        case SNNK_LOSS_BINARY_FOCAL:
            let rest = Vector(1) - t
            let q = p.clippedProbability
            let entropy = -snnv_madd(
                t, sharedLogarithm(q), rest * sharedLogarithm(Vector(1) - q))
            let change = select(
                p.isClippedProbability, Vector(0), rest / (Vector(1) - p) - t / p)
            let miss = Vector(1) - snnv_madd(t, p, rest * (Vector(1) - p))
            let focus = Focus(miss, loss.a)
            let weight = snnv_madd(t, Vector(loss.b), rest * Vector(loss.c))
            value = weight * (focus.value * entropy)
            slope =
                weight
                * snnv_madd(focus.slope * (rest - t), entropy, focus.value * change)
        default:
            let q = p.clippedProbability
            let logarithm = sharedLogarithm(q)
            let focus = Focus(Vector(1) - q, loss.a)
            let weight = t * Vector(-loss.b)
            value = weight * (focus.value * logarithm)
            let change = focus.value / q - focus.slope * logarithm
            slope = select(p.isClippedProbability, Vector(0), weight * change)
        }
    }
}

/// x^gamma and gamma x^(gamma - 1) for 0 <= x <= 1.
private struct Focus {
    let value: Vector
    let slope: Vector

    @inline(__always)
    init(_ x: Vector, _ gamma: Float) {
        let base = x.raised(to: 1e-30)
        let below =
            gamma == 2
            ? base : sharedExponential(Vector(gamma - 1) * sharedLogarithm(base))
        value = base * below
        slope = Vector(gamma) * below
    }
}

/// Calls, where `logarithm` and `exponential` would be copies.
@inline(never)
private func sharedLogarithm(_ x: Vector) -> Vector { logarithm(x) }

@inline(never)
private func sharedExponential(_ x: Vector) -> Vector { exponential(x) }
