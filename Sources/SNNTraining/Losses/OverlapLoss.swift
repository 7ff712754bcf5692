import SNNCore
import SNNGraph

/// One minus an overlap of two soft sets (Dice 1945, Tversky 1977): with I, T and P the sums of t p,
/// t and p,
///
///     1 - k I / (u I + v T + w P + 1e-7)
///
/// The sums go over chosen axes, over all and the batch by default, one after the other in double.
final class OverlapLoss: LossFormula {
    struct Weights {
        let k, u, v, w: Double

        static let dice = Weights(k: 2, u: 0, v: 1, w: 1)

        static func tversky(alpha: Double, beta: Double) -> Weights {
            Weights(k: 1, u: 1 - alpha - beta, v: alpha, w: beta)
        }
    }

    private let weights: Weights
    /// Of [batch, the output's shape], negative ones from the end; nil: all.
    private let axes: [Int]?

    init(_ weights: Weights, axes: [Int]?) {
        self.weights = weights
        self.axes = axes
    }

    func couplesSamples(_ shape: Shape) -> Bool { sums(over: 0, shape) }

    func valueCount(rows: Int, shape: Shape) -> Int {
        var count = couplesSamples(shape) ? 1 : rows
        for axis in 0 ..< shape.rank where !sums(over: axis + 1, shape) { count &*= shape[axis] }
        return count
    }

    func scratchCount(rows: Int, shape: Shape) -> Int { 3 * valueCount(rows: rows, shape: shape) }

    func check(_ output: Shape) throws(SNNError) {
        for axis in axes ?? [] where axis < -output.rank - 1 || axis > output.rank {
            throw SNNError(
                .configuration,
                "'axis': expected axes from \(-output.rank - 1) to \(output.rank) for an output of "
                    + "shape \(output.batchText), received \(axis)")
        }
    }

    private func sums(over axis: Int, _ shape: Shape) -> Bool {
        guard let axes else { return true }
        return axes.contains { ($0 < 0 ? $0 &+ shape.rank &+ 1 : $0) == axis }
    }

    func evaluate(_ batch: LabelledBatch, _ result: LossResult) throws(SNNError) {
        let sums = result.scratch
        let count = valueCount(rows: batch.rows, shape: batch.shape)
        sums.update(repeating: 0, count: 3 &* count)
        forEachVector(batch) { first, group, step in
            var place = 3 &* group
            var own = (sums[place], sums[place &+ 1], sums[place &+ 2])
            for index in first ..< first &+ batch.width {
                let (t, p) = (Double(batch.target[index]), Double(batch.prediction[index]))
                own = (own.0 + t * p, own.1 + t, own.2 + p)
                // A vector's own sum stays in registers until its end.
                guard step > 0 || index &+ 1 == first &+ batch.width else { continue }
                (sums[place], sums[place &+ 1], sums[place &+ 2]) = own
                guard index &+ 1 < first &+ batch.width else { continue }
                place &+= 3 &* step
                own = (sums[place], sums[place &+ 1], sums[place &+ 2])
            }
        }
        for value in 0 ..< count {
            let overlap = sums[3 &* value]
            let whole =
                weights.u * overlap + weights.v * sums[3 &* value &+ 1]
                + weights.w * sums[3 &* value &+ 2] + 1e-7
            result.values[value] = Float(1 - weights.k * overlap / whole)
            // What the gradient takes: d value = -(a t - b) d p
            sums[3 &* value] = weights.k * (whole - overlap * weights.u) / (whole * whole)
            sums[3 &* value &+ 1] = weights.k * overlap * weights.w / (whole * whole)
        }
        guard let gradient = result.gradient else { return }
        forEachVector(batch) { first, group, step in
            var value = group
            for index in first ..< first &+ batch.width {
                let slope =
                    sums[3 &* value &+ 1] - sums[3 &* value] * Double(batch.target[index])
                gradient.dPrediction[index] = Float(Double(gradient.factors[value]) * slope)
                value &+= step
            }
        }
    }

    /// Calls `body` for each vector along the last axis, in order, with the place of its first
    /// number, that number's value, and how many values further each next number's is (0 or 1).
    @inline(__always)
    private func forEachVector(
        _ batch: LabelledBatch, _ body: (_ first: Int, _ value: Int, _ step: Int) -> Void
    ) {
        let shape = batch.shape
        // Row-major strides of the values; 0 for axes that are summed over. The batch is axis 0.
        var strides = InlineArray<9, Int>(repeating: 0)
        var stride = 1
        var outer = shape.rank
        while outer > 0 {
            if !sums(over: outer, shape) {
                strides[outer] = stride
                stride &*= shape[outer &- 1]
            }
            outer &-= 1
        }
        if !sums(over: 0, shape) { strides[0] = stride }
        for vector in 0 ..< batch.vectors {
            var rest = vector
            var value = 0
            var axis = shape.rank &- 1
            while axis > 0 {
                value &+= rest % shape[axis &- 1] &* strides[axis]
                rest /= shape[axis &- 1]
                axis &-= 1
            }
            value &+= rest &* strides[0]
            body(vector &* batch.width, value, strides[shape.rank])
        }
    }
}
