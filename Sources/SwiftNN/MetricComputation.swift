import SNNCore
import SNNGraph
import SNNKernels
import SNNTraining

/// A metric by itself, without a model: sums that batches are added to, and a result of them.
package struct MetricComputation {
    package let sums: Buffer<Double>
    package let result: Double

    /// A batch added to `sums`, which are empty before the first. Options (JSON5): `metric`, as a
    /// trainer takes it, and `threads`.
    package init(
        options: String?, target: ArrayView, prediction: ArrayView, weights: ArrayView?,
        sums: UnsafeBufferPointer<Double>
    ) throws(SNNError) {
        var options = try Configuration(text: options, of: "metric")
        let json = options.json("metric") ?? .null
        let workers = Workers(
            threads: try options.integer("threads", default: 0, in: 0 ... 256))
        try options.finish()
        let shape = prediction.shape
        guard shape.rank >= 1 else {
            throw SNNError(.shape, "a metric needs an axis beside the batch, y_pred has none")
        }
        let metric = try Metrics.make(json, output: shape, loss: nil)
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
        guard sums.isEmpty || sums.count == formula.sumCount else {
            throw SNNError(
                .shape,
                "\(metric.name): expected \(formula.sumCount) sums, or none, received "
                    + String(sums.count))
        }
        let samples = try LabelledSamples(target, prediction, weights)
        let rows = prediction.rows
        let count = max(formula.valueCount(rows: rows, shape: shape), rows * shape.outerCount)
        let values = try Buffer<Float>(count: count)
        let factors = try Buffer<Float>(count: count)
        let scratch = try Buffer<Double>(count: formula.scratchCount(rows: rows, shape: shape))
        let after = try Buffer<Double>(count: formula.sumCount)
        if let base = sums.baseAddress { after.pointer.copy(from: base, count: sums.count) }
        try formula.add(
            samples.batch(workers),
            Loss.Memory(
                values: values.pointer, factors: factors.pointer, scratch: scratch.pointer),
            to: after.pointer)
        self.sums = after
        result = formula.result(after.pointer)
    }
}
