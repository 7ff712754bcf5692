import SNNCore
import SNNGraph
import SNNKernels
import SNNTestSupport
import Testing

@testable import SNNTraining

/// Metrics against Keras 3: `Golden/metrics.json`, `Golden/metric_formulas.json` and, of several
/// numbers, `Golden/metric_vectors.json`.
@Suite struct GoldenMetricTests {
    private static let cases = Result {
        try Golden.cases("metrics.json") + Golden.cases("metric_formulas.json")
            + Golden.cases("metric_vectors.json")
    }

    @Test(arguments: try GoldenMetricTests.cases.get().indices)
    func runningResultsAreThoseOfKeras(_ index: Int) throws {
        let golden = try GoldenMetricTests.cases.get()[index]
        let description = JSON.object(
            ("class_name", golden["class_name"] ?? .null), ("config", golden["config"] ?? .null))
        for set in InstructionSet.supported {
            var run: MetricRun?
            for update in try #require(golden["updates"]?.elements) {
                let prediction = try #require(GoldenArray(update["y_pred"]))
                let target = try #require(GoldenArray(update["y_true"]))
                let weights = GoldenArray(update["sample_weight"])
                // A weight a vector is one for each row of as many.
                let isRow = weights.map { $0.values.count == prediction.rows } ?? true
                let rows = isRow ? prediction.rows : weights?.values.count ?? 0
                let shape = isRow ? prediction.sampleShape : [prediction.shape.last ?? 1]
                var next = try MetricRun(
                    Metrics.make(description, output: Shape(shape), loss: nil), Shape(shape))
                // What a resumed training has are the sums.
                if let run { next.sums = run.sums }
                try next.add(
                    prediction.values, target.values, weights?.values, rows: rows, set)
                let expected = try #require(update["result"])
                let results = (expected.elements ?? [expected]).compactMap(\.doubleValue)
                #expect(next.results.count == results.count, "\(description.shortText)")
                #expect(
                    zip(next.results, results).allSatisfy {
                        Tolerance.golden.accepts(Float($0), $1)
                    },
                    "\(description.shortText) \(set): \(next.results) instead of \(results)")
                run = next
            }
        }
    }

    @Test func everyMetricIsInTheFiles() throws {
        let names = Set(try GoldenMetricTests.cases.get().compactMap { $0["class_name"]?.text })
        #expect(names.count == 42)
    }

    /// What "accuracy" stands for.
    @Test(arguments: try #require(try Golden.read("metrics.json")["choices"]?.elements))
    func accuracyIsChosenAsInKeras(_ choice: JSON) throws {
        let (rows, target, prediction) = (
            8, choice["y_true"]?.elements?.compactMap(\.integerValue) ?? [],
            choice["y_pred"]?.elements?.compactMap(\.integerValue) ?? []
        )
        let output = try Shape(Array(prediction.dropFirst()))
        let takesClasses = output.last > 1 && (target.last == 1 || target.count < prediction.count)
        let loss = try Losses.make(
            takesClasses ? "sparse_categorical_crossentropy" : "categorical_crossentropy")
        let chosen = try Metrics.make("accuracy", output: output, loss: loss)
        let named = try Metrics.make(
            .keras(choice["class_name"]?.text ?? "", .null), output: output, loss: loss)
        let predictions = testNumbers(rows * output.count, seed: 3)
        let targets = testNumbers(predictions.count, seed: 4).map { ($0 * 2).rounded().magnitude }
        let values = try [chosen, named].map { metric in
            var run = try MetricRun(metric, Shape(Array(prediction.dropFirst())))
            try run.add(predictions, targets, nil, rows: rows, .best)
            return run.results
        }
        #expect(values[0] == values[1])
    }

    /// A metric that would read targets of another shape than the loss's is refused.
    @Test func metricAndLossMustExpectTheSameTargets() throws {
        let output = try Shape([4])
        let classes = try Losses.make("sparse_categorical_crossentropy")
        let vectors = try Losses.make("categorical_crossentropy")
        let cases: [(JSON, Loss?)] = [
            ("binary_accuracy", classes), ("categorical_accuracy", classes),
            ("sparse_categorical_accuracy", vectors), ("mse", classes),
            ("sparse_categorical_crossentropy", vectors), ("acuracy", vectors), (7, vectors),
            (.object(("class_name", "Accuracy")), classes),
            (.object(("class_name", "BinaryAccuracy"), ("config", .object(("treshold", 1)))), nil),
        ]
        for (json, loss) in cases {
            let error = #expect(throws: SNNError.self) {
                try Metrics.make(json, output: output, loss: loss)
            }
            #expect(error?.status == .configuration, "\(json.shortText)")
        }
    }

    @Test func whatAMetricCannotDoIsRefused() throws {
        let output = try Shape([4])
        let cases: [(String, Status, String)] = [
            ("{class_name: 'TopKCategoricalAccuracy', config: {k: 0}}", .configuration, "'k'"),
            ("{class_name: 'Precision', config: {thresholds: 1.5}}", .configuration, "from 0 to 1"),
            ("{class_name: 'Precision', config: {thresholds: [0.5, 2]}}", .configuration, "0 to 1"),
            ("{class_name: 'Recall', config: {thresholds: []}}", .configuration, "up to 4096"),
            ("{class_name: 'TruePositives', config: {thresholds: [[0.5]]}}", .configuration, "0 to 1"),
            ("{class_name: 'Precision', config: {top_k: 5}}", .configuration, "from 1 to 4"),
            ("{class_name: 'Precision', config: {class_id: 4}}", .configuration, "from 0 to 3"),
            ("{class_name: 'F1Score', config: {average: 'none'}}", .configuration, "'micro'"),
            ("{class_name: 'FBetaScore', config: {average: 'micro', beta: 0}}", .configuration,
                "beta"),
            ("{class_name: 'R2Score', config: {class_aggregation: 'raw_values'}}", .configuration,
                "class_aggregation"),
            ("{class_name: 'AUC', config: {curve: 'RAC'}}", .configuration, "curve"),
            ("{class_name: 'AUC', config: {num_thresholds: 1}}", .configuration, "num_thresholds"),
            ("{class_name: 'AUC', config: {label_weights: [1]}}", .configuration, "list of 4"),
            ("{class_name: 'AUC', config: {num_labels: 4}}", .unsupported, "multi_label"),
            ("{class_name: 'PrecisionAtRecall'}", .configuration, "'recall' is required"),
            ("{class_name: 'PrecisionAtRecall', config: {recall: 2}}", .configuration, "0 to 1"),
            ("{class_name: 'IoU', config: {num_classes: 3, target_class_ids: [3]}}", .configuration,
                "target_class_ids"),
            ("{class_name: 'OneHotMeanIoU', config: {num_classes: 3, sparse_y_pred: true}}",
                .unsupported, "different shapes"),
            ("{class_name: 'PearsonCorrelation', config: {axis: 0}}", .unsupported, "last axis"),
        ]
        for (text, status, part) in cases {
            let error = #expect(throws: SNNError.self) {
                try Metrics.make(JSON.read(text), output: output, loss: nil)
            }
            #expect(error?.status == status, "\(text): \(error?.message ?? "")")
            #expect(error?.message.contains(part) ?? false, "\(text): \(error?.message ?? "")")
        }
    }
}

/// A metric and its sums.
private struct MetricRun {
    let metric: Metric
    let shape: Shape
    var sums: [Double]

    init(_ metric: Metric, _ shape: Shape) {
        self.metric = metric
        self.shape = shape
        sums = [Double](repeating: 0, count: metric.formula.sumCount)
    }

    var results: [Double] {
        var results = [Double](repeating: .nan, count: metric.formula.resultCount)
        metric.formula.result(sums, &results)
        return results
    }

    mutating func add(
        _ prediction: [Float], _ target: [Float], _ weights: [Float]?, rows: Int,
        _ set: InstructionSet
    ) throws {
        let count = max(metric.formula.valueCount(rows: rows, shape: shape), 1)
        let values = try Buffer<Float>(count: count)
        let factors = try Buffer<Float>(count: count)
        let scratch = try Buffer<Double>(
            count: metric.formula.scratchCount(rows: rows, shape: shape))
        try prediction.withUnsafeBufferPointer { prediction in
            try target.withUnsafeBufferPointer { target in
                try (weights ?? []).withUnsafeBufferPointer { lent in
                    try metric.formula.add(
                        LabelledBatch(
                            prediction: prediction.baseAddress!, target: target.baseAddress!,
                            weights: weights == nil ? nil : lent.baseAddress, rows: rows,
                            shape: shape, kernels: set.kernels, workers: Workers(threads: 1)),
                        Loss.Memory(
                            values: values.pointer, factors: factors.pointer,
                            scratch: scratch.pointer), to: &sums)
                }
            }
        }
    }
}
