import SNNCore
import SNNGraph
import SNNKernels

extension Metrics {
    static let accuracies: [Kind] = [
        // Keras chooses by shapes: one number is binary, class numbers are sparse, else one-hot.
        Kind(name: "accuracy", className: "accuracy", aliases: ["acc"]) { options in
            if options.output.last == 1 { return binaryAccuracy(threshold: 0.5) }
            return MeanMetric(
                options.loss?.takesClasses ?? false ? sparseAccuracy : categoricalAccuracy)
        },
        Kind(name: "accuracy", className: "Accuracy") { (options) throws(SNNError) in
            try options.expectNumbers("accuracy")
            return MeanMetric { batch, memory in shareOfRight(batch, memory) { $0 } }
        },
        Kind(name: "binary_accuracy", className: "BinaryAccuracy") { (options) throws(SNNError) in
            try options.expectNumbers("sparse_categorical_accuracy")
            let threshold = try options.configuration.number(
                "threshold", default: 0.5, in: 0 ... 1)
            return binaryAccuracy(threshold: Float(threshold))
        },
        Kind(
            name: "categorical_accuracy", className: "CategoricalAccuracy"
        ) { (options) throws(SNNError) in
            try options.expectNumbers("sparse_categorical_accuracy")
            return MeanMetric(categoricalAccuracy)
        },
        Kind(
            name: "sparse_categorical_accuracy", className: "SparseCategoricalAccuracy"
        ) { (options) throws(SNNError) in
            try options.expectClasses("categorical_accuracy")
            return MeanMetric(sparseAccuracy)
        },
        Kind(
            name: "top_k_categorical_accuracy", className: "TopKCategoricalAccuracy"
        ) { (options) throws(SNNError) in
            try options.expectNumbers("sparse_top_k_categorical_accuracy")
            let k = try rank(&options)
            return MeanMetric { batch, memory in
                batch.kernels.pointee.row_argmax(
                    batch.target, memory.factors, Int64(batch.vectors), Int64(batch.width))
                isAmongTop(k, memory.factors, batch, memory)
            }
        },
        Kind(
            name: "sparse_top_k_categorical_accuracy", className: "SparseTopKCategoricalAccuracy"
        ) { (options) throws(SNNError) in
            try options.expectClasses("top_k_categorical_accuracy")
            let k = try rank(&options)
            try options.configuration.refuse(
                "from_sorted_ids", unless: [false], because: "predictions are scores of classes")
            return MeanMetric { batch, memory in isAmongTop(k, batch.target, batch, memory) }
        },
    ]

    private static func rank(_ options: inout MetricOptions) throws(SNNError) -> Int {
        try options.configuration.integer("k", default: 5, in: 1 ... Int(Int32.max))
    }

    /// The share of a vector's numbers on the right side of the threshold.
    private static func binaryAccuracy(threshold: Float) -> MeanMetric {
        MeanMetric { batch, memory in
            shareOfRight(batch, memory) { $0 > threshold ? 1 : 0 }
        }
    }

    /// The share of a vector's numbers whose label is the target's.
    private static func shareOfRight(
        _ batch: LabelledBatch, _ memory: Loss.Memory, _ label: (Float) -> Float
    ) {
        for vector in 0 ..< batch.vectors {
            var right = 0
            let first = vector &* batch.width
            for index in first ..< first &+ batch.width
            where label(batch.prediction[index]) == batch.target[index] {
                right &+= 1
            }
            memory.values[vector] = Float(right) / Float(batch.width)
        }
    }

    /// Whether the largest prediction is at the target's class.
    @Sendable private static func sparseAccuracy(_ batch: LabelledBatch, _ memory: Loss.Memory) {
        batch.kernels.pointee.row_argmax(
            batch.prediction, memory.values, Int64(batch.vectors), Int64(batch.width))
        compare(batch.target, batch, memory)
    }

    /// Whether the largest prediction is where the target is largest.
    @Sendable private static func categoricalAccuracy(
        _ batch: LabelledBatch, _ memory: Loss.Memory
    ) {
        batch.kernels.pointee.row_argmax(
            batch.prediction, memory.values, Int64(batch.vectors), Int64(batch.width))
        batch.kernels.pointee.row_argmax(
            batch.target, memory.factors, Int64(batch.vectors), Int64(batch.width))
        compare(memory.factors, batch, memory)
    }

    private static func compare(
        _ expected: UnsafePointer<Float>, _ batch: LabelledBatch, _ memory: Loss.Memory
    ) {
        for vector in 0 ..< batch.vectors {
            memory.values[vector] = memory.values[vector] == expected[vector] ? 1 : 0
        }
    }

    /// Whether fewer than k predictions are larger than that of the class.
    private static func isAmongTop(
        _ k: Int, _ classes: UnsafePointer<Float>, _ batch: LabelledBatch, _ memory: Loss.Memory
    ) {
        for vector in 0 ..< batch.vectors {
            let scores = batch.prediction + vector &* batch.width
            let label = classes[vector]
            guard label >= 0, label < Float(batch.width) else {
                memory.values[vector] = 0
                continue
            }
            // A NaN is no large score.
            let score = scores[Int(label)].isNaN ? -.infinity : scores[Int(label)]
            var larger = 0
            for index in 0 ..< batch.width where scores[index] > score { larger &+= 1 }
            memory.values[vector] = larger < k ? 1 : 0
        }
    }
}
