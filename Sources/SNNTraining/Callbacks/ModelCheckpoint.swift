import SNNCore

/// Saves the model or its weights each epoch or every so many batches, and on demand only when the
/// monitored value is the best so far: Keras's `ModelCheckpoint`. `filepath` may hold names of the
/// epoch's values: see `PathTemplate`.
final class ModelCheckpoint: TrainingCallback {
    let className = "ModelCheckpoint"
    private let path: PathTemplate
    private var monitor: Monitor
    private let savesBestOnly: Bool
    private let savesWeightsOnly: Bool
    private let isVerbose: Bool
    private var frequency: SaveFrequency
    private var best: Double?

    init(_ options: inout Configuration) throws(SNNError) {
        let filepath = try options.string("filepath")
        path = try PathTemplate(filepath, options)
        monitor = try Monitor(&options)
        isVerbose = try options.verbose()
        savesBestOnly = try options.bool("save_best_only", default: false)
        savesWeightsOnly = try options.bool("save_weights_only", default: false)
        frequency = try SaveFrequency(&options)
        best = try options.optionalNumber("initial_value_threshold")
        let ending = savesWeightsOnly ? ".weights.h5" : ".h5"
        guard filepath.hasSuffix(ending) else {
            throw options.failure(
                "'filepath' must end in '\(ending)', received \(JSON.string(filepath).shortText)")
        }
    }

    var listensToBatches: Bool { frequency.batches != nil }

    var state: JSON { .object(("best", .optional(best)), ("seen", frequency.state)) }

    func restore(_ state: JSON) throws(SNNError) {
        best = state["best"]?.doubleValue
        frequency.state = state["seen"] ?? 0
    }

    func check(_ fit: FitMoment) throws(SNNError) {
        _ = try fit.requireFiles("callback '\(className)'")
        if savesBestOnly { try monitor.check(fit) }
        try path.check(fit, hasBatch: listensToBatches)
    }

    func batchEnd(_ fit: FitMoment, batch: Int) throws(SNNError) {
        if frequency.isDue() { try save(fit, epoch: fit.loop.position.epoch, batch: batch) }
    }

    func epochEnd(_ fit: FitMoment, epoch: Int) throws(SNNError) {
        if frequency.batches == nil { try save(fit, epoch: epoch, batch: nil) }
    }

    private func save(_ fit: FitMoment, epoch: Int, batch: Int?) throws(SNNError) {
        guard isBest(fit) else { return }
        let path = try path.text(epoch: epoch + 1, batch: batch.map { $0 + 1 }, fit)
        let files = try fit.requireFiles("callback '\(className)'")
        if let folder = folder(of: path) { try files.makeFolder(folder) }
        if savesWeightsOnly {
            try files.saveWeights(fit.loop, to: path)
        } else {
            try files.saveModel(fit.loop, to: path)
        }
        if isVerbose { Log.write(.info, "epoch \(epoch + 1): saved '\(path)'") }
    }

    /// Always, unless the best alone is kept; as in Keras an epoch without the value is saved.
    private func isBest(_ fit: FitMoment) -> Bool {
        guard savesBestOnly, let current = fit.value(monitor.name) else { return true }
        guard monitor.isImprovement(current, over: best) else { return false }
        best = current
        return true
    }
}

/// What stands before the last "/"; nil when nothing does.
func folder(of path: String) -> String? {
    let bytes = Array(path.utf8)
    guard let slash = bytes.lastIndex(of: 0x2f), slash > 0 else { return nil }
    return String(decoding: bytes[..<slash], as: UTF8.self)
}
