import SNNCore
import SNNTestSupport
import SwiftNN
import Testing

/// A step whose loss or gradient is not finite never happened.
struct NonFiniteStepTests {
    /// `forkedModel`'s samples, whose input can be changed; 20 rows.
    private struct Changing {
        let x = placed(testNumbers(20 * 6, seed: 5))
        let amounts = placed(testNumbers(20, seed: 6))
        let weights = placed([Float](repeating: 1, count: 20))
        let data: Samples

        init() throws {
            data = try Samples(
                inputs: [array(at: x, [20, 6])],
                targets: [
                    array((0..<20).map { UInt8($0 % 3) }, [20]), array(at: amounts, [20, 1]),
                ], sampleWeights: array(at: weights, [20]))
        }
    }

    private static let options = "{epochs: 3, batch_size: 5, shuffle: false}"
    private static let resuming = "{epochs: 3, batch_size: 5, shuffle: false, resume: true}"

    private func makeTrainer() throws -> Trainer {
        try Trainer(forkedModel(), options: forkedTraining)
    }

    enum Poison: CaseIterable, Sendable {
        case input, infiniteInput, target, infiniteTarget, weight
    }

    /// The second epoch's third batch is poisoned: everything, running means included, is as after
    /// its second; healed, the training ends as if nothing had been.
    @Test(arguments: Poison.allCases)
    func aFitEndsBeforeTheBatchAndGoesOnAfter(poison: Poison) throws {
        let samples = try Changing()
        let healthy = try makeTrainer()
        _ = try healthy.fit(samples.data, options: Self.options)
        let before = try makeTrainer()
        try before.fit(samples.data, Self.options, until: 6)

        let (place, value, text): (UnsafeMutablePointer<Float>, Float, String) =
            switch poison {
            case .input:
                (samples.x + 11 * 6, .nan, "input 'x' holds values that are not finite")
            case .infiniteInput:
                (samples.x + 14 * 6 + 5, .infinity, "input 'x' holds values that are not finite")
            case .target:
                (
                    samples.amounts + 12, .nan,
                    "the targets of output 'amount' hold values that are not finite"
                )
            case .infiniteTarget:
                (
                    samples.amounts + 12, -.infinity,
                    "the targets of output 'amount' hold values that are not finite"
                )
            case .weight:
                (samples.weights + 10, .nan, "the sample weights hold values that are not finite")
            }
        let good = place.pointee
        let trainer = try makeTrainer()
        let error = failure {
            _ = try trainer.fit(
                samples.data, options: Self.options,
                onBatchEnd: {
                    if $0.step == 6 { place.pointee = value }
                    return false
                })
        }
        #expect(error.status == .numeric)
        #expect(error.message.hasPrefix("step 6: the loss is "))
        #expect(error.message.contains(text))
        #expect(error.message.hasSuffix("; nothing was updated"))
        #expect(try trainer.bytes() == before.bytes())
        #expect(
            failure { _ = try trainer.fit(samples.data, options: Self.resuming) }.status
                == .numeric)
        #expect(try trainer.bytes() == before.bytes())

        place.pointee = good
        #expect(try !trainer.fit(samples.data, options: Self.resuming))
        #expect(try trainer.bytes() == healthy.bytes())
    }

    @Test func aBatchOfItsOwnChangesNothing() throws {
        let samples = try Changing()
        let trainer = try makeTrainer()
        try trainer.fit(samples.data, Self.options, until: 6)
        let before = try trainer.bytes()
        samples.x[3] = .nan
        #expect(failure { _ = try trainer.trainOnBatch(samples.data) }.status == .numeric)
        #expect(failure { _ = try trainer.computeGradients(samples.data) }.status == .numeric)
        #expect(try trainer.bytes() == before)
    }

    @Test func anOutputThatIsNotFiniteIsNamed() throws {
        let samples = try Changing()
        let trainer = try makeTrainer()
        var kernel = try trainer.model.values("amount/kernel")
        kernel[2] = .infinity
        try trainer.model.set("amount/kernel", kernel)
        let before = try trainer.bytes()
        let error = failure { _ = try trainer.fit(samples.data, options: Self.options) }
        #expect(error.status == .numeric)
        #expect(error.message.contains("the output of layer 'amount' is not finite"))
        #expect(try trainer.model.values("amount/kernel")[2] == .infinity)
        #expect(try trainer.position().step == 0)
        _ = before
    }

    /// The loss is finite, its gradient is not: 3e38 times 2e5.
    @Test(arguments: [
        "'sgd'", "'adam'", "{class_name: 'SGD', config: {clipnorm: 1, weight_decay: 0.1}}",
        "{class_name: 'AdamW', config: {global_clipnorm: 1}}",
        "{class_name: 'Adam', config: {clipvalue: 1}}",
    ])
    func anExplodingGradientIsNamed(optimizer: String) throws {
        let model = try smallModel()
        let trainer = try Trainer(model, options: "{loss: 'mse', optimizer: \(optimizer)}")
        _ = try trainer.fit(regression(rows: 9), options: "{epochs: 2, batch_size: 4}")
        try model.set("hidden/kernel", [Float](repeating: 0, count: 20))
        let before = try trainer.bytes()
        let huge = try dataset(
            array([3e38, 0, 0, 0] as [Float], [1, 4]), array([1e5, 1e5] as [Float], [1, 2]))
        let error = failure { _ = try trainer.trainOnBatch(huge) }
        #expect(error.status == .numeric)
        #expect(error.message.contains("the gradient of 'hidden/kernel' is not finite"))
        #expect(try trainer.bytes() == before)
        _ = try trainer.fit(regression(rows: 9), options: "{epochs: 2, batch_size: 4}")
        #expect(try trainer.model.values("y/kernel").allSatisfy(\.isFinite))
    }

    /// Finite numbers whose variance is not: the moving variance would never recover.
    @Test func aBatchVarianceThatOverflowsChangesNothing() throws {
        let samples = try Changing()
        let trainer = try makeTrainer()
        try trainer.fit(samples.data, Self.options, until: 6)
        let before = try trainer.bytes()
        for index in 0..<120 { samples.x[index] = index % 2 == 0 ? 1e25 : -1e24 * Float(index) }
        let error = failure { _ = try trainer.trainOnBatch(samples.data) }
        #expect(error.status == .numeric)
        #expect(try trainer.bytes() == before)
        #expect(try trainer.model.values("norm/moving_variance").allSatisfy(\.isFinite))
    }
}
