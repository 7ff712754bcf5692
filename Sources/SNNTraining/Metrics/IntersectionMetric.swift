import SNNCore
import SNNGraph
import SNNKernels

/// Intersection over union of classes, averaged over those that occur (Keras's IoU and its kin). The
/// sums are the confusion matrix, targets times predictions.
final class IntersectionMetric: MetricFormula {
    enum Reading: Sendable {
        /// The number is the class.
        case number
        /// Whether the number reaches a threshold.
        case threshold(Float)
        /// The place of the largest in the vector.
        case largest
    }

    private let classes: Int
    private let chosen: [Int]
    private let ignoredClass: Int?
    private let target: Reading
    private let prediction: Reading
    /// Keras counts in integers unless it is told otherwise, and cuts weights off to them.
    private let countsInIntegers: Bool

    init(
        classes: Int, chosen: [Int], ignoredClass: Int? = nil, target: Reading,
        prediction: Reading, countsInIntegers: Bool
    ) {
        self.classes = classes
        self.chosen = chosen
        self.ignoredClass = ignoredClass
        self.target = target
        self.prediction = prediction
        self.countsInIntegers = countsInIntegers
    }

    var sumCount: Int { classes * classes }

    func add(
        _ batch: LabelledBatch, _ memory: Loss.Memory, to sums: UnsafeMutablePointer<Double>
    ) throws(SNNError) {
        let readsVectors = if case .largest = prediction { true } else { false }
        var (truth, decision) = (batch.target, batch.prediction)
        if readsVectors {
            let (rows, width) = (Int64(batch.vectors), Int64(batch.width))
            batch.kernels.pointee.row_argmax(batch.prediction, memory.values, rows, width)
            decision = UnsafePointer(memory.values)
            if case .largest = target {
                batch.kernels.pointee.row_argmax(batch.target, memory.factors, rows, width)
                truth = UnsafePointer(memory.factors)
            }
        }
        let count = readsVectors ? batch.vectors : batch.count
        let share = count / batch.rows
        for index in 0 ..< count {
            guard let expected = number(truth[index], target),
                let received = number(decision[index], prediction), expected != ignoredClass
            else { continue }
            let weight = batch.weight(ofRow: index / share)
            sums[expected &* classes &+ received] +=
                countsInIntegers ? weight.rounded(.towardZero) : weight
        }
    }

    /// nil for what is no class.
    private func number(_ x: Float, _ reading: Reading) -> Int? {
        if case .threshold(let threshold) = reading { return x >= threshold ? 1 : 0 }
        return x > -1 && x < Float(classes) ? Int(x) : nil
    }

    func result(_ sums: UnsafePointer<Double>, _ results: UnsafeMutablePointer<Double>) {
        var (sum, valid) = (0.0, 0.0)
        for number in chosen {
            let both = sums[number * classes + number]
            var union = -both
            for other in 0 ..< classes {
                union += sums[number * classes + other] + sums[other * classes + number]
            }
            guard union > 1e-9 else { continue }
            sum += both / (union + 1e-7)
            valid += 1
        }
        results[0] = sum / (valid + 1e-7)
    }
}
