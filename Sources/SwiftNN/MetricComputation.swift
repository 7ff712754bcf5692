import SNNCore
import SNNGraph
import SNNKernels
import SNNTraining

/// A metric by itself, without a model: sums that batches are added to, and a result of them.
package struct MetricComputation {
    private let metric: Metric
    private let workers: Workers
    private let shape: Shape

    /// Options (JSON5): `metric`, as a trainer takes it, and `threads`.
    package init(options: String?, predictions shape: Shape) throws(SNNError) {
        var options = try Configuration(text: options, of: "metric")
        let json = options.json("metric") ?? .null
        workers = Workers(threads: try options.integer("threads", default: 0, in: 0 ... 256))
        try options.finish()
        guard shape.rank >= 1 else {
            throw SNNError(.shape, "a metric needs an axis beside the batch, y_pred has none")
        }
        metric = try Metrics.make(json, output: shape, loss: nil)
        self.shape = shape
    }

    /// The sums with a batch added to them, of which there are none before the first.
    package func sums(
        adding target: ArrayView, _ prediction: ArrayView, weights: ArrayView?,
        to sums: UnsafeBufferPointer<Double>
    ) throws(SNNError) -> Buffer<Double> {
        let expected =
            metric.takesClasses
            ? try Shape(rank: shape.rank - 1) { (axis) throws(SNNError) in shape[axis] } : shape
        guard target.shape.agrees(with: expected) else {
            throw SNNError(
                .shape,
                "\(metric.name): expected y_true of shape \(expected.batchText), received "
                    + target.shape.batchText)
        }
        let formula = metric.formula
        let after = try Buffer<Double>(count: formula.sumCount)
        if !sums.isEmpty, let base = try checked(sums).baseAddress {
            after.pointer.copy(from: base, count: sums.count)
        }
        let samples = try LabelledSamples(target, prediction, weights)
        let rows = prediction.rows
        let count = max(formula.valueCount(rows: rows, shape: shape), rows * shape.outerCount)
        let values = try Buffer<Float>(count: count)
        let factors = try Buffer<Float>(count: count)
        let scratch = try Buffer<Double>(count: formula.scratchCount(rows: rows, shape: shape))
        try formula.add(
            samples.batch(workers),
            Loss.Memory(
                values: values.pointer, factors: factors.pointer, scratch: scratch.pointer),
            to: after.pointer)
        return after
    }

    /// What the sums come to: one number, or several.
    package func results(
        of sums: UnsafeBufferPointer<Double>
    ) throws(SNNError) -> Buffer<Double> {
        // Not more than there are sums, so that no shape takes memory that nobody has.
        let sums = try checked(sums)
        let results = try Buffer<Double>(count: metric.formula.resultCount)
        if let base = sums.baseAddress { metric.formula.result(base, results.pointer) }
        return results
    }

    private func checked(
        _ sums: UnsafeBufferPointer<Double>
    ) throws(SNNError) -> UnsafeBufferPointer<Double> {
        let count = metric.formula.sumCount
        guard sums.count == count else {
            throw SNNError(
                .shape, "\(metric.name): expected \(count) sums, received \(sums.count)")
        }
        return sums
    }
}
