import SNNCore
import SNNGraph
import SNNKernels

/// A number that training reports: a mean over all vectors of an output that were seen.
package final class Metric: Sendable {
    /// Writes a value for each vector; `scratch` has room for two numbers a vector.
    package typealias Values = @Sendable (Batch) -> Void

    /// What a metric looks at.
    package struct Batch {
        package let prediction: UnsafePointer<Float>
        package let target: UnsafePointer<Float>
        package let values: UnsafeMutablePointer<Float>
        package let scratch: UnsafeMutablePointer<Float>
        package let vectors: Int
        package let width: Int
        package let kernels: UnsafePointer<KernelTable>
        package let workers: Workers
    }

    package let name: String
    private let compute: Values

    init(name: String, _ compute: @escaping Values) {
        self.name = name
        self.compute = compute
    }

    package func values(_ batch: Batch) { compute(batch) }
}

/// The metrics by name: accuracy in Keras's forms, and every loss.
package enum Metrics {
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
        if let kind = kinds.first(where: { $0.name == key || $0.aliases.contains(key) }) {
            var options = try Configuration(json["config"] ?? .null, of: "metric '\(name)'")
            let shown = try options.string("name", default: json.text ?? kind.name)
            options.ignore("dtype")
            let compute = try kind.make(&options, output, loss)
            try options.finish()
            return Metric(name: shown, compute)
        }
        guard Losses.isLoss(name), let measured = try Losses.make(json) else {
            let near = nearestName(to: name, among: kinds.map { $0.name })
            throw SNNError(
                .configuration,
                "unknown metric '\(name)'; "
                    + (near.map { "did you mean '\($0)'?" }
                        ?? "known are \(kinds.map { $0.name }.joined(separator: ", ")) and the losses"))
        }
        guard measured.takesClasses == (loss?.takesClasses ?? measured.takesClasses) else {
            throw SNNError(
                .configuration,
                "metric '\(name)' and the loss expect different targets: class numbers and vectors")
        }
        return Metric(name: json.text ?? measured.name) { batch in
            measured.values(
                batch.prediction, batch.target, into: batch.values, vectors: batch.vectors,
                width: batch.width, kernels: batch.kernels, workers: batch.workers)
        }
    }

    private struct Kind: Sendable {
        let name: String
        var aliases: [String] = []
        let make: @Sendable (inout Configuration, Shape, Loss?) throws(SNNError) -> Metric.Values
    }

    private static let kinds: [Kind] = [
        // Keras chooses by shapes: one number is binary, class numbers are sparse, else one-hot.
        Kind(name: "accuracy", aliases: ["acc"]) {
            (options, output, loss) throws(SNNError) -> Metric.Values in
            if output.last == 1 { return binaryAccuracy(threshold: 0.5) }
            return loss?.takesClasses ?? false ? sparseAccuracy : categoricalAccuracy
        },
        Kind(name: "Accuracy") { (options, output, loss) throws(SNNError) -> Metric.Values in
            guard !(loss?.takesClasses ?? false) else {
                throw options.failure(
                    "it expects targets of the output's shape, the loss class numbers; use "
                        + "'accuracy'")
            }
            return equality
        },
        Kind(name: "binary_accuracy", aliases: ["BinaryAccuracy"]) {
            (options, output, loss) throws(SNNError) -> Metric.Values in
            guard !(loss?.takesClasses ?? false) else {
                throw options.failure(
                    "it expects a target for each number of the output, the loss class numbers; "
                        + "use 'sparse_categorical_accuracy'")
            }
            return binaryAccuracy(
                threshold: Float(try options.number("threshold", default: 0.5, in: 0 ... 1)))
        },
        Kind(name: "categorical_accuracy", aliases: ["CategoricalAccuracy"]) {
            (options, output, loss) throws(SNNError) -> Metric.Values in
            guard !(loss?.takesClasses ?? false) else {
                throw options.failure(
                    "it expects one-hot targets, the loss class numbers; use "
                        + "'sparse_categorical_accuracy'")
            }
            return categoricalAccuracy
        },
        Kind(name: "sparse_categorical_accuracy", aliases: ["SparseCategoricalAccuracy"]) {
            (options, output, loss) throws(SNNError) -> Metric.Values in
            guard loss?.takesClasses ?? true else {
                throw options.failure(
                    "it expects class numbers, the loss one-hot targets; use "
                        + "'categorical_accuracy'")
            }
            return sparseAccuracy
        },
    ]

    /// The share of a vector's numbers that are the target's.
    @Sendable private static func equality(_ batch: Metric.Batch) {
        shareOfRight(batch) { $0 }
    }

    /// The share of a vector's numbers on the right side of the threshold.
    private static func binaryAccuracy(threshold: Float) -> Metric.Values {
        { batch in shareOfRight(batch) { $0 > threshold ? 1 : 0 } }
    }

    private static func shareOfRight(_ batch: Metric.Batch, _ label: (Float) -> Float) {
        var vector = 0
        while vector < batch.vectors {
            var right = 0
            var index = vector &* batch.width
            let end = index &+ batch.width
            while index < end {
                if label(batch.prediction[index]) == batch.target[index] { right &+= 1 }
                index &+= 1
            }
            batch.values[vector] = Float(right) / Float(batch.width)
            vector &+= 1
        }
    }

    /// Whether the largest prediction is at the target's class.
    @Sendable private static func sparseAccuracy(_ batch: Metric.Batch) {
        batch.kernels.pointee.row_argmax(
            batch.prediction, batch.scratch, Int64(batch.vectors), Int64(batch.width))
        compare(batch.scratch, batch.target, batch)
    }

    /// Whether the largest prediction is where the target is largest.
    @Sendable private static func categoricalAccuracy(_ batch: Metric.Batch) {
        let expected = batch.scratch + batch.vectors
        batch.kernels.pointee.row_argmax(
            batch.prediction, batch.scratch, Int64(batch.vectors), Int64(batch.width))
        batch.kernels.pointee.row_argmax(
            batch.target, expected, Int64(batch.vectors), Int64(batch.width))
        compare(batch.scratch, expected, batch)
    }

    private static func compare(
        _ predicted: UnsafePointer<Float>, _ expected: UnsafePointer<Float>, _ batch: Metric.Batch
    ) {
        var vector = 0
        while vector < batch.vectors {
            batch.values[vector] = predicted[vector] == expected[vector] ? 1 : 0
            vector &+= 1
        }
    }
}
