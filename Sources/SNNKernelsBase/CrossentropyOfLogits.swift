import CKernels
import CVector

/// Sixteen rows of logits at most, x[r], with what both the values and the gradients of their
/// crossentropies are made of: m, the row's largest number, and sum exp(x - m). The logarithms of
/// the sums are taken for all rows at once: one costs as much as sixteen.
private struct LogitRows {
    private(set) var shifts = Vector(0)
    private(set) var wholes = Vector(1)
    /// The last row's.
    private(set) var whole = Vector(1)

    /// Adds row `lane`; keeps its exp(x - m) in `exponentials`, where given, and gives the last
    /// ones.
    @discardableResult
    @inline(__always)
    mutating func add(
        _ lane: Int, _ strand: Strand, _ x: UnsafePointer<Float>,
        _ exponentials: UnsafeMutablePointer<Float>?
    ) -> Vector {
        let shift = strand.maximum(of: x)
        var total = Vector(0)
        var e = total
        strand.forEachStep { step in
            e = exponential(strand.load(x, step) - shift)
            if let exponentials { strand.store(e, exponentials, step) }
            total += strand.keep(e, step)
        }
        let own = LogitRows.isLane(lane)
        shifts = select(own, shift, shifts)
        whole = strand.sum(total)
        wholes = select(own, whole, wholes)
        return e
    }

    @inline(__always)
    static func isLane(_ lane: Int) -> Mask {
        IntegerVector(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
            .== IntegerVector(repeating: Int32(truncatingIfNeeded: lane))
    }
}

/// Runs `body` for each sixteen rows: the first one, and how many there are.
@inline(__always)
private func forEachSixteenRows(_ rows: Int64, _ body: (Int, Int) -> Void) {
    var first = 0
    while first < Int(rows) {
        let rest = Int(rows) &- first
        body(first, rest < 16 ? rest : 16)
        first &+= 16
    }
}

/// -log softmax(x)[target] = log sum exp(x - m) - (x[target] - m), and
/// factor (softmax(x) - [j = target]); what is nil is left out.
@inline(never)
private func sparseCrossentropy(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ factors: UnsafePointer<Float>?, _ values: UnsafeMutablePointer<Float>?,
    _ dPrediction: UnsafeMutablePointer<Float>?, _ rows: Int64, _ width: Int64
) {
    forEachSixteenRows(rows) { first, count in
        var logits = LogitRows()
        var owns = Vector(0)
        var lane = 0
        while lane < count {
            let row = first &+ lane
            let strand = Strand(row: row &* Int(width), width: Int(width))
            let number = classNumber(target[row], width)
            let own = number < 0 ? Float.nan : prediction[strand.offset &+ number]
            owns = select(LogitRows.isLane(lane), Vector(own), owns)
            // A row of one vector stays in its register.
            let isShort = strand.steps == 1
            let last = logits.add(lane, strand, prediction, isShort ? nil : dPrediction)
            if let dPrediction, let factors {
                let factor = Vector(number < 0 ? .nan : factors[row])
                strand.forEachStep { step in
                    let q = (isShort ? last : strand.load(dPrediction, step)) / logits.whole
                    strand.store(factor * (q - strand.oneHot(number, step)), dPrediction, step)
                }
            }
            lane &+= 1
        }
        if let values {
            let value = logarithm(logits.wholes) - (owns - logits.shifts)
            if count == 16 {
                value.store(at: values + first)
            } else {
                value.store(at: values + first, count: count)
            }
        }
    }
}

@c @implementation
public func snnk_sparse_categorical_crossentropy_logits(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ values: UnsafeMutablePointer<Float>, _ rows: Int64, _ width: Int64, _ smoothing: Float
) {
    sparseCrossentropy(prediction, target, nil, values, nil, rows, width)
}

@c @implementation
public func snnk_sparse_categorical_crossentropy_logits_gradient(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ factors: UnsafePointer<Float>, _ dPrediction: UnsafeMutablePointer<Float>, _ rows: Int64,
    _ width: Int64, _ smoothing: Float
) {
    sparseCrossentropy(prediction, target, factors, nil, dPrediction, rows, width)
}

@c @implementation
public func snnk_sparse_categorical_crossentropy_logits_and_gradient(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ factors: UnsafePointer<Float>, _ values: UnsafeMutablePointer<Float>,
    _ dPrediction: UnsafeMutablePointer<Float>, _ rows: Int64, _ width: Int64, _ smoothing: Float
) {
    sparseCrossentropy(prediction, target, factors, values, dPrediction, rows, width)
}

/// -sum t log softmax(x) = sum t (log sum exp(x - m) - (x - m)), and factor (softmax(x) sum t - t);
/// what is nil is left out.
@inline(never)
private func denseCrossentropy(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ factors: UnsafePointer<Float>?, _ values: UnsafeMutablePointer<Float>?,
    _ dPrediction: UnsafeMutablePointer<Float>?, _ rows: Int64, _ width: Int64,
    _ smoothing: Float
) {
    let smooth = Smoothing(smoothing, share: 1 / Float(width))
    forEachSixteenRows(rows) { first, count in
        var logits = LogitRows()
        var lane = 0
        while lane < count {
            let strand = Strand(row: (first &+ lane) &* Int(width), width: Int(width))
            logits.add(lane, strand, prediction, dPrediction)
            lane &+= 1
        }
        let scales = values == nil ? Vector(0) : logarithm(logits.wholes)
        lane = 0
        while lane < count {
            let row = first &+ lane
            let strand = Strand(row: row &* Int(width), width: Int(width))
            let shift = Vector(snnv_lane(logits.shifts, Int64(lane)))
            let scale = Vector(snnv_lane(scales, Int64(lane)))
            var value = Vector(0)
            var total = Vector(0)
            strand.forEachStep { step in
                let t = strand.keep(smooth(strand.load(target, step)), step)
                total += t
                if values != nil {
                    let surprise = scale - (strand.load(prediction, step) - shift)
                    value = snnv_madd(t, strand.keep(surprise, step), value)
                }
            }
            if let values { values[row] = value.folded }
            if let dPrediction, let factors {
                let factor = Vector(factors[row])
                let whole = Vector(snnv_lane(logits.wholes, Int64(lane)))
                total = strand.sum(total)
                strand.forEachStep { step in
                    let q = strand.load(dPrediction, step) / whole
                    let t = smooth(strand.load(target, step))
                    strand.store(factor * snnv_msub(q, total, t), dPrediction, step)
                }
            }
            lane &+= 1
        }
    }
}

@c @implementation
public func snnk_categorical_crossentropy_logits(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ values: UnsafeMutablePointer<Float>, _ rows: Int64, _ width: Int64, _ smoothing: Float
) {
    denseCrossentropy(prediction, target, nil, values, nil, rows, width, smoothing)
}

@c @implementation
public func snnk_categorical_crossentropy_logits_gradient(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ factors: UnsafePointer<Float>, _ dPrediction: UnsafeMutablePointer<Float>, _ rows: Int64,
    _ width: Int64, _ smoothing: Float
) {
    denseCrossentropy(prediction, target, factors, nil, dPrediction, rows, width, smoothing)
}

@c @implementation
public func snnk_categorical_crossentropy_logits_and_gradient(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ factors: UnsafePointer<Float>, _ values: UnsafeMutablePointer<Float>,
    _ dPrediction: UnsafeMutablePointer<Float>, _ rows: Int64, _ width: Int64, _ smoothing: Float
) {
    denseCrossentropy(prediction, target, factors, values, dPrediction, rows, width, smoothing)
}
