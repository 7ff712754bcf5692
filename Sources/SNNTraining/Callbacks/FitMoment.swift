import SNNCore
import SNNGraph

/// What callbacks see of a fit, and what they may ask of it.
package final class FitMoment {
    package let loop: TrainingLoop
    /// nil where a fit has no files to write.
    package let files: (any FitFiles)?
    /// The names that an epoch may end with, one for each number.
    package let names: [String]
    /// The values of the epoch so far, or of the one that ended, one after the other where a metric
    /// has several; callbacks may add to the latter.
    package internal(set) var logs: [(name: String, value: Double)] = []
    /// Keras's `model.stop_training`.
    package var stops = false

    init(_ loop: TrainingLoop, files: (any FitFiles)?, names: [String]) {
        self.loop = loop
        self.files = files
        self.names = names
    }

    /// That of the next step.
    var learningRate: Double { loop.optimizer.learningRate.rate(after: loop.position.step) }

    /// Which way the value of that name becomes better; nil where nobody knows.
    func direction(of name: String) -> MetricDirection? {
        let bare =
            name.utf8.starts(with: "val_".utf8)
            ? String(decoding: Array(name.utf8.dropFirst(4)), as: UTF8.self) : name
        return loop.objective.direction(of: bare)
    }

    /// The names, each once.
    var reported: [String] { FitMoment.once(names) }

    /// Names that follow each other.
    private static func once(_ names: [String]) -> [String] {
        var once: [String] = []
        for name in names where once.last != name { once.append(name) }
        return once
    }

    /// The names of the values, each once.
    var logged: [String] { FitMoment.once(logs.map { $0.name }) }

    /// The values of that name.
    func values(_ name: String) -> [Double] {
        var values: [Double] = []
        for log in logs where log.name == name { values.append(log.value) }
        return values
    }

    /// Throws where the metric of that name is more than one number.
    func requireOneNumber(_ name: String, _ owner: String) throws(SNNError) {
        let count = names.count { $0 == name }
        guard count > 1 else { return }
        throw SNNError(
            .configuration,
            "\(owner) must be a metric of one number, received '\(name)', which is \(count); 'average', "
                + "'class_aggregation' or a single one of 'thresholds' makes it one")
    }

    /// The value of that name, the first where there are several; nil when this epoch has none.
    func value(_ name: String) -> Double? { logs.first { $0.name == name }?.value }

    /// Adds a value, which the history keeps too; the first of a name counts.
    func add(_ value: Double, as name: String) {
        if self.value(name) == nil { logs.append((name, value)) }
    }

    /// The files, for a callback that cannot do without.
    func requireFiles(_ owner: String) throws(SNNError) -> any FitFiles {
        guard let files else {
            throw SNNError(.unsupported, "\(owner): this fit cannot write files")
        }
        return files
    }
}
