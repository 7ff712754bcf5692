import SNNCore
import SNNGraph
import SNNKernels

/// What a training minimizes and reports: a loss and metrics for each output of a model.
package final class Objective: Sendable {
    /// An output that has a loss or metrics, and so a target.
    package struct Term: Sendable {
        package let output: Int
        package let shape: Shape
        package let loss: Loss?
        package let weight: Double
        package let metrics: [Metric]

        /// Vectors of a sample, and their length.
        var vectors: Int { shape.outerCount }
        var width: Int { shape.last }
    }

    package let terms: [Term]
    /// "loss", the outputs' losses where there are several, then the metrics.
    package let names: [String]
    /// As they were given, for `training_config`.
    package let loss: JSON
    package let lossWeights: JSON
    package let metrics: JSON
    /// The metrics of each output of the model.
    package let outputMetrics: [JSON]

    /// - Parameters:
    ///   - loss: one loss, or a list with one for each output.
    ///   - lossWeights: null, or a list with one for each output.
    ///   - metrics: a list of metrics, or of lists with one for each output.
    package init(
        _ graph: Graph, loss: JSON, lossWeights: JSON, metrics: JSON
    ) throws(SNNError) {
        let outputs = graph.outputs
        let losses = try Objective.perOutput(loss, "loss", outputs.count)
        let weights = try Objective.weights(lossWeights, outputs.count)
        let metricLists = try Objective.metricLists(metrics, outputs.count)
        let names = Objective.outputNames(graph)
        var terms: [Term] = []
        var lossNames: [String] = []
        var metricNames: [String] = []
        for index in outputs.indices {
            let shape = graph.tensors[outputs[index]].shape
            let loss = try Losses.make(losses[index])
            if let loss { try Objective.check(loss, on: shape, named: names[index]) }
            var made: [Metric] = []
            for metric in metricLists[index] {
                made.append(try Metrics.make(metric, output: shape, loss: loss))
            }
            guard loss != nil || !made.isEmpty else { continue }
            guard loss != nil else {
                throw SNNError(
                    .configuration,
                    "output '\(names[index])' has metrics, but no loss that says what its targets are"
                )
            }
            terms.append(
                Term(
                    output: index, shape: shape, loss: loss, weight: weights[index], metrics: made))
            lossNames.append(names[index] + "_loss")
            metricNames += made.map { outputs.count > 1 ? names[index] + "_" + $0.name : $0.name }
        }
        guard !terms.isEmpty else {
            throw SNNError(.configuration, "'loss' must be given for at least one output")
        }
        self.terms = terms
        self.names = ["loss"] + (terms.count > 1 ? lossNames : []) + metricNames
        self.loss = loss
        self.lossWeights = lossWeights
        self.metrics = metrics
        outputMetrics = metricLists.map { .array($0) }
    }

    /// For each output of the model, whether it has a loss.
    package func lossOutputs(_ count: Int) -> [Bool] {
        (0 ..< count).map { output in terms.contains { $0.output == output && $0.loss != nil } }
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
                try term.loss?.checkTarget(shape(inputs + index), for: term.shape)
            } catch {
                throw error.within("output '\(graph.name(ofTensor: graph.outputs[term.output]))'")
            }
        }
    }

    // MARK: Reading

    private static func check(
        _ loss: Loss, on shape: Shape, named name: String
    ) throws(SNNError) {
        guard shape.rank >= 1 else {
            throw SNNError(
                .shape, "output '\(name)': a loss needs an axis beside the batch, it has none")
        }
        guard !loss.takesClasses || shape.last >= 2 else {
            throw SNNError(
                .shape,
                "output '\(name)': \(loss.name) expects at least 2 classes along the last axis, "
                    + "the output has 1; for one number use binary_crossentropy")
        }
        guard !loss.takesClasses || shape.last <= 1 << 24 else {
            throw SNNError(.limit, "output '\(name)': expected at most 2^24 classes")
        }
    }

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
        _ json: JSON, _ count: Int
    ) throws(SNNError) -> [[JSON]] {
        if json.isNull { return [[JSON]](repeating: [], count: count) }
        guard let elements = json.elements else {
            return [[JSON]](repeating: [json], count: count)
        }
        guard elements.contains(where: { $0.elements != nil }) else {
            return [[JSON]](repeating: elements, count: count)
        }
        return try perOutput(json, "metrics", count).map { $0.elements ?? ($0.isNull ? [] : [$0]) }
    }

    /// The outputs' layers; a layer that gives several outputs is numbered.
    private static func outputNames(_ graph: Graph) -> [String] {
        var names: [String] = []
        for tensor in graph.outputs {
            let name = graph.name(ofTensor: tensor)
            var unique = name
            var number = 1
            while names.contains(unique) {
                unique = name + "_" + String(number)
                number += 1
            }
            names.append(unique)
        }
        return names
    }
}
