import SNNCore
import SNNGraph
import SNNKernels
import SNNTestSupport
import Testing

@testable import SNNTraining

/// Metrics against Keras 3: `Golden/metrics.json`.
@Suite struct GoldenMetricTests {
    @Test(arguments: try Golden.cases("metrics.json").indices)
    func runningMeansAreThoseOfKeras(_ index: Int) throws {
        let golden = try Golden.cases("metrics.json")[index]
        let description = JSON.object(
            ("class_name", golden["class_name"] ?? .null), ("config", golden["config"] ?? .null))
        for set in InstructionSet.supported {
            var sum = 0.0
            var weight = 0.0
            for update in try #require(golden["updates"]?.elements) {
                let prediction = try #require(GoldenArray(update["y_pred"]))
                let target = try #require(GoldenArray(update["y_true"]))
                let shape = try Shape(prediction.sampleShape)
                let metric = try Metrics.make(description, output: shape, loss: nil)
                let values = values(metric, prediction, target, set)
                let weights = GoldenArray(update["sample_weight"])?.values ?? values.map { _ in 1 }
                for (value, factor) in zip(values, weights) {
                    sum += Double(value) * Double(factor)
                    weight += Double(factor)
                }
                let result = try #require(update["result"]?.doubleValue)
                #expect(
                    Tolerance.golden.accepts(Float(sum / weight), result),
                    "\(description.shortText) \(set): \(sum / weight) instead of \(result)")
            }
        }
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
        let arrays = try (
            #require(array(predictions, prediction)), #require(array(targets, prediction))
        )
        #expect(
            values(chosen, arrays.0, arrays.1, .best) == values(named, arrays.0, arrays.1, .best))
    }

    private func array(_ values: [Float], _ shape: [Int]) -> GoldenArray? {
        GoldenArray(
            .object(
                ("shape", .array(shape.map { .integer(Int64($0)) })),
                ("data", .array(values.map { .number(Double($0)) }))))
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

    private func values(
        _ metric: Metric, _ prediction: GoldenArray, _ target: GoldenArray, _ set: InstructionSet
    ) -> [Float] {
        let width = prediction.shape.last ?? 1
        let vectors = prediction.values.count / width
        return written(vectors) { values in
            _ = written(2 * vectors) { scratch in
                withPointers(prediction.values, target.values) { prediction, target in
                    metric.values(
                        Metric.Batch(
                            prediction: prediction, target: target, values: values,
                            scratch: scratch, vectors: vectors, width: width,
                            kernels: set.kernels, workers: Workers(threads: 1)))
                }
            }
        }
    }

    private func withPointers(
        _ first: [Float], _ second: [Float],
        _ body: (UnsafePointer<Float>, UnsafePointer<Float>) -> Void
    ) { body(first, second) }
}
