import SNNCore
import SNNGraph
import SNNKernels
import SNNTraining

/// A loss by itself, without a model: to try a formula, and to check a gradient.
package enum LossComputation {
    /// The loss of a batch; with room for it also its gradient, [rows, the predictions' shape].
    /// Options (JSON5): `loss`, as a trainer takes it, and `threads`.
    package static func run(
        options: String?, target: ArrayView, prediction: ArrayView, weights: ArrayView?,
        gradient: UnsafeMutablePointer<Float>?
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
        guard rows >= 1, target.rows == rows, weights.map({ $0.rows == rows }) ?? true else {
            throw SNNError(
                .shape,
                "expected arrays of one number of samples, at least 1, received \(rows), "
                    + "\(target.rows)" + (weights.map { " and \($0.rows)" } ?? ""))
        }
        guard weights?.shape.count ?? 1 == 1 else {
            throw SNNError(.shape, "sample_weight: expected one number a sample")
        }
        try loss.check(prediction.shape)
        try loss.checkTarget(target.shape, for: prediction.shape)
        let kernels = InstructionSet.best.kernels
        let lent = try [prediction, target].map { (array) throws(SNNError) in
            try floats(array, kernels)
        }
        let lentWeights = try weights.map { (array) throws(SNNError) in try floats(array, kernels) }
        let count = loss.valueCount(rows: rows, shape: prediction.shape)
        let values = try Buffer<Float>(count: count)
        let factors = try Buffer<Float>(count: count)
        let scratch = try Buffer<Double>(
            count: loss.scratchCount(rows: rows, shape: prediction.shape))
        let result = try gradient.map { (_) throws(SNNError) in
            try Buffer<Float>(count: rows * prediction.shape.count)
        }
        let batch = LabelledBatch(
            prediction: lent[0].pointer, target: lent[1].pointer,
            weights: lentWeights.map { UnsafePointer($0.pointer) }, rows: rows,
            shape: prediction.shape, kernels: kernels, workers: workers)
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

    private static func floats(
        _ array: ArrayView, _ kernels: UnsafePointer<KernelTable>
    ) throws(SNNError) -> Buffer<Float> {
        let buffer = try Buffer<Float>(count: array.rows * array.shape.count)
        kernels.pointee.convert(
            array.data, array.elementType, into: buffer.pointer, count: buffer.count, scale: 1)
        return buffer
    }
}
