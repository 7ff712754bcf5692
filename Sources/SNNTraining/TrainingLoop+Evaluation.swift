import SNNCore
import SNNGraph

/// Where an evaluation stands: the batch that comes next, and the sums of those before it.
package struct EvaluationPosition: Sendable {
    package var batch = 0
    package var sums: [Double] = []
    package var isThrough = false
}

extension TrainingLoop {
    /// The objective on a part of a data set, in inference mode, in the order of its names.
    package func evaluate(
        _ dataset: any SampleSource, range: Range<Int>? = nil, batchSize: Int, most: Int? = nil
    ) throws(SNNError) -> [Double] {
        _ = try evaluate(dataset, range: range, batchSize: batchSize, most: most, from: nil) {
            _, _, _ in true
        }
        return evaluationMeans
    }

    /// The same from one batch to another, as long as `goesOn` says so after each: it is told the
    /// batch, their number and the means so far. The values are `evaluationMeans`.
    ///
    /// - Parameter most: the first batches that count; nil for all.
    package func evaluate(
        _ dataset: any SampleSource, range: Range<Int>?, batchSize: Int, most: Int?,
        from start: EvaluationPosition?,
        _ goesOn: (Int, Int, UnsafeBufferPointer<Double>) -> Bool
    ) throws(SNNError) -> EvaluationPosition {
        try objective.check(dataset, for: network.graph)
        let range = range ?? 0 ..< dataset.count
        let capacity = min(batchSize, range.count)
        let engine = try evaluationEngine(capacity: capacity)
        let loader = try BatchLoader(
            dataset, range: range, batchSize: capacity, shuffleSeed: nil, kernels: kernels)
        let batches = min(loader.batchCount, most ?? .max)
        engine.evaluation.reset()
        var stand = start ?? EvaluationPosition()
        guard stand.batch <= batches else {
            throw SNNError(
                .argument,
                "resume: the validation stands at batch \(stand.batch), this data has \(batches)")
        }
        if !stand.sums.isEmpty { engine.evaluation.state = stand.sums }
        if stand.batch < batches { try loader.begin(epoch: 0, at: stand.batch) }
        while stand.batch < batches {
            let rows = loader.rows(ofBatch: stand.batch)
            try loader.load(rows: rows)
            bind(loader.batch, to: engine.executor)
            try engine.executor.forward(rows: rows)
            _ = try engine.evaluation.add(loader.batch, rows: rows, outputs: engine.executor)
            stand.batch += 1
            guard goesOn(stand.batch - 1, batches, engine.evaluation.means) else { break }
        }
        stand.isThrough = stand.batch >= batches
        stand.sums = stand.isThrough ? [] : engine.evaluation.state
        return stand
    }
}
