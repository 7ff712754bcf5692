import SNNCore
import SNNTestSupport
import SwiftNN
import Testing

/// The gradients that a caller reads, against finite differences of the loss that it reads. (Each
/// layer's own are tested with the layers.)
struct GradientTests {
    /// (loss at p + e·d - loss at p - e·d) / 2e for directions d, against gradient · d.
    private func compare(
        _ gradient: [Float], seed: UInt64, _ loss: (_ offset: [Float]) throws -> Double
    ) throws {
        for direction in 0..<4 {
            // One number alone, then all at once.
            var d = [Float](repeating: 0, count: gradient.count)
            if direction < 2 {
                d[(direction * 7 + Int(seed)) % d.count] = 1
            } else {
                d = testNumbers(d.count, seed: seed &+ UInt64(direction))
            }
            let e: Float = 1.0 / 128
            let difference = try loss(d.map { $0 * e }) - loss(d.map { -$0 * e })
            let expected = difference / Double(2 * e)
            let slope = zip(gradient, d).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            #expect(abs(slope - expected) < 2e-3 * max(1, abs(expected)), "direction \(direction)")
        }
    }

    /// Smooth, with batch normalization and dropout in training mode, two outputs, a shared layer.
    private func model() throws -> Model {
        let model = try Model(options: "{seed: 5}")
        let a = try model.add("InputLayer", "{shape: [2, 3], name: 'a'}")
        let b = try model.add("InputLayer", "{shape: [6], name: 'b'}")
        let flat = try model.add("Flatten", to: [a])
        let first = try model.add(
            "Dense", "{units: 4, activation: 'tanh', name: 'shared'}", to: [flat])
        let second = try model.call(layer: "shared", on: [b])
        var y = try model.add("Concatenate", to: [first, second])
        y = try model.add("BatchNormalization", "{name: 'norm'}", to: [y])
        y = try model.add("Dropout", "{rate: 0.2}", to: [y])
        let kind = try model.add(
            "Dense", "{units: 3, activation: 'softmax', name: 'kind'}", to: [y])
        let amount = try model.add(
            "Dense", "{units: 2, activation: 'gelu', name: 'amount'}", to: [y])
        try model.setOutputs([kind, amount])
        return model
    }

    private let rows = 7

    private func data(_ a: [Float], _ b: [Float]) throws -> Samples {
        try Samples(
            inputs: [array(a, [rows, 2, 3]), array(b, [rows, 6])],
            targets: [
                array((0..<rows).map { UInt8($0 % 3) }, [rows]),
                array(testNumbers(rows * 2, seed: 3), [rows, 2]),
            ],
            sampleWeights: array((0..<rows).map { 0.5 + Float($0) / 4 }, [rows]))
    }

    private static let options = """
        {loss: ['sparse_categorical_crossentropy', 'mse'], loss_weights: [1, 3]}
        """

    @Test func ofEveryVariable() throws {
        let model = try model()
        let trainer = try Trainer(model, options: Self.options)
        let data = try data(testNumbers(rows * 6, seed: 1), testNumbers(rows * 6, seed: 2))
        let before = try trainer.bytes()
        _ = try trainer.computeGradients(data)
        let names = try model.variableNames().filter { !$0.contains("moving") }
        let gradients = try names.map { try trainer.gradient($0) }
        for (name, gradient) in zip(names, gradients) {
            let values = try model.values(name)
            try compare(gradient, seed: UInt64(values.count)) { offset in
                try model.set(name, zip(values, offset).map { $0 + $1 })
                return try trainer.computeGradients(data)
            }
            try model.set(name, values)
        }
        // No step was done, and no statistic moved.
        #expect(try trainer.bytes() == before)
    }

    @Test func ofEveryInput() throws {
        let trainer = try Trainer(model(), options: Self.options)
        let inputs = [testNumbers(rows * 6, seed: 1), testNumbers(rows * 6, seed: 2)]
        _ = try trainer.computeGradients(data(inputs[0], inputs[1]))
        let gradients = try (0..<2).map { try trainer.inputGradient($0) }
        for index in 0..<2 {
            #expect(gradients[index].count == rows * 6)
            try compare(gradients[index], seed: UInt64(index)) { offset in
                var moved = inputs
                moved[index] = zip(moved[index], offset).map { $0 + $1 }
                return try trainer.computeGradients(data(moved[0], moved[1]))
            }
        }
    }

    @Test func ofTheLastStep() throws {
        let rate: Float = 0.125
        let trainer = try Trainer(
            smallModel(),
            options: """
                {loss: 'mse', optimizer: {class_name: 'SGD', config: {learning_rate: \(rate)}}}
                """)
        let before = try trainer.model.values("hidden/kernel")
        let data = try regression(rows: 6)
        _ = try trainer.trainOnBatch(data)
        let gradient = try trainer.gradient("hidden/kernel")
        let after = try trainer.model.values("hidden/kernel")
        for index in before.indices {
            #expect(abs(before[index] - rate * gradient[index] - after[index]) < 1e-6)
        }
        let first = try trainer.gradient("y/bias")
        _ = try trainer.fit(data)
        #expect(try trainer.gradient("y/bias") != first)
    }

    @Test func fewerRowsAfterMore() throws {
        let trainer = try Trainer(smallModel(), options: "{loss: 'mse'}")
        _ = try trainer.computeGradients(regression(rows: 9))
        let fresh = try Trainer(smallModel(), options: "{loss: 'mse'}")
        let few = try regression(rows: 2, seed: 4)
        #expect(try trainer.computeGradients(few) == fresh.computeGradients(few))
        #expect(try trainer.inputGradient(0) == fresh.inputGradient(0))
        #expect(try trainer.inputGradient(0).count == 8)
        #expect(try trainer.gradient("hidden/kernel") == fresh.gradient("hidden/kernel"))
    }

    @Test func withoutABatchThereAreNone() throws {
        let trainer = try Trainer(forkedModel(), options: forkedTraining)
        #expect(failure { _ = try trainer.gradient("stem/kernel") }.status == .state)
        #expect(failure { _ = try trainer.inputGradient(0) }.status == .state)
        _ = try trainer.trainOnBatch(forkedData(rows: 3))
        #expect(try trainer.gradient("stem/kernel").count == 48)
        // A step does not compute what nobody learns from.
        #expect(failure { _ = try trainer.inputGradient(0) }.status == .state)
        #expect(failure { _ = try trainer.gradient("norm/moving_mean") }.status == .argument)
        #expect(
            failure { _ = try trainer.gradient("stem/kernle") }.message
                == "the model has no variable 'stem/kernle'; did you mean 'stem/kernel'?")
        #expect(failure { _ = try trainer.inputGradient(1) }.status == .argument)
        #expect(failure { _ = try trainer.inputGradient(-1) }.status == .argument)
    }
}
