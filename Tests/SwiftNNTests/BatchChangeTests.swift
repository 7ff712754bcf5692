import SNNCore
import SNNTestSupport
import SNNTraining
import SwiftNN
import Testing

/// Class weights and mixup.
struct BatchChangeTests {
    private func model() throws -> Model {
        let model = try Model(options: "{class_name: 'Sequential', seed: 3}")
        try model.add("InputLayer", "{shape: [4], name: 'x'}")
        try model.add("Dense", "{units: 3, activation: 'softmax', name: 'y'}")
        return model
    }

    private func trained(
        _ data: Samples, _ options: String, loss: String, threads: Int = 1
    ) throws -> [UInt8] {
        let trainer = try Trainer(model(), options: "{loss: '\(loss)', threads: \(threads)}")
        _ = try trainer.fit(data, options: options)
        return try trainer.model.bytes()
    }

    @Test func aClassCountsAsItsSamplesWould() throws {
        let rows = 30
        let labels = (0..<rows).map { ($0 * 7) % 3 }
        let own = (0..<rows).map { Float($0 % 4) / 2 }
        let x = try array(testNumbers(rows * 4, seed: 1), [rows, 4])
        let numbers = try array(labels.map { Int32($0) }, [rows])
        let oneHot = try array(
            labels.flatMap { label in (0..<3).map { Float($0 == label ? 1 : 0) } }, [rows, 3])
        let weights: [Float] = [2, 1, 0.25]
        let options = "{epochs: 2, batch_size: 7, class_weight: {'0': 2, '2': 0.25}}"
        for (target, loss) in [
            (numbers, "sparse_categorical_crossentropy"), (oneHot, "categorical_crossentropy"),
        ] {
            let expected = try dataset(x, target, weights: labels.map { weights[$0] })
            #expect(
                try trained(dataset(x, target), options, loss: loss)
                    == trained(expected, "{epochs: 2, batch_size: 7}", loss: loss))
            let both = try dataset(
                x, target, weights: zip(labels, own).map { weights[$0] * $1 })
            #expect(
                try trained(dataset(x, target, weights: own), options, loss: loss)
                    == trained(both, "{epochs: 2, batch_size: 7}", loss: loss))
        }
        for bad in ["[1]", "{'-1': 1}", "{a: 1}", "{'0': -1}", "{'0': NaN}", "{'99999999': 1}"] {
            let error = failure {
                _ = try trained(
                    dataset(x, oneHot), "{class_weight: \(bad)}", loss: "categorical_crossentropy")
            }
            #expect(error.status == .configuration && error.message.contains("class_weight"))
        }
    }

    @Test func mixupRefusesClassNumbers() throws {
        let data = try dataset(
            array(testNumbers(40, seed: 1), [10, 4]), array([Int32](repeating: 1, count: 10), [10]))
        let error = failure {
            _ = try trained(data, "{mixup: 0.2}", loss: "sparse_categorical_crossentropy")
        }
        #expect(error.status == .unsupported && error.message.contains("one-hot"))
    }

    @Test func mixupGivesTheSameBitsForAnyThreads() throws {
        let rows = 64
        let data = try dataset(
            array(testNumbers(rows * 4, seed: 1), [rows, 4]),
            array(testNumbers(rows * 3, seed: 2).map { abs($0) }, [rows, 3]))
        let options = "{epochs: 2, batch_size: 16, mixup: 0.4}"
        let one = try trained(data, options, loss: "mse")
        #expect(try trained(data, options, loss: "mse", threads: 4) == one)
        #expect(try trained(data, "{epochs: 2, batch_size: 16}", loss: "mse") != one)
    }

    /// Mean 1/2 and variance 1 / (4 (2 alpha + 1)) of Beta(alpha, alpha), and its symmetry.
    @Test(arguments: [0.05, 0.2, 0.5, 1, 2, 8])
    func lambdaIsOfItsDistribution(alpha: Double) {
        let count = 20000
        var values: [Double] = []
        for step in 0..<count {
            var draws = MixupDraws(seed: 7, step: Int64(step))
            values.append(draws.beta(alpha))
        }
        #expect(values.allSatisfy { $0 >= 0 && $0 <= 1 })
        let mean = values.reduce(0, +) / Double(count)
        let variance = values.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / Double(count)
        let expected = 1 / (4 * (2 * alpha + 1))
        #expect(abs(mean - 0.5) < 5 * (expected / Double(count)).squareRoot())
        #expect(abs(variance / expected - 1) < 0.05)
    }

    /// A model that learns nothing shows the mixed batch in its loss.
    @Test func mixupMixesPairs() throws {
        let rows = 8
        // The mean of each sample's own target does not change, its spread does.
        let data = try dataset(
            array([Float](repeating: 0, count: rows * 4), [rows, 4]),
            array((0..<rows).flatMap { row in (0..<3).map { _ in Float(row) } }, [rows, 3]))
        let model = try Model(options: "{class_name: 'Sequential', seed: 3}")
        try model.add("InputLayer", "{shape: [4], name: 'x'}")
        try model.add("Dense", "{units: 3, name: 'y', kernel_initializer: 'zeros'}")
        let trainer = try Trainer(
            model, options: "{loss: 'mae', optimizer: {class_name: 'SGD', config: {learning_rate: 0}}, metrics: ['mse']}")
        _ = try trainer.fit(data, options: "{epochs: 40, batch_size: 8, mixup: 1}")
        let history = try columns(trainer.history())
        let means = try #require(history["loss"])
        let squares = try #require(history["mse"])
        #expect(means.allSatisfy { abs($0 - 3.5) < 1e-5 })
        // Of 0 to 7 the mean square is 17.5, and the square of the mean 12.25.
        #expect(squares.allSatisfy { $0 > 12.25 - 1e-5 && $0 <= 17.5 + 1e-5 })
        #expect(squares.contains { $0 < 16 })
    }
}
