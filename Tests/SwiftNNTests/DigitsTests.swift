import Foundation
import SNNCheckpoint
import SNNCore
import SwiftNN
import Testing

/// The demo's task: a residual network learns handwritten digits.
struct DigitsTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Examples/data").path
    private static let file = folder + "/digits.h5"

    private static let trainingOptions =
        "{inputs: ['x_train'], targets: ['y_train'], scale: 0.0625}"
    private static let trainerOptions = """
        {optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy']}
        """

    /// The network of Examples/digits.c.
    private static func model(units: Int = 128) throws -> Model {
        let model = try Model(options: "{name: 'digits', seed: 1}")
        func denseAndNormalize(_ x: Int) throws -> Int {
            let y = try model.add("Dense", "{units: \(units), use_bias: false}", to: [x])
            return try model.add("BatchNormalization", to: [y])
        }
        func residualBlock(_ x: Int) throws -> Int {
            let y = try model.add("ReLU", to: [denseAndNormalize(x)])
            let sum = try model.add("Add", to: [x, denseAndNormalize(y)])
            return try model.add("ReLU", to: [sum])
        }
        var x = try model.add("InputLayer", "{shape: [8, 8]}")
        x = try model.add("Flatten", to: [x])
        x = try model.add("ReLU", to: [denseAndNormalize(x)])
        x = try residualBlock(residualBlock(x))
        x = try model.add("Dropout", "{rate: 0.3}", to: [x])
        try model.add("Dense", "{units: 10, activation: 'softmax'}", to: [x])
        return model
    }

    /// The bytes of a dataset in the file.
    private static func bytes(of name: String) throws -> [UInt8] {
        let file = try ReadableFile(FilePath(file))
        let extent = try HDF5Reader(onDisk: file).contiguousExtent(name)
        var bytes = [UInt8](repeating: 0, count: extent.shape.reduce(1, *))
        try bytes.withUnsafeMutableBytes {
            try file.read(into: $0.baseAddress!, count: $0.count, at: extent.offset)
        }
        return bytes
    }

    @Test func theResidualNetworkReads97Of100Digits() throws {
        let training = try Dataset(path: Self.file, options: Self.trainingOptions)
        let test = try Dataset(
            path: Self.file, options: "{inputs: ['x_test'], targets: ['y_test'], scale: 0.0625}")
        #expect(training.count == 1437)
        #expect(test.count == 360)
        let trainer = try Trainer(Self.model(), options: Self.trainerOptions)
        #expect(try !trainer.fit(training, options: "{epochs: 20, batch_size: 32}"))
        let accuracy = try trainer.evaluate(test)[1]
        #expect(accuracy >= 0.97)

        // The metric is what the predictions say.
        let pixels = try #require(FileManager.default.contents(
            atPath: Self.folder + "/digits_test.u8"))
        let session = try Session(trainer.model, options: "{scale: 0.0625}")
        let predicted = try session.predict([array(Array(pixels), [360, 8, 8])], outputs: [10])[0]
        let labels = try Self.bytes(of: "y_test")
        let right = labels.indices.filter { row in
            let digits = predicted[row * 10..<row * 10 + 10]
            return digits.firstIndex(of: digits.max()!)! - row * 10 == Int(labels[row])
        }
        #expect(Double(right.count) / 360 == accuracy)
    }

    @Test(arguments: [false, true])
    func theSameSamplesFromMemoryGiveTheSameBytes(shuffles: Bool) throws {
        let options = "{epochs: 2, batch_size: 32, shuffle: \(shuffles)}"
        let fromFile = try Trainer(Self.model(units: 16), options: Self.trainerOptions)
        _ = try fromFile.fit(
            Dataset(path: Self.file, options: Self.trainingOptions), options: options)

        let fromMemory = try Trainer(Self.model(units: 16), options: Self.trainerOptions)
        let samples = try dataset(
            array(Self.bytes(of: "x_train"), [1437, 8, 8]),
            array(Self.bytes(of: "y_train"), [1437]), "{scale: 0.0625}")
        _ = try fromMemory.fit(samples, options: options)
        #expect(try fromMemory.bytes() == fromFile.bytes())
    }

    @Test func blocksOfTheFileInOrderGiveTheSameBytesAsAllOfIt() throws {
        func bytes(_ blockRows: Int) throws -> [UInt8] {
            let trainer = try Trainer(Self.model(units: 16), options: Self.trainerOptions)
            let samples = try Dataset(
                path: Self.file,
                options: "{inputs: 'x_train', targets: 'y_train', block_rows: \(blockRows)}")
            _ = try trainer.fit(samples, options: "{epochs: 2, batch_size: 50, shuffle: false}")
            return try trainer.model.bytes()
        }
        let whole = try bytes(0)
        for blockRows in [1, 50, 77, 1436] { #expect(try bytes(blockRows) == whole) }
    }

    @Test func shuffledByBlocksItLearnsAndIsReproducible() throws {
        func trained() throws -> (bytes: [UInt8], accuracy: Double) {
            let trainer = try Trainer(Self.model(units: 32), options: Self.trainerOptions)
            let samples = try Dataset(
                path: Self.file,
                options: """
                    {inputs: 'x_train', targets: 'y_train', scale: 0.0625, block_rows: 100}
                    """)
            _ = try trainer.fit(samples, options: "{epochs: 10}")
            return try (trainer.bytes(), trainer.evaluate(samples)[1])
        }
        let first = try trained()
        #expect(first.accuracy > 0.95)
        #expect(try trained().bytes == first.bytes)
    }
}
