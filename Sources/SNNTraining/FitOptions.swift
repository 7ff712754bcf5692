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
    /// The first batches of the validation data that are looked at; nil for all.
    package var validationSteps: Int?
    /// Validates after every so many epochs.
    package var validationFrequency = 1
    /// Goes on where the trainer stands.
    package var resumes = false
    package var budget = StepBudget()
    /// {class_name, config} of each callback.
    package var callbacks = JSON.null
    /// By class number, as texts.
    package var classWeight = JSON.null
    /// The alpha of mixup; nil for none.
    package var mixup: Double?

    package init() {}

    package init(_ options: inout Configuration) throws(SNNError) {
        let counts = 1 ... Int(Int32.max)
        epochs = try options.integer("epochs", default: epochs, in: 0 ... Int(Int32.max))
        initialEpoch = try options.integer(
            "initial_epoch", default: initialEpoch, in: 0 ... Int(Int32.max))
        batchSize = try options.integer("batch_size", default: batchSize, in: counts)
        shuffles = try options.bool("shuffle", default: shuffles)
        validationSplit = try options.number("validation_split", default: 0, in: 0 ... 1)
        guard validationSplit < 1 else {
            throw options.failure("'validation_split' must be below 1, received 1")
        }
        validationBatchSize = try options.optionalInteger("validation_batch_size", in: counts)
        validationSteps = try options.optionalInteger("validation_steps", in: counts)
        validationFrequency = try options.integer("validation_freq", default: 1, in: counts)
        resumes = try options.bool("resume", default: false)
        budget = try StepBudget(&options)
        callbacks = options.json("callbacks") ?? .null
        classWeight = options.json("class_weight") ?? .null
        mixup = try options.optionalNumber("mixup", in: Mixup.alphas)
        try options.refuse(
            "steps_per_epoch", unless: [.null],
            because: "an epoch is all data in this version; 'max_steps' pauses within one")
    }

    /// What decides the numbers of a batch beside the data: an epoch goes on with the same only.
    var fingerprint: String {
        (classWeight.isNull ? "" : ";class_weight " + classWeight.write())
            + (mixup.map { ";mixup \($0)" } ?? "")
    }
}

/// How much a fit may do before it pauses.
package struct StepBudget: Sendable {
    /// Optimizer steps.
    package var steps: Int?
    /// From the begin of the call.
    package var milliseconds: Double?
    /// Epochs; it pauses after the last one too, before the callbacks' end.
    package var epochs: Int?

    package init() {}

    init(_ options: inout Configuration) throws(SNNError) {
        steps = try options.optionalInteger("max_steps", in: 1 ... Int(Int32.max))
        milliseconds = try options.optionalNumber("max_milliseconds", in: 0 ... 1e12)
        epochs = try options.optionalInteger("max_epochs", in: 0 ... Int(Int32.max))
    }
}
