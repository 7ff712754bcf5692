import SNNCore
import SNNGraph
import SNNKernels
import SNNTestSupport
import SNNTraining
import Testing

/// Losses against Keras 3: `Golden/losses.json` and `Golden/loss_formulas.json`.
@Suite struct GoldenLossTests {
    private static let cases = Result {
        try Golden.cases("losses.json") + Golden.cases("loss_formulas.json")
    }

    @Test(arguments: try GoldenLossTests.cases.get().indices)
    func valuesReductionAndGradientAreThoseOfKeras(_ index: Int) throws {
        let golden = try GoldenLossTests.cases.get()[index]
        var first: LossRun.Outcome?
        for set in InstructionSet.supported {
            let outcome = try compare(golden, set)
            guard set != .base else { continue }
            if let first { #expect(outcome == first, "\(golden["name"]?.text ?? "") \(set)") }
            first = outcome
        }
    }

    private func compare(_ golden: JSON, _ set: InstructionSet) throws -> LossRun.Outcome {
        let run = try LossRun(golden)
        let what = "\(golden["name"]?.text ?? "") \(golden["config"]?.shortText ?? ""), \(set)"
        let alone = try run(set, wantsGradient: false)
        let outcome = try run(set)
        #expect(outcome.values == alone.values && outcome.loss == alone.loss, "\(what)")
        let expected = try #require(GoldenArray(golden["values"]))
        #expect(Tolerance.golden.difference(outcome.values, expected.values) == nil, "\(what)")
        let mean = try #require(golden["loss"]?.doubleValue)
        #expect(
            Tolerance.golden.accepts(Float(outcome.loss), mean), "\(what): \(outcome.loss), \(mean)")
        let slopes = try #require(GoldenArray(golden["gradient"]))
        // Keras's floats of up to 100 lose digits in Circle's exponents.
        let isLarge = golden["class_name"]?.text == "Circle"
        let rounding = isLarge ? 4e-6 * (slopes.values.map(\.magnitude).max() ?? 0) : 0
        for place in outcome.gradient.indices {
            #expect(
                slopes.accepts(outcome.gradient[place], at: place, kinks: golden["kinks"])
                    || (outcome.gradient[place] - slopes.values[place]).magnitude <= rounding,
                "\(what) at \(place): \(outcome.gradient[place]), \(slopes.values[place])")
        }
        return outcome
    }

    /// Every loss, weighted where it can be: each derivative against the difference of the losses on
    /// both sides, with its sign.
    @Test(arguments: try Golden.cases("loss_formulas.json").indices)
    func gradientsMatchFiniteDifferences(_ index: Int) throws {
        let golden = try Golden.cases("loss_formulas.json")[index]
        guard golden["name"]?.text?.contains("{") ?? false else { return }
        var run = try LossRun(golden)
        let (gradient, here) = try (run(.best).gradient, run(.best).loss)
        for place in gradient.indices.prefix(24) {
            let x = run.prediction[place]
            let step: Float = 0x1p-10
            run.prediction[place] = x + step
            let above = try run(.best, wantsGradient: false).loss
            run.prediction[place] = x - step
            let below = try run(.best, wantsGradient: false).loss
            run.prediction[place] = x
            // At a kink it may be that of either side.
            let slopes = [(above - here) / Double(step), (here - below) / Double(step)]
            let size = max(slopes[0].magnitude, here.magnitude * 0.1, 1)
            let range = slopes.min()! - 0.01 * size ... slopes.max()! + 0.01 * size
            #expect(
                range.contains(Double(gradient[place])),
                "\(golden["name"]?.text ?? "") at \(place): \(gradient[place]), \(slopes)")
        }
    }

    @Test func threadsDoNotChangeBits() throws {
        for (name, config) in [
            ("Huber", "{}"), ("Hinge", "{}"), ("CosineSimilarity", "{}"), ("Dice", "{}"),
            ("CategoricalFocalCrossentropy", "{from_logits: true}"), ("Tversky", "{axis: [1]}"),
        ] {
            let (rows, width) = (3000, 40)
            var run = try LossRun(
                .keras(name, try JSON.read(config)), prediction: testNumbers(rows * width, seed: 1),
                target: testNumbers(rows * width, seed: 2).map(abs), rows: rows, shape: [width])
            let one = try run(.best)
            run.threads = 3
            #expect(try run(.best) == one, "\(name)")
        }
    }

    @Test func everyLossIsInTheFile() throws {
        let names = Set(try GoldenLossTests.cases.get().compactMap { $0["class_name"]?.text })
        #expect(names.count == 20)
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
            ("{class_name: 'BinaryCrossentropy', config: {reduction: 'none'}}", .unsupported,
                "one number for a batch"),
            ("{class_name: 'Huber', config: {delta: 0}}", .configuration, "greater than 0"),
            ("{class_name: 'Huber', config: {delta: -1}}", .configuration, "delta"),
            ("{class_name: 'Dice', config: {axis: 'batch'}}", .configuration, "axis"),
            ("{class_name: 'Tversky', config: {alpha: -1}}", .configuration, "alpha"),
            ("{class_name: 'BinaryFocalCrossentropy', config: {gamma: -1}}", .configuration, "gamma"),
            ("{class_name: 'Circle', config: {gamma: 0}}", .configuration, "gamma"),
            ("{class_name: 'CosineSimilarity', config: {axis: 1}}", .unsupported, "last axis"),
            ("'ctc'", .unsupported, "recurrent"),
            ("'crossentropy'", .unsupported, "say which"),
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
        for label: Float in [-1, 3, 0.5, .nan, .infinity, -0.5] {
            let run = try LossRun(
                "sparse_categorical_crossentropy", prediction: [1, 2, 3, 1, 2, 3],
                target: [0, label], rows: 2, shape: [3])
            let error = #expect(throws: SNNError.self) { try run(.best) }
            #expect(error?.status == .argument)
        }
        let loss = try #require(try Losses.make("sparse_categorical_crossentropy"))
        let output = try Shape([3])
        #expect(throws: SNNError.self) { try loss.checkTarget(Shape([3]), for: output) }
        try loss.checkTarget(Shape([1]), for: output)
        try loss.checkTarget(Shape([]), for: output)
    }

    @Test func aLossIsRefusedWhereItHasNoMeaning() throws {
        let cases = [
            ("'sparse_categorical_crossentropy'", [1], "at least 2 classes"),
            ("'circle'", [3, 4], "one vector a sample"),
            ("{class_name: 'Dice', config: {axis: [2]}}", [4], "axes from -2 to 1"),
            ("{class_name: 'Dice', config: {axis: -3}}", [4], "axes from -2 to 1"),
        ]
        for (text, shape, part) in cases {
            let loss = try #require(try Losses.make(JSON.read(text)))
            let error = #expect(throws: SNNError.self) { try loss.check(Shape(shape)) }
            #expect(error?.message.contains(part) ?? false, "\(text): \(error?.message ?? "")")
        }
        // Values of the batch for each class belong to no sample.
        var run = try LossRun(
            .keras("Dice", .object(("axis", .array([0])))), prediction: [1, 0, 1, 0],
            target: [1, 0, 0, 1], rows: 2, shape: [2])
        run.weights = [1, 2]
        #expect(throws: SNNError.self) { try run(.best) }
    }
}
