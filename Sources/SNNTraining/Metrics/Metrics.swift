import SNNCore
import SNNGraph
import SNNKernels

/// The metrics by name: Keras's classes, and every loss.
package enum Metrics {
    /// A row of the registry; a new metric is one of these.
    struct Kind: Sendable {
        /// Under which it is reported.
        let name: String
        let className: String
        var aliases: [String] = []
        var direction = MetricDirection.up
        let make: @Sendable (inout MetricOptions) throws(SNNError) -> any MetricFormula

        func isCalled(_ name: String) -> Bool {
            name == self.name || name == className || aliases.contains(name)
        }
    }

    /// - Parameters:
    ///   - output: the shape of the output it looks at.
    ///   - loss: that of the output; the two decide what "accuracy" means, as in Keras.
    package static func make(
        _ json: JSON, output: Shape, loss: Loss?
    ) throws(SNNError) -> Metric {
        guard let name = json.text ?? json["class_name"]?.text else {
            throw SNNError(
                .configuration,
                "metrics: expected a name or {class_name, config}, received \(json.shortText)")
        }
        // As a text it is the convenient name, as a class the metric of that name.
        let key = json.text == "Accuracy" ? "accuracy" : name
        if let kind = kinds.first(where: { $0.isCalled(key) }) {
            return try make(kind, json, named: name, output, loss)
        }
        guard Losses.isLoss(name), let measured = try Losses.make(json) else {
            let names = kinds.flatMap { [$0.name, $0.className] + $0.aliases }
            // The first stands for two: the word and the class.
            throw SNNError(
                .configuration,
                unknownName(
                    "metric", name, among: names, shown: kinds.dropFirst().map { $0.name },
                    and: "the losses"))
        }
        guard measured.takesClasses == (loss?.takesClasses ?? measured.takesClasses) else {
            throw SNNError(
                .configuration,
                "metric '\(name)' and the loss expect different targets: class numbers and vectors")
        }
        try measured.check(output)
        let shown = json["config"]?["name"]?.text ?? json.text ?? measured.name
        let isSimilarity = measured.name == "cosine_similarity"
        return Metric(
            name: shown, takesClasses: measured.takesClasses,
            isKnownToKeras: measured.formula.isKnownToKeras, direction: isSimilarity ? .up : .down,
            LossMetric(measured, isSimilarity ? .negative : .mean))
    }

    private static func make(
        _ kind: Kind, _ json: JSON, named name: String, _ output: Shape, _ loss: Loss?
    ) throws(SNNError) -> Metric {
        var options = MetricOptions(
            configuration: try Configuration(json["config"] ?? .null, of: "metric '\(name)'"),
            output: output, loss: loss)
        let shown =
            try options.configuration.optionalString("name") ?? json.text ?? kind.name
        options.configuration.ignore("dtype")
        let formula = try kind.make(&options)
        try options.configuration.finish()
        return Metric(
            name: shown, takesClasses: options.takesClasses,
            direction: kind.direction, formula)
    }

    private static let kinds = accuracies + measures + decisions + intersections
}
