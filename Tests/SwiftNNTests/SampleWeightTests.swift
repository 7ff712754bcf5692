import SNNCore
import SNNTestSupport
import SwiftNN
import Testing

/// Keras's `sum_over_batch_size`: the sum of weight times loss over the number of samples, those of
/// weight 0 included.
struct SampleWeightTests {
    private let x = testNumbers(6 * 4, seed: 1)
    private let y = testNumbers(6 * 2, seed: 2)

    private func data(_ rows: [Int], weights: [Float]? = nil) throws -> Samples {
        try dataset(
            array(rows.flatMap { x[$0 * 4..<$0 * 4 + 4] }, [rows.count, 4]),
            array(rows.flatMap { y[$0 * 2..<$0 * 2 + 2] }, [rows.count, 2]), weights: weights)
    }

    private func makeTrainer() throws -> Trainer {
        try Trainer(smallModel(), options: "{loss: 'mse', metrics: ['mae']}")
    }

    @Test func theLossIsTheWeightedSumOverTheNumberOfSamples() throws {
        let trainer = try makeTrainer()
        let losses = try (0..<6).map { try trainer.evaluate(data([$0]))[0] }
        let weights: [Float] = [0.5, 0, 2, 1, -1, 3.25]
        let expected = zip(losses, weights).reduce(0) { $0 + $1.0 * Double($1.1) } / 6
        let all = try data(Array(0..<6), weights: weights)
        #expect(abs(try trainer.evaluate(all)[0] - expected) < 1e-6)
        // In pieces too, and in training.
        #expect(abs(try trainer.evaluate(all, options: "{batch_size: 4}")[0] - expected) < 1e-6)
        #expect(abs(try trainer.computeGradients(all) - expected) < 1e-6)
    }

    @Test func metricsAreNotWeighted() throws {
        let trainer = try makeTrainer()
        let plain = try trainer.evaluate(data([0, 1, 2]))
        let weighted = try trainer.evaluate(data([0, 1, 2], weights: [0, 5, 2]))
        #expect(plain[1] == weighted[1])
        #expect(plain[0] != weighted[0])
    }

    @Test func aWeightOfZeroLeavesASampleOut() throws {
        // 2 / 4 is 1 / 2: the same factors, so the same gradients without the other two.
        let weighted = try makeTrainer()
        let few = try makeTrainer()
        let weightedLoss = try weighted.trainOnBatch(
            data([0, 1, 2, 3], weights: [2, 0, 2, 0]))[0]
        #expect(weightedLoss == (try few.trainOnBatch(data([0, 2]))[0]))
        for name in try weighted.model.variableNames() {
            #expect(try weighted.gradient(name) == few.gradient(name))
            #expect(try weighted.model.values(name) == few.model.values(name))
        }
    }

    @Test func weightsOfOneAreNoWeights() throws {
        let weighted = try makeTrainer()
        let plain = try makeTrainer()
        _ = try weighted.fit(
            data(Array(0..<6), weights: [Float](repeating: 1, count: 6)),
            options: "{epochs: 3, batch_size: 4}")
        _ = try plain.fit(data(Array(0..<6)), options: "{epochs: 3, batch_size: 4}")
        #expect(try weighted.model.bytes() == plain.model.bytes())
    }

    @Test func weightsFollowTheirSamplesThroughTheShuffle() throws {
        // Each sample's weight is in its input, too; with both 0 nothing is learned.
        let trainer = try makeTrainer()
        let before = try trainer.model.values("y/kernel")
        _ = try trainer.fit(
            data(Array(0..<6), weights: [Float](repeating: 0, count: 6)),
            options: "{epochs: 2, batch_size: 1}")
        #expect(try trainer.model.values("y/kernel") == before)

        // A shuffled epoch with one weight of 1 in batches of one sample is that sample's step.
        let sgd = "{loss: 'mse', optimizer: 'sgd'}"
        let shuffled = try Trainer(smallModel(), options: sgd)
        _ = try shuffled.fit(
            data(Array(0..<6), weights: [0, 0, 0, 1, 0, 0]), options: "{batch_size: 1}")
        let alone = try Trainer(smallModel(), options: sgd)
        _ = try alone.trainOnBatch(data([3]))
        #expect(try shuffled.model.values("y/kernel") == alone.model.values("y/kernel"))
        #expect(try shuffled.model.values("hidden/kernel") == alone.model.values("hidden/kernel"))
    }
}
