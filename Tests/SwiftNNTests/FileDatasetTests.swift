import Foundation
import SNNCheckpoint
import SNNCore
import SNNTestSupport
import SwiftNN
import Testing

/// Writes `x` [rows, 4] and `y` [rows, 2] in float32, `w` [rows], and `deep/pixels` [rows, 4] in
/// uint8.
func writeSamples(rows: Int, to path: String) throws {
    let writer = try HDF5Writer()
    try writer.writeFloats(testNumbers(rows * 4, seed: 1), shape: [rows, 4], at: "/x")
    try writer.writeFloats(testNumbers(rows * 2, seed: 2), shape: [rows, 2], at: "/y")
    try writer.writeFloats(testNumbers(rows, seed: 3), shape: [rows], at: "/w")
    try writer.writeBytes(pixels(rows: rows), shape: [rows, 4], at: "/deep/pixels")
    try Data(writer.finish().array).write(to: URL(filePath: path))
}

private func pixels(rows: Int) -> [UInt8] {
    testNumbers(rows * 4, seed: 4).map { UInt8(abs($0) * 255) }
}

struct FileDatasetTests {
    private let folder = TemporaryFolder()
    private var path: String { folder.file("samples.h5") }

    private func makeTrainer() throws -> Trainer {
        try Trainer(smallModel(), options: "{loss: 'mse', metrics: ['mae']}")
    }

    @Test func aFileCutMeanwhileIsAnErrorAndTheTrainingGoesOnWhenItIsWhole() throws {
        try writeSamples(rows: 64, to: path)
        let whole = folder.bytes("samples.h5")
        let data = try Dataset(path: path, options: "{block_rows: 8}")
        let expected = try makeTrainer()
        _ = try expected.fit(data, options: "{epochs: 3, batch_size: 4}")

        let trainer = try makeTrainer()
        let path = path
        let error = failure {
            _ = try trainer.fit(
                data, options: "{epochs: 3, batch_size: 4}",
                onBatchEnd: { progress in
                    if progress.step == 19 { truncate(path, 2000) }
                    return false
                })
        }
        #expect(error.status == .io)
        #expect(error.message.contains("samples.h5"))
        let position = try trainer.position()
        #expect(position.epoch >= 1 && position.step >= 19 && position.step < 48)
        // The model can be used.
        _ = try Session(trainer.model).predict([1, 2, 3, 4], rows: 1, outputs: 2)
        _ = try trainer.bytes()
        let again = failure {
            _ = try trainer.fit(data, options: "{epochs: 3, batch_size: 4, resume: true}")
        }
        #expect(again.status == .io)

        // In place: the data set has the file open.
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.write(contentsOf: Data(whole))
        try file.close()
        #expect(try !trainer.fit(data, options: "{epochs: 3, batch_size: 4, resume: true}"))
        #expect(try trainer.bytes() == expected.bytes())
    }

    @Test func aFileCutBeforeLeavesTheStoppedTrainingAsItWas() throws {
        try writeSamples(rows: 64, to: path)
        let data = try Dataset(path: path, options: "{block_rows: 8}")
        let trainer = try makeTrainer()
        try trainer.fit(data, "{epochs: 3, batch_size: 4}", until: 19)
        let before = try trainer.bytes()
        truncate(path, 0)
        // Neither way was anything done.
        for resumes in [true, false] {
            let error = failure {
                _ = try trainer.fit(data, options: "{epochs: 3, batch_size: 4, resume: \(resumes)}")
            }
            #expect(error.status == .io)
            #expect(try trainer.bytes() == before)
        }
    }

    @Test func uint8InputsAreScaled() throws {
        try writeSamples(rows: 20, to: path)
        let fromFile = try makeTrainer()
        _ = try fromFile.fit(
            Dataset(path: path, options: "{inputs: ['/deep/pixels'], targets: 'y', scale: 0.25}"),
            options: "{epochs: 2, batch_size: 6}")
        let floats = try makeTrainer()
        let same = try dataset(
            array(pixels(rows: 20).map { Float($0) * 0.25 }, [20, 4]),
            array(testNumbers(40, seed: 2), [20, 2]))
        _ = try floats.fit(same, options: "{epochs: 2, batch_size: 6}")
        #expect(try fromFile.bytes() == floats.bytes())
    }

    @Test func sampleWeightsComeFromTheFile() throws {
        try writeSamples(rows: 20, to: path)
        let fromFile = try makeTrainer()
        _ = try fromFile.fit(
            Dataset(path: path, options: "{sample_weight: 'w', block_rows: 7}"),
            options: "{shuffle: false}")
        let fromMemory = try makeTrainer()
        let same = try dataset(
            array(testNumbers(80, seed: 1), [20, 4]), array(testNumbers(40, seed: 2), [20, 2]),
            weights: testNumbers(20, seed: 3))
        _ = try fromMemory.fit(same, options: "{shuffle: false}")
        #expect(try fromFile.bytes() == fromMemory.bytes())
    }

    @Test func whatTheFileDoesNotHoldIsRefused() throws {
        try writeSamples(rows: 20, to: path)
        let path = path
        func error(_ options: String) -> SNNError {
            failure { _ = try Dataset(path: path, options: options) }
        }
        #expect(error("{inputs: ['nothing']}").message.contains("nothing"))
        #expect(error("{input: ['x']}").message.contains("did you mean 'inputs'?"))
        #expect(error("{inputs: []}").status == .configuration)
        #expect(error("{sample_weight: 'y'}").status == .shape)
        #expect(error("{block_rows: -1}").status == .configuration)
        #expect(failure { _ = try Dataset(path: folder.file("missing.h5")) }.status == .io)
        try Data("text".utf8).write(to: URL(filePath: folder.file("text")))
        #expect(failure { _ = try Dataset(path: folder.file("text")) }.status == .format)
    }
}
