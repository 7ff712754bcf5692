import SNNCore
import SNNGraph

extension Metrics {
    /// Metrics of yes and no.
    static let decisions: [Kind] = [
        count("true_positives", "TruePositives") { $0.truePositives },
        count("true_negatives", "TrueNegatives") { $0.trueNegatives },
        count("false_positives", "FalsePositives", .down) { $0.falsePositives },
        count("false_negatives", "FalseNegatives", .down) { $0.falseNegatives },
        share("precision", "Precision") { $0.precision },
        share("recall", "Recall") { $0.recall },
        bounded(
            "sensitivity_at_specificity", "SensitivityAtSpecificity", bound: "specificity",
            { $0.recall }, where: { $0.specificity }),
        bounded(
            "specificity_at_sensitivity", "SpecificityAtSensitivity", bound: "sensitivity",
            { $0.specificity }, where: { $0.recall }),
        bounded(
            "precision_at_recall", "PrecisionAtRecall", bound: "recall",
            { $0.precision }, where: { $0.recall }),
        bounded(
            "recall_at_precision", "RecallAtPrecision", bound: "precision",
            { $0.recall }, where: { $0.precision }),
        Kind(name: "auc", className: "AUC") { (options) throws(SNNError) in
            try areaUnderCurve(&options)
        },
        Kind(name: "f1_score", className: "F1Score") { (options) throws(SNNError) in
            try fScore(&options, beta: 1)
        },
        Kind(name: "fbeta_score", className: "FBetaScore", aliases: ["f_beta_score"]) {
            (options) throws(SNNError) in
            try fScore(
                &options, beta: options.configuration.number("beta", default: 1, in: .positive))
        },
    ]

    private typealias Number = @Sendable (ConfusionCounts.Point) -> Double

    private static func count(
        _ name: String, _ className: String, _ direction: MetricDirection = .up,
        _ number: @escaping Number
    ) -> Kind {
        Kind(name: name, className: className, direction: direction) {
            (options) throws(SNNError) in
            try options.expectNumbers()
            let (thresholds, places) = try options.thresholds(default: 0.5)
            return ConfusionMetric(
                .init(thresholds: thresholds), .ofEach(number, places: places))
        }
    }

    private static func share(
        _ name: String, _ className: String, _ number: @escaping Number
    ) -> Kind {
        Kind(name: name, className: className) { (options) throws(SNNError) in
            try options.expectNumbers()
            let topK = try options.configuration.optionalInteger(
                "top_k", in: 1 ... options.output.last)
            // Keras's negative infinity: what is among the top k is a yes.
            let (thresholds, places) = try options.thresholds(
                default: topK == nil ? 0.5 : -1e10)
            let classID = try options.classID()
            return ConfusionMetric(
                .init(thresholds: thresholds, topK: topK, classID: classID),
                .ofEach(number, places: places))
        }
    }

    /// The best of one number where another reaches a bound.
    private static func bounded(
        _ name: String, _ className: String, bound: String, _ number: @escaping Number,
        where constrained: @escaping Number
    ) -> Kind {
        Kind(name: name, className: className) { (options) throws(SNNError) in
            try options.expectNumbers()
            let least = try options.configuration.number(bound, in: 0 ... 1)
            let count = try thresholdCount(&options, least: 1)
            let classID = try options.classID()
            return ConfusionMetric(
                .init(
                    thresholds: count == 1 ? .list([0.5]) : .even(count: count, isOpen: false),
                    classID: classID),
                .ofAll { $0.largest(number, where: constrained, isAtLeast: least) })
        }
    }

    private static func thresholdCount(
        _ options: inout MetricOptions, least: Int
    ) throws(SNNError) -> Int {
        // A float counts no further without gaps that matter.
        try options.configuration.integer("num_thresholds", default: 200, in: least ... 1 << 20)
    }

    private static func areaUnderCurve(
        _ options: inout MetricOptions
    ) throws(SNNError) -> ConfusionMetric {
        try options.expectNumbers()
        let count = try thresholdCount(&options, least: 2)
        let curve = try options.configuration.choice(
            "curve", default: "ROC", among: ["ROC", "PR", "PRGAIN", "roc", "pr", "prgain"])
        let summation = try options.configuration.choice(
            "summation_method", default: "interpolation",
            among: [
                "interpolation", "majoring", "minoring", "Interpolation", "Majoring", "Minoring",
            ])
        var made = ConfusionMetric.Options(thresholds: .even(count: count, isOpen: true))
        if let json = options.configuration.json("thresholds"), !json.isNull {
            made.thresholds = try inner(json, options.configuration)
        }
        made.fromLogits = try options.configuration.bool("from_logits", default: false)
        let width = options.output.last
        if try options.configuration.bool("multi_label", default: false) {
            try options.expectVectors()
            made.labels = width
            _ = try options.configuration.optionalInteger("num_labels", in: width ... width)
        } else {
            try options.configuration.refuse(
                "num_labels", unless: [.null], because: "it goes with multi_label")
        }
        if let json = options.configuration.json("label_weights"), !json.isNull {
            let weights = json.elements?.compactMap { $0.doubleValue } ?? []
            guard weights.count == width, json.elements?.count == width,
                weights.allSatisfy({ $0 >= 0 && $0.isFinite })
            else {
                throw options.configuration.mismatch(
                    "label_weights", "a list of \(width) numbers of at least 0", json)
            }
            made.labelWeights = weights
        }
        let area = AreaUnderCurve(
            curve: .init(rawValue: curve.uppercased()) ?? .roc,
            summation: .init(rawValue: summation.lowercased()) ?? .interpolation)
        return ConfusionMetric(made, .ofAll { area($0) })
    }

    /// Keras adds one below 0 and one above 1, and takes the short way where the list is even.
    private static func inner(
        _ json: JSON, _ configuration: Configuration
    ) throws(SNNError) -> ConfusionMetric.Thresholds {
        let numbers = json.elements?.compactMap { $0.doubleValue } ?? []
        guard !numbers.isEmpty, numbers.count == json.elements?.count, numbers.count <= 1 << 20,
            numbers.allSatisfy({ $0 >= 0 && $0 <= 1 })
        else {
            throw configuration.mismatch("thresholds", "a list of numbers from 0 to 1", json)
        }
        let sorted = sortedIndices(numbers.count) { numbers[$0] < numbers[$1] }.map { numbers[$0] }
        if MetricOptions.isEven([0] + sorted + [1]) {
            return .even(count: sorted.count + 2, isOpen: true)
        }
        return .list([-1e-7] + sorted.map { Float($0) } + [1 + 1e-7])
    }

    private static func fScore(
        _ options: inout MetricOptions, beta: Double
    ) throws(SNNError) -> FScoreMetric {
        try options.expectNumbers()
        try options.expectVectors()
        let isOfEach = options.configuration.json("average")?.isNull ?? true
        let average =
            isOfEach
            ? nil
            : try options.configuration.choice("average", among: ["micro", "macro", "weighted"])
        let threshold = try options.configuration.optionalNumber(
            "threshold", in: Double.leastNonzeroMagnitude ... 1)
        return FScoreMetric(
            classes: options.output.last, average: average.flatMap { .init(rawValue: $0) },
            beta: beta, threshold: threshold)
    }
}
