import SNNCore
import SNNTestSupport
import SwiftNN
import Testing

/// Steps on batches that the caller gives one by one.
struct SingleBatchTests {
    private let pixels: [UInt8] = (0..<24).map { UInt8($0 * 10) }
    private let labels: [UInt8] = [0, 1, 2, 0, 1, 2]

    private func model() throws -> Model {
        let model = try Model(options: "{class_name: 'Sequential', seed: 2}")
        try model.add("InputLayer", "{shape: [4]}")
        try model.add("Dense", "{units: 3, activation: 'softmax'}")
        return model
    }

    @Test func bytesAreScaledAsTheTrainerSays() throws {
        let scaled = try model()
        let bytes = try Trainer(
            scaled, options: "{loss: 'sparse_categorical_crossentropy', scale: 0.125}")
        let given = try model()
        let floats = try Trainer(given, options: "{loss: 'sparse_categorical_crossentropy'}")
        let targets = [try array(labels, [6])]
        for _ in 0..<3 {
            let fromBytes = try bytes.trainOnBatch(
                inputs: [array(pixels, [6, 4])], targets: targets)
            let fromFloats = try floats.trainOnBatch(
                inputs: [array(pixels.map { Float($0) * 0.125 }, [6, 4])], targets: targets)
            #expect(fromBytes == fromFloats)
        }
        #expect(try scaled.values("dense/kernel") == given.values("dense/kernel"))
    }

    @Test func aSmallerBatchAfterALargerOneUsesItsOwnRowsOnly() throws {
        let trained = try model()
        let trainer = try Trainer(trained, options: "{loss: 'sparse_categorical_crossentropy'}")
        let fresh = try model()
        let other = try Trainer(fresh, options: "{loss: 'sparse_categorical_crossentropy'}")
        let x = pixels.map { Float($0) / 240 }
        _ = try trainer.computeGradients(
            inputs: [array(x, [6, 4])], targets: [array(labels, [6])],
            sampleWeights: array([Float](repeating: 9, count: 6), [6]))
        let few = (inputs: [try array(Array(x[..<8]), [2, 4])], targets: [try array([UInt8(1), 2], [2])])
        #expect(
            try trainer.trainOnBatch(inputs: few.inputs, targets: few.targets)
                == other.trainOnBatch(inputs: few.inputs, targets: few.targets))
        #expect(try trained.values("dense/kernel") == fresh.values("dense/kernel"))
    }
}
