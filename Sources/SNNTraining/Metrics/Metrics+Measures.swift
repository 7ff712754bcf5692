import SNNCore
import SNNGraph
import SNNKernels

extension Metrics {
    /// Metrics of numbers that are no plain means of a loss.
    static let measures: [Kind] = [
        Kind(
            name: "root_mean_squared_error", className: "RootMeanSquaredError", direction: .down
        ) { (options) throws(SNNError) in
            try options.expectNumbers()
            return LossMetric(try loss("mean_squared_error"), .root)
        },
        Kind(
            name: "logcosh", className: "LogCoshError", aliases: ["log_cosh_error"], direction: .down
        ) { (options) throws(SNNError) in
            try options.expectNumbers()
            return LossMetric(try loss("log_cosh"))
        },
        Kind(name: "r2_score", className: "R2Score") { (options) throws(SNNError) in
            try options.expectNumbers()
            try options.expectVectors()
            let regressors = try options.configuration.integer(
                "num_regressors", default: 0, in: 0 ... Int(Int32.max))
            // null, and not the absence of the key, is for the score of each.
            let isOfEach =
                options.configuration.has("class_aggregation")
                && options.configuration.json("class_aggregation")?.isNull ?? false
            let aggregation =
                isOfEach
                ? nil
                : try options.configuration.choice(
                    "class_aggregation", default: "uniform_average",
                    among: ["uniform_average", "variance_weighted_average"])
            return R2Metric(
                classes: options.output.last,
                aggregation: aggregation.flatMap { .init(rawValue: $0) }, regressors: regressors)
        },
        Kind(name: "pearson_correlation", className: "PearsonCorrelation") {
            (options) throws(SNNError) in
            try options.expectNumbers()
            try options.lastAxis()
            return MeanMetric { batch, memory in
                correlate(batch, memory) { moments in
                    moments.covariance / (moments.targetVariance * moments.variance).squareRoot()
                }
            }
        },
        Kind(name: "concordance_correlation", className: "ConcordanceCorrelation") {
            (options) throws(SNNError) in
            try options.expectNumbers()
            try options.lastAxis()
            return MeanMetric { batch, memory in
                correlate(batch, memory) { moments in
                    2 * moments.covariance
                        / (moments.targetVariance + moments.variance
                            + moments.distance * moments.distance + 1e-7)
                }
            }
        },
    ]

    private static func loss(_ name: String) throws(SNNError) -> Loss {
        guard let loss = try Losses.make(.string(name)) else {
            throw SNNError(.internal, "no loss '\(name)'")
        }
        return loss
    }

    private struct Moments {
        var variance = 0.0
        var targetVariance = 0.0
        var covariance = 0.0
        /// Of the means.
        var distance = 0.0
    }

    /// A value of the moments of each vector and its target.
    private static func correlate(
        _ batch: LabelledBatch, _ memory: Loss.Memory, _ value: (Moments) -> Double
    ) {
        let width = Double(batch.width)
        for vector in 0 ..< batch.vectors {
            let x = batch.prediction + vector &* batch.width
            let target = batch.target + vector &* batch.width
            var (mean, targetMean) = (0.0, 0.0)
            for index in 0 ..< batch.width {
                mean += Double(x[index])
                targetMean += Double(target[index])
            }
            mean /= width
            targetMean /= width
            var moments = Moments()
            for index in 0 ..< batch.width {
                let (a, b) = (Double(x[index]) - mean, Double(target[index]) - targetMean)
                moments.variance += a * a / width
                moments.targetVariance += b * b / width
                moments.covariance += a * b / width
            }
            moments.distance = mean - targetMean
            memory.values[vector] = Float(value(moments))
        }
    }
}
