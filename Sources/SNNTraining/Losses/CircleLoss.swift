import CKernels
import SNNCore
import SNNGraph
import SNNKernels

/// The circle loss of embeddings of unit length (Sun et al. 2020), as Keras computes it: for sample i,
/// with the distances d = max(1 - e_i e_j, 0) to the others of the batch,
///
///     softplus(log sum over positives j of exp(-gamma (margin + d) (margin - d))
///              + log sum over negatives j of exp(gamma max(1 + margin - d, 0) (1 - margin - d)))
///
/// Positives have the sample's class number. Work grows with the square of the batch; it is done on
/// the caller's thread.
final class CircleLoss: LossFormula {
    private let gamma: Double
    private let margin: Double
    /// Whether a sample is no positive of itself.
    private let removesDiagonal: Bool

    init(gamma: Double, margin: Double, removesDiagonal: Bool) {
        self.gamma = gamma
        self.margin = margin
        self.removesDiagonal = removesDiagonal
    }

    func check(_ output: Shape) throws(SNNError) {
        guard output.rank == 1 else {
            throw SNNError(
                .shape,
                "circle: expected an output of embeddings, one vector a sample, received shape "
                    + output.batchText)
        }
    }

    /// Distances, exponents and slopes of one sample to all.
    func scratchCount(rows: Int, shape: Shape) -> Int { 3 * rows }

    func evaluate(_ batch: LabelledBatch, _ result: LossResult) throws(SNNError) {
        result.gradient.map { $0.dPrediction.update(repeating: 0, count: batch.count) }
        for row in 0 ..< batch.rows {
            measure(row, batch, result.scratch)
            let positive = logSumExp(row, batch, result.scratch, ofPositives: true)
            let negative = logSumExp(row, batch, result.scratch, ofPositives: false)
            let exponent = Float(positive + negative)
            result.values[row] = elementwise(batch.kernels.pointee.softplus, exponent)
            guard let gradient = result.gradient, exponent > -.infinity else { continue }
            let slope =
                gradient.factors[row] * elementwise(batch.kernels.pointee.sigmoid, exponent)
            addGradient(
                row, batch, result.scratch, slope, positive, negative, gradient.dPrediction)
        }
    }

    /// Whether `other` is a positive of `row`, a negative, or neither (nil).
    private func isPositive(_ row: Int, _ other: Int, _ batch: LabelledBatch) -> Bool? {
        guard batch.target[row] == batch.target[other] else { return false }
        return removesDiagonal && row == other ? nil : true
    }

    /// The distances to all samples, their exponents, and the exponents' slopes.
    private func measure(
        _ row: Int, _ batch: LabelledBatch, _ scratch: UnsafeMutablePointer<Double>
    ) {
        let (rows, width) = (batch.rows, batch.width)
        for other in 0 ..< rows {
            var dot = 0.0
            for index in 0 ..< width {
                dot +=
                    Double(batch.prediction[row &* width &+ index])
                    * Double(batch.prediction[other &* width &+ index])
            }
            let distance = dot > 1 ? 0 : 1 - dot
            let weight: Double
            if isPositive(row, other, batch) ?? true {
                scratch[rows &+ other] = -gamma * (margin + distance) * (margin - distance)
                weight = 2 * gamma * distance
            } else {
                let open = 1 + margin - distance
                scratch[rows &+ other] = open < 0 ? 0 : gamma * open * (1 - margin - distance)
                weight = open < 0 ? 0 : gamma * (2 * distance - 2)
            }
            scratch[other] = distance
            scratch[2 &* rows &+ other] = dot > 1 ? 0 : weight
        }
    }

    /// -infinity where there are none.
    private func logSumExp(
        _ row: Int, _ batch: LabelledBatch, _ scratch: UnsafeMutablePointer<Double>,
        ofPositives: Bool
    ) -> Double {
        let rows = batch.rows
        var most = -Double.infinity
        for other in 0 ..< rows where isPositive(row, other, batch) == ofPositives {
            // A NaN stays.
            if !(scratch[rows &+ other] <= most) { most = scratch[rows &+ other] }
        }
        guard most > -.infinity || most.isNaN else { return most }
        var sum = 0.0
        for other in 0 ..< rows where isPositive(row, other, batch) == ofPositives {
            sum += exponential(scratch[rows &+ other] - most, batch)
        }
        return most + logarithm(sum, batch)
    }

    private func addGradient(
        _ row: Int, _ batch: LabelledBatch, _ scratch: UnsafePointer<Double>, _ slope: Float,
        _ positive: Double, _ negative: Double, _ dPrediction: UnsafeMutablePointer<Float>
    ) {
        let (rows, width) = (batch.rows, batch.width)
        for other in 0 ..< rows {
            guard let isPositive = isPositive(row, other, batch) else { continue }
            let share = exponential(
                scratch[rows &+ other] - (isPositive ? positive : negative), batch)
            // d distance = -d (e_row e_other)
            let change = -slope * Float(share * scratch[2 &* rows &+ other])
            guard change != 0 else { continue }
            for index in 0 ..< width {
                dPrediction[row &* width &+ index] +=
                    change * batch.prediction[other &* width &+ index]
                dPrediction[other &* width &+ index] +=
                    change * batch.prediction[row &* width &+ index]
            }
        }
    }

    // MARK: Functions of one number, by the kernels: the same on every machine

    private func exponential(_ x: Double, _ batch: LabelledBatch) -> Double {
        Double(elementwise(batch.kernels.pointee.exponential, Float(x)))
    }

    /// Of 1 to 1e7: the divergence of the certain from the share 1 / x.
    private func logarithm(_ x: Double, _ batch: LabelledBatch) -> Double {
        var loss = snnk_loss()
        loss.formula = SNNK_LOSS_KL_DIVERGENCE
        loss.targetScale = 1
        loss.factor = 1
        var (share, one, value) = (Float(1 / x), Float(1), Float(0))
        batch.kernels.pointee.pointwise_loss(&loss, &share, &one, nil, &value, nil, 1, 1)
        return Double(value)
    }

    private func elementwise(
        _ kernel: @convention(c) (
            UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int64, Float, Float, Float
        ) -> Void, _ x: Float
    ) -> Float {
        var (x, y) = (x, Float(0))
        kernel(&x, &y, 1, 0, 0, 0)
        return y
    }
}
