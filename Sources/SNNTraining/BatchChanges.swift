import SNNCore
import SNNGraph

/// What a fit does to each batch before its step: the weights of classes, then mixup.
final class BatchChanges {
    private let classWeights: ClassWeights?
    private let mixup: Mixup?

    init(
        _ options: FitOptions, _ objective: Objective, _ dataset: any SampleSource, seed: UInt64,
        capacity: Int
    ) throws(SNNError) {
        classWeights =
            options.classWeight.isNull
            ? nil
            : try ClassWeights(
                options.classWeight, objective, samplesHaveWeights: dataset.hasSampleWeights)
        mixup = try options.mixup.map { (alpha) throws(SNNError) in
            try Mixup(alpha: alpha, seed: seed, objective, dataset, capacity: capacity)
        }
    }

    func apply(to batch: Batch, rows: Int, step: Int64) throws(SNNError) {
        try classWeights?.apply(to: batch, rows: rows)
        mixup?.apply(to: batch, rows: rows, step: step)
    }
}
