import CKernels
import CVector

/// mean -(t log p + (1 - t) log(1 - p)), p clipped, t = target (1 - smoothing) + smoothing / 2.
@c @implementation
public func snnk_binary_crossentropy(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ values: UnsafeMutablePointer<Float>, _ rows: Int64, _ width: Int64, _ smoothing: Float
) {
    let smooth = Smoothing(smoothing, share: 0.5)
    forEachRow(rows, width) { row, strand in
        var total = Vector(0)
        strand.forEachStep { step in
            let p = strand.load(prediction, step).clippedProbability
            let t = smooth(strand.load(target, step))
            let rest = (Vector(1) - t) * logarithm(Vector(1) - p)
            total += strand.keep(snnv_madd(t, logarithm(p), rest), step)
        }
        values[row] = -total.folded / Float(width)
    }
}

/// factor / width ((1 - t) / (1 - p) - t / p), 0 where p was clipped.
@c @implementation
public func snnk_binary_crossentropy_gradient(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ factors: UnsafePointer<Float>, _ dPrediction: UnsafeMutablePointer<Float>, _ rows: Int64,
    _ width: Int64, _ smoothing: Float
) {
    let smooth = Smoothing(smoothing, share: 0.5)
    forEachRow(rows, width) { row, strand in
        let factor = Vector(factors[row] / Float(width))
        strand.forEachStep { step in
            let p = strand.load(prediction, step)
            let t = smooth(strand.load(target, step))
            let change = (Vector(1) - t) / (Vector(1) - p) - t / p
            strand.store(
                select(p.isClippedProbability, Vector(0), factor * change), dPrediction, step)
        }
    }
}

/// mean -(t log sigmoid(x) + (1 - t) log sigmoid(-x)) = max(x, 0) - t x + log(1 + exp(-|x|)).
@c @implementation
public func snnk_binary_crossentropy_logits(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ values: UnsafeMutablePointer<Float>, _ rows: Int64, _ width: Int64, _ smoothing: Float
) {
    let smooth = Smoothing(smoothing, share: 0.5)
    forEachRow(rows, width) { row, strand in
        var total = Vector(0)
        strand.forEachStep { step in
            let x = strand.load(prediction, step)
            let t = smooth(strand.load(target, step))
            let linear = snnv_madd(-t, x, x.raised(to: 0))
            let value = linear + logarithmOfOne(plus: exponential(-x.magnitude))
            total += strand.keep(value, step)
        }
        values[row] = total.folded / Float(width)
    }
}

/// factor / width ((1 - t) sigmoid(x) - t sigmoid(-x))
@c @implementation
public func snnk_binary_crossentropy_logits_gradient(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ factors: UnsafePointer<Float>, _ dPrediction: UnsafeMutablePointer<Float>, _ rows: Int64,
    _ width: Int64, _ smoothing: Float
) {
    let smooth = Smoothing(smoothing, share: 0.5)
    forEachRow(rows, width) { row, strand in
        let factor = Vector(factors[row] / Float(width))
        strand.forEachStep { step in
            let x = strand.load(prediction, step)
            let t = smooth(strand.load(target, step))
            let change = snnv_madd(Vector(1) - t, logistic(x), -(t * logistic(-x)))
            strand.store(factor * change, dPrediction, step)
        }
    }
}
