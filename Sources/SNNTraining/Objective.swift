import SNNCore
import SNNGraph
import SNNKernels

/// What a training minimizes and reports: a loss and metrics for each output of a model.
package final class Objective: Sendable {
    /// An output that has a loss or metrics, and so a target.
    package struct Term: Sendable {
        package let output: Int
        package let shape: Shape
        package let loss: Loss
        package let weight: Double

        /// Vectors of a sample, and their length.
        var vectors: Int { shape.outerCount }
        var width: Int { shape.last }
    }

    /// A metric of a term, under a name of its own.
    package struct Report: Sendable {
        package let name: String
        package let term: Int
        package let metric: Metric
        /// Whether samples count with their weights: of `weighted_metrics`.
        package let isWeighted: Bool
    }

    package let terms: [Term]
    /// In the order of their names.
    package let reports: [Report]
    /// "loss", the outputs' losses where there are several, then the metrics: one for each number,
    /// so that a metric of several comes as often.
    package let names: [String]
    /// As they were given, for `training_config`.
    package let loss: JSON
    package let lossWeights: JSON
    package let metrics: JSON
    package let weightedMetrics: JSON
    /// The metrics of each output of the model.
    package let outputMetrics: [JSON]
    package let outputWeightedMetrics: [JSON]

    /// - Parameters:
    ///   - loss: one loss, or a list with one for each output.
    ///   - lossWeights: null, or a list with one for each output.
    ///   - metrics: a list of metrics, or of lists with one for each output.
    ///   - weightedMetrics: the same for those in which samples count with their weights.
    package init(
        _ graph: Graph, loss: JSON, lossWeights: JSON, metrics: JSON, weightedMetrics: JSON = .null
    ) throws(SNNError) {
        let outputs = graph.outputs
        let losses = try Objective.perOutput(loss, "loss", outputs.count)
        let weights = try Objective.weights(lossWeights, outputs.count)
        let metricLists = try Objective.metricLists(metrics, "metrics", outputs.count)
        let weightedLists = try Objective.metricLists(
            weightedMetrics, "weighted_metrics", outputs.count)
        let names = Objective.outputNames(graph)
        var terms: [Term] = []
        for index in outputs.indices {
            let shape = graph.tensors[outputs[index]].shape
            guard let loss = try Losses.make(losses[index]) else {
                guard metricLists[index].isEmpty, weightedLists[index].isEmpty else {
                    throw SNNError(
                        .configuration,
                        "output '\(names[index])' has metrics, but no loss that says what its "
                            + "targets are")
                }
                continue
            }
            do throws(SNNError) {
                try loss.check(shape)
            } catch {
                throw error.within("output '\(names[index])'")
            }
            terms.append(Term(output: index, shape: shape, loss: loss, weight: weights[index]))
        }
        guard !terms.isEmpty else {
            throw SNNError(.configuration, "'loss' must be given for at least one output")
        }
        let reports = try Objective.reports(
            terms, metricLists, weightedLists, outputs: outputs.count > 1 ? names : nil)
        self.terms = terms
        self.reports = reports
        var reported =
            ["loss"] + (terms.count > 1 ? terms.map { names[$0.output] + "_loss" } : [])
        for report in reports {
            for _ in 0 ..< report.metric.formula.resultCount { reported.append(report.name) }
        }
        self.names = reported
        self.loss = loss
        self.lossWeights = lossWeights
        self.metrics = metrics
        self.weightedMetrics = weightedMetrics
        outputMetrics = metricLists.map { .array($0) }
        outputWeightedMetrics = weightedLists.map { .array($0) }
    }

    /// The metrics of all terms, then their weighted ones. Their names are numbered, as in Keras,
    /// where one comes twice; a weighted one of a name that is there gets "weighted_" in front.
    private static func reports(
        _ terms: [Term], _ metrics: [[JSON]], _ weightedMetrics: [[JSON]], outputs: [String]?
    ) throws(SNNError) -> [Report] {
        var reports: [Report] = []
        var names: [String] = []
        for (isWeighted, lists) in [(false, metrics), (true, weightedMetrics)] {
            for (index, term) in terms.enumerated() {
                for json in lists[term.output] {
                    let metric = try Metrics.make(json, output: term.shape, loss: term.loss)
                    let prefix = outputs.map { $0[term.output] + "_" } ?? ""
                    var name = prefix + metric.name
                    if isWeighted, names.contains(name) { name = prefix + "weighted_" + metric.name }
                    name = unique(name, names)
                    names.append(name)
                    reports.append(
                        Report(name: name, term: index, metric: metric, isWeighted: isWeighted))
                }
            }
        }
        return reports
    }

    /// Whether Keras has all that it is made of.
    package var isKnownToKeras: Bool {
        terms.allSatisfy { $0.loss.formula.isKnownToKeras }
            && reports.allSatisfy { $0.metric.isKnownToKeras }
    }

    /// Which way the value of a name becomes better; nil where nobody knows.
    func direction(of name: String) -> MetricDirection? {
        if names.prefix(lossCount).contains(name) { return .down }
        return reports.first { $0.name == name }?.metric.direction
    }

    /// How many of the names are losses.
    package var lossCount: Int { terms.count > 1 ? 1 &+ terms.count : 1 }

    /// How many sums the names take: what a training keeps of the batches of an epoch.
    package var sumCount: Int {
        reports.reduce(2 * lossCount) { $0 + $1.metric.formula.sumCount }
    }

    /// For each output of the model, whether it has a loss.
    package func lossOutputs(_ count: Int) -> [Bool] {
        (0 ..< count).map { output in terms.contains { $0.output == output } }
    }

    /// Throws when a data set does not have the model's inputs, or a target for each term.
    package func check(_ dataset: any SampleSource, for graph: Graph) throws(SNNError) {
        try check(inputs: dataset.inputCount, targets: dataset.targetCount, for: graph) {
            dataset.columns[$0].shape
        }
    }

    /// The same for samples whose columns, the inputs and then the targets, have these shapes.
    package func check(
        inputs: Int, targets: Int, for graph: Graph, shape: (Int) -> Shape
    ) throws(SNNError) {
        guard inputs == graph.inputs.count else {
            throw SNNError(
                .shape, "expected \(graph.inputs.count) inputs, received \(inputs)")
        }
        for (index, tensor) in graph.inputs.enumerated() {
            let expected = graph.tensors[tensor].shape
            let received = shape(index)
            guard expected == received else {
                throw SNNError(
                    .shape,
                    "input '\(graph.name(ofTensor: tensor))': expected shape "
                        + "\(expected.batchText), received \(received.batchText)")
            }
        }
        guard targets == terms.count else {
            throw SNNError(
                .shape,
                "expected \(terms.count) targets, one for each output with a loss, received "
                    + String(targets))
        }
        for (index, term) in terms.enumerated() {
            do throws(SNNError) {
                try term.loss.checkTarget(shape(inputs + index), for: term.shape)
            } catch {
                throw error.within("output '\(graph.name(ofTensor: graph.outputs[term.output]))'")
            }
        }
    }

    // MARK: Reading

    private static func perOutput(
        _ json: JSON, _ key: String, _ count: Int
    ) throws(SNNError) -> [JSON] {
        guard let elements = json.elements else {
            return [JSON](repeating: json, count: count)
        }
        guard elements.count == count else {
            throw SNNError(
                .configuration,
                "'\(key)' must be a list of \(count), one for each output, received "
                    + json.shortText)
        }
        return elements
    }

    private static func weights(_ json: JSON, _ count: Int) throws(SNNError) -> [Double] {
        guard !json.isNull else { return [Double](repeating: 1, count: count) }
        let values = try perOutput(json, "loss_weights", count).map { $0.doubleValue }
        guard values.allSatisfy({ $0?.isFinite ?? false }) else {
            throw SNNError(
                .configuration,
                "'loss_weights' must be finite numbers, received \(json.shortText)")
        }
        return values.map { $0 ?? 1 }
    }

    private static func metricLists(
        _ json: JSON, _ key: String, _ count: Int
    ) throws(SNNError) -> [[JSON]] {
        if json.isNull { return [[JSON]](repeating: [], count: count) }
        guard let elements = json.elements else {
            return [[JSON]](repeating: [json], count: count)
        }
        guard elements.contains(where: { $0.elements != nil }) else {
            return [[JSON]](repeating: elements, count: count)
        }
        return try perOutput(json, key, count).map { $0.elements ?? ($0.isNull ? [] : [$0]) }
    }

    /// The outputs' layers; a layer that gives several outputs is numbered.
    private static func outputNames(_ graph: Graph) -> [String] {
        var names: [String] = []
        for tensor in graph.outputs {
            names.append(unique(graph.name(ofTensor: tensor), names))
        }
        return names
    }

    /// The name, numbered where it is taken.
    private static func unique(_ name: String, _ names: [String]) -> String {
        var unique = name
        var number = 1
        while names.contains(unique) {
            unique = name + "_" + String(number)
            number += 1
        }
        return unique
    }
}
