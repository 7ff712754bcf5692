import SNNCore
import SNNGraph
import SNNKernels

/// (1 + beta^2) precision recall / (beta^2 precision + recall) of each class, also averaged (Keras's
/// FBetaScore, with its 1e-7 in every divisor).
final class FScoreMetric: MetricFormula {
    enum Average: String, Sendable {
        /// The score of all classes' decisions together.
        case micro
        case macro
        /// By how often each class is there.
        case weighted
    }

    private let classes: Int
    /// nil: the score of each class.
    private let average: Average?
    private let beta: Double
    /// nil: the largest number of a vector decides.
    private let threshold: Float?

    init(classes: Int, average: Average?, beta: Double, threshold: Double?) {
        self.classes = classes
        self.average = average
        self.beta = beta
        self.threshold = threshold.map { Float($0) }
    }

    /// True and false positives, false negatives, and what is there; for each class.
    var sumCount: Int { 4 * classes }

    var resultCount: Int { average == nil ? classes : 1 }

    func add(
        _ batch: LabelledBatch, _ memory: Loss.Memory, to sums: UnsafeMutablePointer<Double>
    ) throws(SNNError) {
        for row in 0 ..< batch.rows {
            let x = batch.prediction + row &* classes
            let target = batch.target + row &* classes
            let weight = batch.weight(ofRow: row)
            var most = -Float.infinity
            for index in 0 ..< classes { most = max(most, x[index]) }
            for index in 0 ..< classes {
                let isYes =
                    threshold.map { x[index] > $0 } ?? (x[index] >= most && x[index].magnitude > 1e-9)
                let decision = isYes ? 1.0 : 0
                let truth = Double(target[index])
                sums[4 &* index] += weight * decision * truth
                sums[4 &* index &+ 1] += weight * decision * (1 - truth)
                sums[4 &* index &+ 2] += weight * (1 - decision) * truth
                sums[4 &* index &+ 3] += weight * truth
            }
        }
    }

    func result(_ sums: UnsafePointer<Double>, _ results: UnsafeMutablePointer<Double>) {
        var (all, allScores, weightedScores, weights) = ((0.0, 0.0, 0.0), 0.0, 0.0, 0.0)
        for index in 0 ..< classes {
            let counts = (sums[4 * index], sums[4 * index + 1], sums[4 * index + 2])
            all = (all.0 + counts.0, all.1 + counts.1, all.2 + counts.2)
            let score = score(counts)
            if average == nil { results[index] = score }
            allScores += score
            weightedScores += score * sums[4 * index + 3]
            weights += sums[4 * index + 3]
        }
        switch average {
        case .micro: results[0] = score(all)
        case .macro: results[0] = allScores / Double(classes)
        case .weighted: results[0] = weightedScores / (weights + 1e-7)
        case nil: break
        }
    }

    private func score(_ counts: (yes: Double, wrong: Double, missed: Double)) -> Double {
        let precision = counts.yes / (counts.yes + counts.wrong + 1e-7)
        let recall = counts.yes / (counts.yes + counts.missed + 1e-7)
        let square = beta * beta
        return precision * recall / (square * precision + recall + 1e-7) * (1 + square)
    }
}
