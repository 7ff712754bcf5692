import SNNCore
import SNNGraph
import SNNKernels

/// The weighted mean of a value for each vector of an output.
final class MeanMetric: MetricFormula {
    /// Writes a value for each vector.
    typealias Values = @Sendable (LabelledBatch, Loss.Memory) -> Void

    private let values: Values

    init(_ values: @escaping Values) { self.values = values }

    var sumCount: Int { 2 }

    func add(
        _ batch: LabelledBatch, _ memory: Loss.Memory, to sums: UnsafeMutablePointer<Double>
    ) throws(SNNError) {
        values(batch, memory)
        let share = batch.shape.outerCount
        for vector in 0 ..< batch.vectors {
            let weight = batch.weight(ofRow: vector / share)
            sums[0] += Double(memory.values[vector]) * weight
            sums[1] += weight
        }
    }

    func result(_ sums: UnsafePointer<Double>, _ results: UnsafeMutablePointer<Double>) {
        results[0] = quotient(sums[0], sums[1])
    }
}

/// The weighted mean of a loss's values.
final class LossMetric: MetricFormula {
    enum Result: Sendable {
        case mean
        case root
        /// Keras's metric of the cosine is that of the loss with the other sign.
        case negative
    }

    private let loss: Loss
    private let kind: Result

    init(_ loss: Loss, _ kind: Result = .mean) {
        self.loss = loss
        self.kind = kind
    }

    var sumCount: Int { 2 }

    func valueCount(rows: Int, shape: Shape) -> Int { loss.valueCount(rows: rows, shape: shape) }

    func scratchCount(rows: Int, shape: Shape) -> Int {
        loss.scratchCount(rows: rows, shape: shape)
    }

    func add(
        _ batch: LabelledBatch, _ memory: Loss.Memory, to sums: UnsafeMutablePointer<Double>
    ) throws(SNNError) {
        // It may ignore other classes than the output's loss.
        try loss.checkTargets(batch, areWeighted: false)
        try loss.values(batch, memory)
        let count = valueCount(rows: batch.rows, shape: batch.shape)
        let isCoupled = loss.formula.couplesSamples(batch.shape)
        for value in 0 ..< count {
            // What belongs to the batch counts once for it.
            var weight =
                isCoupled
                ? 1 / Double(count) : batch.weight(ofRow: value / (count / batch.rows))
            // Keras leaves ignored classes out only where there are weights.
            if case .ofClass(let ignored) = loss.mask, batch.weights != nil,
                batch.target[value] == Float(ignored)
            {
                weight = 0
            }
            sums[0] += Double(memory.values[value]) * weight
            sums[1] += weight
        }
    }

    func result(_ sums: UnsafePointer<Double>, _ results: UnsafeMutablePointer<Double>) {
        let mean = quotient(sums[0], sums[1])
        results[0] =
            switch kind {
            case .mean: mean
            case .root: mean.squareRoot()
            case .negative: -mean
            }
    }
}
