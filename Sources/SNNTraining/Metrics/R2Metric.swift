import SNNCore
import SNNGraph
import SNNKernels

/// The share of the targets' variance that is explained, of each number of the output, also averaged;
/// with regressors adjusted for their number (Keras's R2Score).
final class R2Metric: MetricFormula {
    enum Aggregation: String, Sendable {
        case uniform = "uniform_average"
        /// By the classes' variances.
        case variance = "variance_weighted_average"
    }

    private let classes: Int
    /// nil: the score of each class.
    private let aggregation: Aggregation?
    private let regressors: Int

    init(classes: Int, aggregation: Aggregation?, regressors: Int) {
        self.classes = classes
        self.aggregation = aggregation
        self.regressors = regressors
    }

    /// Of each class the targets' sum and sum of squares, the residuals' sum of squares, and the
    /// weights; then how many targets there were.
    var sumCount: Int { 4 * classes + 1 }

    var resultCount: Int { aggregation == nil ? classes : 1 }

    func add(
        _ batch: LabelledBatch, _ memory: Loss.Memory, to sums: UnsafeMutablePointer<Double>
    ) throws(SNNError) {
        for row in 0 ..< batch.rows {
            let weight = batch.weight(ofRow: row)
            for index in 0 ..< classes {
                let target = Double(batch.target[row &* classes &+ index])
                let residual = target - Double(batch.prediction[row &* classes &+ index])
                sums[4 &* index] += weight * target
                sums[4 &* index &+ 1] += weight * target * target
                sums[4 &* index &+ 2] += weight * residual * residual
                sums[4 &* index &+ 3] += weight
            }
        }
        sums[4 &* classes] += Double(batch.count)
    }

    func result(_ sums: UnsafePointer<Double>, _ results: UnsafeMutablePointer<Double>) {
        results.update(repeating: 0, count: resultCount)
        guard sums[4 * classes] > 0 else { return }
        var (scores, weighted, weights) = (0.0, 0.0, 0.0)
        for index in 0 ..< classes {
            let sum = sums[4 * index]
            let total = sums[4 * index + 1] - sum * (sum / sums[4 * index + 3])
            var score = 1 - sums[4 * index + 2] / total
            if score.isInfinite { score = 0 }
            if aggregation == nil { results[index] = adjusted(score, sums) }
            scores += score
            weighted += total * score
            weights += total
        }
        guard let aggregation else { return }
        results[0] = adjusted(
            aggregation == .variance ? weighted / weights : scores / Double(classes), sums)
    }

    private func adjusted(_ score: Double, _ sums: UnsafePointer<Double>) -> Double {
        // Keras counts numbers, not samples.
        let spare = sums[4 * classes] - 1 - Double(regressors)
        guard regressors > 0, spare > 0 else { return score }
        return 1 - (1 - score) * (sums[4 * classes] - 1) / spare
    }
}
