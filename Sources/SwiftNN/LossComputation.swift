import SNNCore
import SNNGraph
import SNNKernels
import SNNTraining

/// A loss by itself, without a model: to try a formula, and to check a gradient.
package enum LossComputation {
    /// The loss of a batch; with room for it also its gradient, [rows, the predictions' shape].
    /// Options (JSON5): `loss`, as a trainer takes it, and `threads`. `checkRoom` is asked for the
    /// gradient's, once all else is in order and nothing was computed.
    package static func run(
        options: String?, target: ArrayView, prediction: ArrayView, weights: ArrayView?,
        gradient: UnsafeMutablePointer<Float>?, checkRoom: () throws(SNNError) -> Void
    ) throws(SNNError) -> Double {
        var options = try Configuration(text: options, of: "loss")
        let json = options.json("loss") ?? .null
        let workers = Workers(
            threads: try options.integer("threads", default: 0, in: 0 ... 256))
        try options.finish()
        guard let loss = try Losses.make(json) else {
            throw options.failure("'loss' is required, a name or {class_name, config}")
        }
        let rows = prediction.rows
        try loss.check(prediction.shape)
        try loss.checkTarget(target.shape, for: prediction.shape)
        let samples = try LabelledSamples(target, prediction, weights)
        try checkRoom()
        let count = loss.valueCount(rows: rows, shape: prediction.shape)
        let values = try Buffer<Float>(count: count)
        let factors = try Buffer<Float>(count: count)
        let scratch = try Buffer<Double>(
            count: loss.scratchCount(rows: rows, shape: prediction.shape))
        let result = try gradient.map { (_) throws(SNNError) in
            try Buffer<Float>(count: rows * prediction.shape.count)
        }
        let batch = samples.batch(workers)
        try loss.checkTargets(batch)
        let value = try loss.compute(
            batch,
            Loss.Memory(
                values: values.pointer, factors: factors.pointer, scratch: scratch.pointer),
            dPrediction: result?.pointer)
        // On success only.
        if let gradient, let result { gradient.copy(from: result.pointer, count: result.count) }
        return value
    }
}
