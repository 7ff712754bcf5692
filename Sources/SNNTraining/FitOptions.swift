import SNNCore

/// How to go through the data, with Keras's names.
package struct FitOptions: Sendable {
    /// The epoch at which the training ends.
    package var epochs = 1
    package var initialEpoch = 0
    package var batchSize = 32
    package var shuffles = true
    /// This last share of the data validates.
    package var validationSplit = 0.0
    package var validationBatchSize: Int?
    /// Goes on where the trainer stands.
    package var resumes = false

    package init() {}

    package init(_ options: inout Configuration) throws(SNNError) {
        epochs = try options.integer("epochs", default: epochs, in: 0 ... Int(Int32.max))
        initialEpoch = try options.integer(
            "initial_epoch", default: initialEpoch, in: 0 ... Int(Int32.max))
        batchSize = try options.integer("batch_size", default: batchSize, in: 1 ... Int(Int32.max))
        shuffles = try options.bool("shuffle", default: shuffles)
        validationSplit = try options.number("validation_split", default: 0, in: 0 ... 1)
        guard validationSplit < 1 else {
            throw options.failure("'validation_split' must be below 1, received 1")
        }
        validationBatchSize = try options.optionalInteger(
            "validation_batch_size", in: 1 ... Int(Int32.max))
        resumes = try options.bool("resume", default: false)
    }
}

/// What a training tells while it goes on; valid during the call.
public struct Progress {
    public let epoch: Int
    public let epochs: Int
    public let batch: Int
    public let batches: Int
    public let step: Int64
    public let names: [String]
    public let values: UnsafeBufferPointer<Double>
}

/// Who is told; true stops the training.
package struct FitObserver {
    package var onBatchEnd: ((Progress) -> Bool)?
    package var onEpochEnd: ((Progress) -> Bool)?

    package init(
        onBatchEnd: ((Progress) -> Bool)? = nil, onEpochEnd: ((Progress) -> Bool)? = nil
    ) {
        self.onBatchEnd = onBatchEnd
        self.onEpochEnd = onEpochEnd
    }
}
