import CKernels
import CVector

/// The class number in `target`, or -1 when it is none: then the results are NaN.
@inline(__always)
func classNumber(_ target: Float, _ width: Int64) -> Int {
    target >= 0 && target < Float(width) ? Int(snnv_truncate_scalar(target)) : -1
}

extension Strand {
    /// 1 in the lane of the row's number `index`, 0 in the others.
    @inline(__always)
    func oneHot(_ index: Int, _ step: Int) -> Vector {
        let lane = IntegerVector(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
        let own = Int32(truncatingIfNeeded: index &- (step &<< 4))
        return select(lane .== IntegerVector(repeating: own), Vector(1), Vector(0))
    }
}

/// -log q[target], q = p / sum p, clipped; smoothing is not used.
@c @implementation
public func snnk_sparse_categorical_crossentropy(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ values: UnsafeMutablePointer<Float>, _ rows: Int64, _ width: Int64, _ smoothing: Float
) {
    forEachRow(rows, width) { row, strand in
        let number = classNumber(target[row], width)
        let own = number < 0 ? Float.nan : prediction[strand.offset &+ number]
        let q = Vector(own) / strand.sum(of: prediction)
        values[row] = -logarithm(q.clippedProbability)[0]
    }
}

/// factor (1 - [j = target] / q) / sum p; 0 where q[target] was clipped.
@c @implementation
public func snnk_sparse_categorical_crossentropy_gradient(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ factors: UnsafePointer<Float>, _ dPrediction: UnsafeMutablePointer<Float>, _ rows: Int64,
    _ width: Int64, _ smoothing: Float
) {
    forEachRow(rows, width) { row, strand in
        let number = classNumber(target[row], width)
        let own = number < 0 ? Float.nan : prediction[strand.offset &+ number]
        let whole = strand.sum(of: prediction)
        let q = Vector(own) / whole
        let factor = select(q.isClippedProbability, Vector(0), Vector(factors[row]) / whole)
        let inverse = select(q.isClippedProbability, Vector(0), Vector(1) / q)
        strand.forEachStep { step in
            let change = snnv_madd(-strand.oneHot(number, step), inverse, Vector(1))
            strand.store(factor * change, dPrediction, step)
        }
    }
}
