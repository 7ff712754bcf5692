import SNNCore

/// Multiplies the learning rate by `factor` when the monitored value has not become better for
/// `patience` epochs: Keras's `ReduceLROnPlateau`. The history gets a column `learning_rate`.
final class ReduceLROnPlateau: TrainingCallback {
    let className = "ReduceLROnPlateau"
    private var monitor: Monitor
    private let factor: Double
    private let patience: Int
    private let cooldown: Int
    private let leastRate: Double
    private let isVerbose: Bool

    private var wait = 0
    private var cooling = 0
    private var best: Double?

    init(_ options: inout Configuration) throws(SNNError) {
        monitor = try Monitor(&options, minDelta: 1e-4)
        factor = try options.number("factor", default: 0.1, in: 0 ... 1)
        guard factor < 1 else { throw options.failure("'factor' must be below 1, received 1") }
        patience = try options.integer("patience", default: 10, in: 0 ... Int(Int32.max))
        isVerbose = try options.verbose()
        cooldown = try options.integer("cooldown", default: 0, in: 0 ... Int(Int32.max))
        leastRate = try options.number("min_lr", default: 0, in: LearningRate.range)
    }

    var state: JSON {
        .object(
            ("wait", .integer(Int64(wait))), ("cooldown_counter", .integer(Int64(cooling))),
            ("best", .optional(best)))
    }

    func restore(_ state: JSON) throws(SNNError) {
        wait = state.count("wait")
        cooling = state.count("cooldown_counter")
        best = state["best"]?.doubleValue
    }

    func check(_ fit: FitMoment) throws(SNNError) {
        try monitor.check(fit, also: ["learning_rate"])
        try fit.loop.optimizer.learningRate.checkIsNumber(for: className)
    }

    func epochEnd(_ fit: FitMoment, epoch: Int) throws(SNNError) {
        fit.add(fit.learningRate, as: "learning_rate")
        guard let current = fit.value(monitor.name) else { return }
        if cooling > 0 {
            cooling -= 1
            wait = 0
        }
        if monitor.isImprovement(current, over: best) {
            best = current
            wait = 0
        } else if cooling == 0 {
            wait += 1
            if wait >= patience { try reduce(fit, epoch) }
        }
    }

    private func reduce(_ fit: FitMoment, _ epoch: Int) throws(SNNError) {
        let rate = fit.learningRate
        guard rate > leastRate else { return }
        let reduced = max(rate * factor, leastRate)
        try fit.loop.optimizer.learningRate.set(reduced)
        if isVerbose { Log.write(.info, "epoch \(epoch + 1): the learning rate becomes \(reduced)") }
        cooling = cooldown
        wait = 0
    }
}
