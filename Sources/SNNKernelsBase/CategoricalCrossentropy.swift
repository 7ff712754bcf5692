import CKernels
import CVector

extension Strand {
    /// The sum of a row.
    @inline(__always)
    func sum(of x: UnsafePointer<Float>) -> Vector {
        var total = Vector(0)
        forEachStep { step in
            total += load(x, step)
        }
        return sum(total)
    }
}

/// -sum t log q, q = p / sum p, clipped; t = target (1 - smoothing) + smoothing / width.
@c @implementation
public func snnk_categorical_crossentropy(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ values: UnsafeMutablePointer<Float>, _ rows: Int64, _ width: Int64, _ smoothing: Float
) {
    let smooth = Smoothing(smoothing, share: 1 / Float(width))
    forEachRow(rows, width) { row, strand in
        let whole = strand.sum(of: prediction)
        var total = Vector(0)
        strand.forEachStep { step in
            let q = (strand.load(prediction, step) / whole).clippedProbability
            let t = strand.keep(smooth(strand.load(target, step)), step)
            total = snnv_madd(t, strand.keep(logarithm(q), step), total)
        }
        values[row] = -total.folded
    }
}

/// factor (T - t / q) / sum p where q was not clipped, factor T / sum p where it was; T is the sum
/// of the t whose q was not: what the division by the sum adds.
@c @implementation
public func snnk_categorical_crossentropy_gradient(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ factors: UnsafePointer<Float>, _ dPrediction: UnsafeMutablePointer<Float>, _ rows: Int64,
    _ width: Int64, _ smoothing: Float
) {
    let smooth = Smoothing(smoothing, share: 1 / Float(width))
    forEachRow(rows, width) { row, strand in
        let whole = strand.sum(of: prediction)
        var total = Vector(0)
        strand.forEachStep { step in
            let q = strand.load(prediction, step) / whole
            let t = strand.keep(smooth(strand.load(target, step)), step)
            total += select(q.isClippedProbability, Vector(0), t)
        }
        total = strand.sum(total)
        let factor = Vector(factors[row]) / whole
        strand.forEachStep { step in
            let q = strand.load(prediction, step) / whole
            let t = smooth(strand.load(target, step))
            let own = select(q.isClippedProbability, Vector(0), t / q)
            strand.store(factor * (total - own), dPrediction, step)
        }
    }
}
