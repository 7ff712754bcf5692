import SNNCore
import SNNGraph

extension Metrics {
    /// Intersection over union of classes.
    static let intersections: [Kind] = [
        Kind(name: "io_u", className: "IoU") { (options) throws(SNNError) in
            try intersection(&options, choosesClasses: true, isOneHot: false)
        },
        Kind(name: "mean_io_u", className: "MeanIoU") { (options) throws(SNNError) in
            try intersection(&options, choosesClasses: false, isOneHot: false)
        },
        Kind(name: "one_hot_io_u", className: "OneHotIoU") { (options) throws(SNNError) in
            try intersection(&options, choosesClasses: true, isOneHot: true)
        },
        Kind(name: "one_hot_mean_io_u", className: "OneHotMeanIoU") { (options) throws(SNNError) in
            try intersection(&options, choosesClasses: false, isOneHot: true)
        },
        Kind(name: "binary_io_u", className: "BinaryIoU") { (options) throws(SNNError) in
            try options.expectNumbers()
            let chosen = try options.configuration.integers(
                "target_class_ids", default: [0, 1], count: 1 ... 2, in: 0 ... 1)
            let threshold = try options.configuration.number("threshold", default: 0.5)
            return IntersectionMetric(
                classes: 2, chosen: chosen, target: .number,
                prediction: .threshold(Float(threshold)),
                countsInIntegers: countsInIntegers(&options))
        },
    ]

    private static func intersection(
        _ options: inout MetricOptions, choosesClasses: Bool, isOneHot: Bool
    ) throws(SNNError) -> IntersectionMetric {
        // The sums are their square.
        let classes = try options.configuration.integer("num_classes", in: 1 ... 4096)
        let chosen =
            choosesClasses
            ? try options.configuration.integers(
                "target_class_ids", count: 1 ... classes, in: 0 ... classes - 1)
            : Array(0 ..< classes)
        let ignored = try options.configuration.optionalInteger(
            "ignore_class", in: Int(Int32.min) ... Int(Int32.max))
        let hasClasses =
            isOneHot ? false : try options.configuration.bool("sparse_y_true", default: true)
        let givesClasses = try options.configuration.bool("sparse_y_pred", default: !isOneHot)
        try options.lastAxis()
        switch (hasClasses, givesClasses) {
        case (true, false): try options.expectClasses()
        case (false, true):
            throw SNNError(
                .unsupported,
                "\(options.configuration.owner): one-hot targets and predictions that are class "
                    + "numbers have different shapes; a loss takes one")
        default: try options.expectNumbers()
        }
        return IntersectionMetric(
            classes: classes, chosen: chosen, ignoredClass: ignored,
            target: hasClasses ? .number : .largest,
            prediction: givesClasses ? .number : .largest,
            countsInIntegers: countsInIntegers(&options))
    }

    private static func countsInIntegers(_ options: inout MetricOptions) -> Bool {
        !(options.configuration.json("dtype")?.text?.hasPrefix("float") ?? false)
    }
}
