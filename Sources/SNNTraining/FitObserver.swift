/// What a training tells while it goes on; valid during the call.
public struct Progress {
    public let epoch: Int
    public let epochs: Int
    public let batch: Int
    public let batches: Int
    public let step: Int64
    public let names: [String]
    public let values: UnsafeBufferPointer<Double>
    /// Whether the training ends after this.
    public let isStopping: Bool

    package init(
        epoch: Int, epochs: Int, batch: Int, batches: Int, step: Int64, names: [String],
        values: UnsafeBufferPointer<Double>, isStopping: Bool
    ) {
        self.epoch = epoch
        self.epochs = epochs
        self.batch = batch
        self.batches = batches
        self.step = step
        self.names = names
        self.values = values
        self.isStopping = isStopping
    }
}

/// What the one who is told wants to happen after this batch or epoch.
public enum FitAnswer: Sendable {
    case goOn
    /// The training ends, with what its callbacks do at the end.
    case stop
    /// It stands still, to be gone on with.
    case pause
}

/// How a fit ended.
public enum FitEnd: Sendable {
    case finished
    /// A callback stopped it.
    case stopped
    /// Its budget is used up, or it was asked to pause.
    case paused
}

/// Who is told.
public struct FitObserver {
    public typealias Hook = (Progress) -> FitAnswer

    /// At the begin of the call.
    public var onTrainBegin: Hook?
    /// When the training has ended; not when it is paused.
    public var onTrainEnd: Hook?
    public var onEpochBegin: Hook?
    public var onEpochEnd: Hook?
    public var onBatchBegin: Hook?
    public var onBatchEnd: Hook?
    /// After a batch of validation or evaluation.
    public var onTestBatchEnd: Hook?

    public init() {}
}
