import SNNCore
import SNNGraph
import SNNKernels
import SNNTestSupport
import SNNTraining
import Testing

/// Losses against Keras 3: `Golden/losses.json`.
@Suite struct GoldenLossTests {
    @Test(arguments: try Golden.cases("losses.json").indices)
    func valuesReductionAndGradientAreThoseOfKeras(_ index: Int) throws {
        let golden = try Golden.cases("losses.json")[index]
        for set in InstructionSet.supported { try compare(golden, set) }
    }

    private func compare(_ golden: JSON, _ set: InstructionSet) throws {
        let loss = try #require(
            try Losses.make(
                .object(
                    ("class_name", golden["class_name"] ?? .null),
                    ("config", golden["config"] ?? .null))))
        let prediction = try #require(GoldenArray(golden["y_pred"]))
        let target = try #require(GoldenArray(golden["y_true"]))
        let expected = try #require(GoldenArray(golden["values"]))
        let output = try Shape(prediction.sampleShape)
        try loss.checkTarget(Shape(target.sampleShape), for: output)
        try loss.checkClasses(target.values, count: target.values.count, output: output)

        let vectors = expected.values.count
        let width = output.last
        let workers = Workers(threads: 1)
        let values = written(vectors) {
            loss.values(
                prediction.values, target.values, into: $0, vectors: vectors, width: width,
                kernels: set.kernels, workers: workers)
        }
        let what = "\(golden["class_name"]?.text ?? "") \(golden["config"]?.shortText ?? ""), \(set)"
        #expect(Tolerance.golden.difference(values, expected.values) == nil, "\(what)")

        let weights = weights(golden, vectors: vectors)
        let sum = zip(values, weights).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let mean = try #require(golden["loss"]?.doubleValue)
        #expect(Tolerance.golden.accepts(Float(sum / Double(vectors)), mean), "\(what)")

        let factors = weights.map { Float(Double($0) / Double(vectors)) }
        var gradient: [Float] = []
        let sameValues = written(vectors) { values in
            gradient = written(prediction.values.count) {
                loss.valuesAndGradient(
                    prediction.values, target.values, factors: factors, into: values, $0,
                    vectors: vectors, width: width, kernels: set.kernels, workers: workers)
            }
        }
        #expect(sameValues == values, "\(what)")
        let slopes = try #require(GoldenArray(golden["gradient"]))
        for place in gradient.indices {
            #expect(
                slopes.accepts(gradient[place], at: place, kinks: golden["kinks"]),
                "\(what) at \(place): \(gradient[place]), \(slopes.values[place])")
        }
    }

    /// One for each vector; a weight a sample counts for all of its vectors.
    private func weights(_ golden: JSON, vectors: Int) -> [Float] {
        guard let weights = GoldenArray(golden["sample_weight"])?.values else {
            return [Float](repeating: 1, count: vectors)
        }
        let share = vectors / weights.count
        return (0 ..< vectors).map { weights[$0 / share] }
    }

    @Test func everyLossIsInTheFile() throws {
        let names = Set(try Golden.cases("losses.json").compactMap { $0["class_name"]?.text })
        #expect(names.count == 5)
        for name in names {
            let loss = try #require(try Losses.make(.string(name)))
            let again = try #require(try Losses.make(loss.json))
            #expect(again.name == loss.name && again.json == loss.json)
        }
    }

    @Test func whatALossCannotDoIsRefused() throws {
        #expect(try Losses.make(.null) == nil)
        let cases: [(String, Status, String)] = [
            ("'mean_square_error'", .configuration, "did you mean 'mean_squared_error'"),
            ("7", .configuration, "expected a name"),
            ("{class_name: 'BinaryCrossentropy', config: {reduction: 'sum'}}", .unsupported, "reduces in no other way"),
            ("{class_name: 'BinaryCrossentropy', config: {axis: 1}}", .unsupported, "last axis"),
            ("{class_name: 'BinaryCrossentropy', config: {label_smoothing: 2}}", .configuration,
                "label_smoothing"),
            ("{class_name: 'MeanSquaredError', config: {from_logits: true}}", .configuration,
                "from_logits"),
        ]
        for (text, status, part) in cases {
            let error = #expect(throws: SNNError.self) { try Losses.make(JSON.read(text)) }
            #expect(error?.status == status, "\(text): \(error?.message ?? "")")
            #expect(error?.message.contains(part) ?? false, "\(text): \(error?.message ?? "")")
        }
    }

    @Test func classesOutsideAreRefused() throws {
        let loss = try #require(try Losses.make("sparse_categorical_crossentropy"))
        let output = try Shape([3])
        for label: Float in [-1, 3, 0.5, .nan, .infinity, -0.5] {
            let error = #expect(throws: SNNError.self) {
                try loss.checkClasses([0, label], count: 2, output: output)
            }
            #expect(error?.status == .argument)
        }
        try loss.checkClasses([0, 2, 1], count: 3, output: output)
        #expect(throws: SNNError.self) { try loss.checkTarget(Shape([3]), for: output) }
        try loss.checkTarget(Shape([1]), for: output)
        try loss.checkTarget(Shape([]), for: output)
    }
}
