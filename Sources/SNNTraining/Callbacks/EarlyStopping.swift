import SNNCore
import SNNGraph

/// Stops when the monitored value has not become better for `patience` epochs: Keras's
/// `EarlyStopping`. With `restore_best_weights` the end of the fit brings back the weights of the
/// best epoch, whether or not it stopped early.
final class EarlyStopping: TrainingCallback {
    let className = "EarlyStopping"
    private var monitor: Monitor
    private let patience: Int
    private let baseline: Double?
    private let restoresBest: Bool
    private let startEpoch: Int
    private let isVerbose: Bool

    private var wait = 0
    private var best: Double?
    private var bestEpoch = 0
    private var stoppedEpoch = 0
    var keptWeights: WeightSnapshot?

    init(_ options: inout Configuration) throws(SNNError) {
        monitor = try Monitor(&options, minDelta: 0)
        patience = try options.integer("patience", default: 0, in: 0 ... Int(Int32.max))
        isVerbose = try options.verbose()
        baseline = try options.optionalNumber("baseline")
        restoresBest = try options.bool("restore_best_weights", default: false)
        startEpoch = try options.integer("start_from_epoch", default: 0, in: 0 ... Int(Int32.max))
    }

    var state: JSON {
        .object(
            ("wait", .integer(Int64(wait))), ("best", .optional(best)),
            ("best_epoch", .integer(Int64(bestEpoch))),
            ("stopped_epoch", .integer(Int64(stoppedEpoch))))
    }

    func restore(_ state: JSON) throws(SNNError) {
        wait = state.count("wait")
        best = state["best"]?.doubleValue
        bestEpoch = state.count("best_epoch")
        stoppedEpoch = state.count("stopped_epoch")
    }

    func check(_ fit: FitMoment) throws(SNNError) { try monitor.check(fit) }

    func epochEnd(_ fit: FitMoment, epoch: Int) throws(SNNError) {
        guard let current = fit.value(monitor.name), epoch >= startEpoch else { return }
        if restoresBest, keptWeights == nil { try keepWeights(fit, epoch) }
        wait += 1
        if monitor.isImprovement(current, over: best) {
            best = current
            try keepWeights(fit, epoch)
            // The wait starts anew only when the baseline is beaten too.
            if monitor.isImprovement(current, over: baseline) { wait = 0 }
            return
        }
        if wait >= patience, epoch > 0 {
            stoppedEpoch = epoch
            fit.stops = true
        }
    }

    private func keepWeights(_ fit: FitMoment, _ epoch: Int) throws(SNNError) {
        bestEpoch = epoch
        guard restoresBest else { return }
        if let keptWeights {
            keptWeights.take(from: fit.loop.network)
        } else {
            keptWeights = try WeightSnapshot(of: fit.loop.network)
        }
    }

    func end(_ fit: FitMoment) throws(SNNError) {
        if isVerbose, stoppedEpoch > 0 {
            Log.write(.info, "epoch \(stoppedEpoch + 1): early stopping")
        }
        guard let keptWeights else { return }
        if isVerbose {
            Log.write(.info, "restoring the weights of the best epoch, \(bestEpoch + 1)")
        }
        keptWeights.put(back: fit.loop.network)
    }
}

extension Configuration {
    /// Keras's `verbose`: above 0 a callback writes what it does to the log.
    mutating func verbose() throws(SNNError) -> Bool {
        try integer("verbose", default: 0, in: 0 ... 2) > 0
    }
}
