import SNNCore
import SNNGraph

/// The callbacks of one fit, told in their order.
final class CallbackList {
    let fit: FitMoment
    private let callbacks: [any TrainingCallback]
    let listensToBatches: Bool
    let endsOnNonFinite: Bool

    init(_ callbacks: [any TrainingCallback], _ fit: FitMoment) throws(SNNError) {
        self.callbacks = callbacks
        self.fit = fit
        listensToBatches = callbacks.contains { $0.listensToBatches }
        endsOnNonFinite = callbacks.contains { $0.endsOnNonFinite }
        for callback in callbacks { try callback.check(fit) }
    }

    /// The training that a backup holds, where one of them keeps such.
    func backup() throws(SNNError) -> TrainingLoop? {
        for callback in callbacks {
            if let found = try callback.backup(fit) { return found }
        }
        return nil
    }

    func begin() throws(SNNError) {
        for callback in callbacks { try callback.begin(fit) }
    }

    /// Goes on where the records were taken. Throws, with nothing changed, for other callbacks.
    func restore(_ records: CallbackRecords) throws(SNNError) {
        let names = callbacks.map { $0.className }
        let before = records.callbacks.map { $0.className }
        guard names == before else {
            throw SNNError(
                .argument,
                "resume: the training was begun with callbacks [\(before.joined(separator: ", "))], "
                    + "this fit has [\(names.joined(separator: ", "))]")
        }
        for (callback, record) in zip(callbacks, records.callbacks) {
            try callback.restore(record.state)
            callback.keptWeights = record.weights
        }
        fit.stops = records.stops
    }

    /// What `restore` takes; nil when there is nothing to keep.
    var records: CallbackRecords? {
        guard !callbacks.isEmpty || fit.stops else { return nil }
        return CallbackRecords(
            callbacks: callbacks.map {
                .init(className: $0.className, state: $0.state, weights: $0.keptWeights)
            },
            stops: fit.stops)
    }

    /// The epoch's values so far come with it.
    func batchEnd(
        _ batch: Int, _ names: [String], _ values: UnsafeBufferPointer<Double>
    ) throws(SNNError) {
        fit.logs.removeAll(keepingCapacity: true)
        for index in values.indices { fit.logs.append((names[index], values[index])) }
        for callback in callbacks where callback.listensToBatches {
            try callback.batchEnd(fit, batch: batch)
        }
        try saveTraining(atEpochEnd: false)
    }

    func testBegin() {
        for callback in callbacks { callback.testBegin(fit) }
    }

    func testEnd() {
        for callback in callbacks { callback.testEnd(fit) }
    }

    /// The epoch's values are in `fit.logs`.
    func epochEnd(_ epoch: Int) throws(SNNError) {
        for callback in callbacks { try callback.epochEnd(fit, epoch: epoch) }
    }

    /// The records are there for who saves the training.
    func saveTraining(atEpochEnd: Bool) throws(SNNError) {
        for callback in callbacks where callback.wantsTrainingSaved(atEpochEnd: atEpochEnd) {
            fit.loop.callbackRecords = records
            defer { fit.loop.callbackRecords = nil }
            try callback.saveTraining(fit)
        }
    }

    func end() throws(SNNError) {
        for callback in callbacks { try callback.end(fit) }
    }
}
