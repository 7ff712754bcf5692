import Foundation
import SNNCheckpoint
import SNNCore
import SNNTestSupport
import SwiftNN
import Testing

/// What is wrong, for the report of a child.
private struct Problem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

private func require(_ condition: Bool, _ text: @autoclosure () -> String) throws {
    if !condition { throw Problem(text()) }
}

/// Allocations that `operation` makes.
private func allocations(_ operation: () throws -> Void) rethrows -> Int {
    let before = Memory.usage.allocations
    try operation()
    return Memory.usage.allocations - before
}

/// Fails allocations of this process: only in a child.
nonisolated(unsafe) private var isChild = false

/// Fails each allocation of `operation` in turn: it must throw `.memory`. Then `check` looks at
/// what it worked on, which `prepare` makes.
private func failEach<Object>(
    _ name: String, on prepare: () throws -> Object, _ operation: (Object) throws -> Void,
    check: (Object) throws -> Void = { _ in }
) throws {
    let first = try prepare()
    let count = try allocations { try operation(first) }
    try require(count > 0, "\(name): takes no memory")
    guard isChild else { return }
    for number in 1...count {
        let object = try prepare()
        var status: Status?
        Memory.failAllocation(number)
        do {
            try operation(object)
        } catch let error as SNNError {
            status = error.status
        }
        Memory.failAllocation(0)
        try require(
            status == .memory, "\(name): allocation \(number) of \(count) gave \(status as Any)")
        try check(object)
    }
}

/// In children, because limit and hook are the process's.
@Suite(.serialized)
struct MemoryTests {
    private static let options = "{epochs: 2, batch_size: 8}"
    private static let resuming = "{epochs: 2, batch_size: 8, resume: true}"

    private static func makeTrainer() throws -> Trainer {
        try Trainer(forkedModel(), options: forkedTraining)
    }

    /// What a child says of `body`, which must give back all memory. Without failures it runs here
    /// first, so that the child finds the runtime's types made.
    private func report(_ body: () throws -> Void) throws -> String {
        try body()
        return reportOfChild {
            isChild = true
            let before = Memory.usage.bytes
            try body()
            let after = Memory.usage.bytes
            return after == before ? "" : "\(after - before) bytes were not given back"
        }
    }

    @Test func aModelThatCannotBeMadeCanBeLater() throws {
        try #expect(report {
            try failEach("model", on: { try forkedModel() }) { _ = try $0.variableCount } check: {
                try require($0.bytes() == forkedModel().bytes(), "another model")
            }
            try failEach("trainer", on: { try forkedModel() }) {
                _ = try Trainer($0, options: forkedTraining)
            } check: {
                _ = try Trainer($0, options: forkedTraining)
            }
            let json = try forkedModel().json()
            try failEach("json", on: {}) { _ = try Model(json: json) }
        } == "")
    }

    @Test func aPredictionThatFailsCanBeMadeAgain() throws {
        let model = try forkedModel()
        _ = try model.variableCount
        let input = try array(testNumbers(54, seed: 1).map { Double($0) }, [9, 6])
        let expected = try Session(model).predict([input], outputs: [3, 1])
        try #expect(report {
            try failEach("session", on: {}) { _ = try Session(model) }
            try failEach("predict", on: { try Session(model) }) {
                _ = try $0.predict([input], outputs: [3, 1])
            } check: {
                try require(
                    $0.predict([input], outputs: [3, 1]) == expected, "another prediction")
            }
        } == "")
    }

    @Test func aTrainingThatFailsGoesOn() throws {
        let data = try forkedData(rows: 20)
        let validation = try forkedData(rows: 7, seed: 9)
        let whole = try Self.makeTrainer()
        _ = try whole.fit(data, validation: validation, options: Self.options)
        let expected = try whole.bytes()
        try #expect(report {
            try failEach("fit", on: Self.makeTrainer) {
                _ = try $0.fit(data, validation: validation, options: Self.options)
            } check: {
                _ = try $0.fit(data, validation: validation, options: Self.resuming)
                try require($0.bytes() == expected, "the training ended otherwise")
            }
        } == "")
    }

    @Test func aTrainingFromAFileThatFailsGoesOn() throws {
        let folder = TemporaryFolder()
        let path = folder.file("samples.h5")
        try writeSamples(rows: 30, to: path)
        func makeTrainer() throws -> Trainer { try Trainer(smallModel(), options: "{loss: 'mse'}") }
        let whole = try makeTrainer()
        let options = "{block_rows: 8}"
        _ = try whole.fit(Dataset(path: path, options: options), options: Self.options)
        let expected = try whole.bytes()
        try #expect(report {
            try failEach("open", on: {}) { _ = try Dataset(path: path, options: options) }
            let data = try Dataset(path: path, options: options)
            try failEach("fit", on: makeTrainer) {
                _ = try $0.fit(data, options: Self.options)
            } check: {
                _ = try $0.fit(data, options: Self.resuming)
                try require($0.bytes() == expected, "the training ended otherwise")
            }
        } == "")
    }

    @Test func aFitThatCannotBeginLeavesTheStoppedOne() throws {
        let data = try forkedData(rows: 20)
        let larger = try forkedData(rows: 40)
        let makeStopped = {
            let trainer = try Self.makeTrainer()
            try trainer.fit(data, Self.options, until: 2)
            return trainer
        }
        let before = try makeStopped().bytes()
        let options = "{epochs: 1, batch_size: 40}"
        try #expect(report {
            try failEach("fit", on: makeStopped) {
                _ = try $0.fit(larger, options: options)
            } check: {
                try require($0.bytes() == before, "something was done")
            }
        } == "")
    }

    @Test func evaluationsAndGradientsThatFailCanBeMadeAgain() throws {
        let data = try forkedData(rows: 20)
        let fresh = try Self.makeTrainer()
        let loss = try fresh.computeGradients(data)
        let values = try fresh.evaluate(data)
        let state = try fresh.bytes()
        try #expect(report {
            try failEach("evaluate", on: Self.makeTrainer) {
                _ = try $0.evaluate(data)
            } check: {
                try require($0.bytes() == state && $0.evaluate(data) == values, "other values")
            }
            try failEach("computeGradients", on: Self.makeTrainer) {
                _ = try $0.computeGradients(data)
            } check: {
                try require($0.bytes() == state, "something changed")
                try require($0.computeGradients(data) == loss, "another loss")
            }
            try failEach("trainOnBatch", on: Self.makeTrainer) {
                _ = try $0.trainOnBatch(data)
            } check: {
                try require($0.bytes() == state, "something changed")
                _ = try $0.trainOnBatch(data)
            }
        } == "")
    }

    @Test func aSaveThatFailsLeavesTheFileAndTheTrainer() throws {
        let folder = TemporaryFolder()
        let path = folder.file("training.h5")
        let trainer = try Self.makeTrainer()
        _ = try trainer.fit(forkedData(rows: 20), options: Self.options)
        try trainer.save(to: path)
        let file = folder.bytes("training.h5")
        try #expect(report {
            try failEach("image", on: {}) { _ = try trainer.image() } check: {
                try require(trainer.bytes() == file, "other bytes")
            }
            try failEach("save", on: {}) { try trainer.save(to: path) } check: {
                try require(folder.bytes("training.h5") == file, "the file was touched")
            }
            try failEach("saveWeights", on: {}) {
                try trainer.model.saveWeights(to: folder.file("a.weights.h5"))
            }
        } == "")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(names).isSubset(of: [
            "training.h5", "training.h5.prev", "a.weights.h5", "a.weights.h5.prev",
        ]))
    }

    @Test func aLoadThatFailsChangesNothing() throws {
        let folder = TemporaryFolder()
        let path = folder.file("training.h5")
        let weights = folder.file("a.weights.h5")
        let trainer = try Self.makeTrainer()
        _ = try trainer.fit(forkedData(rows: 20), Self.options, until: 2)
        try trainer.save(to: path)
        try trainer.model.saveWeights(to: weights)
        let file = folder.bytes("training.h5")
        let freshBytes = try forkedModel(seed: 8).bytes()
        try #expect(report {
            try failEach("file", on: {}) { _ = try Trainer.load(from: path) }
            try failEach("memory", on: {}) { _ = try Trainer.load(file) }
            try failEach("model", on: {}) { _ = try Model.load(from: path) }
            let fresh = {
                let model = try forkedModel(seed: 8)
                _ = try model.variableCount
                return model
            }
            try failEach("loadWeights", on: fresh) {
                try $0.loadWeights(from: weights)
            } check: {
                try require($0.bytes() == freshBytes, "some weights changed")
                try $0.loadWeights(from: weights)
                try require(
                    $0.values("stem/kernel") == trainer.model.values("stem/kernel"),
                    "other weights")
            }
        } == "")
    }

    @Test func theLimitRefusesWhatPassesItAndLeavesTheRest() throws {
        let data = try forkedData(rows: 20)
        let whole = try Self.makeTrainer()
        _ = try whole.fit(data, options: Self.options)
        let expected = try whole.bytes()
        let text = reportOfChild {
            let trainer = try Self.makeTrainer()
            _ = try trainer.model.variableCount
            Memory.setLimit(Memory.usage.bytes + 100)
            let error = failure { _ = try trainer.fit(data, options: Self.options) }
            try require(error.status == .memory, "fit: \(error)")
            try require(error.message.contains("and the limit is"), error.message)
            try require(failure { _ = try Self.makeTrainer() }.status == .memory, "another model")
            try require(failure { _ = try trainer.bytes() }.status == .memory, "an image")
            try require(trainer.position() == (0, 0, 0), "the position")
            Memory.setLimit(0)
            _ = try trainer.fit(data, options: Self.options)
            try require(trainer.bytes() == expected, "the training ended otherwise")
            return ""
        }
        #expect(text == "")
    }

    /// After the first epoch of a training, and in predictions, no memory is taken.
    @Test func stepsAndPredictionsTakeNoMemory() throws {
        let data = try forkedData(rows: 37)
        let x = testNumbers(40, seed: 1)
        let text = reportOfChild {
            let trainer = try Self.makeTrainer()
            var counts: [Int] = []
            counts.reserveCapacity(100)
            _ = try trainer.fit(
                data, options: "{epochs: 3, batch_size: 8}",
                onBatchEnd: {
                    if $0.epoch > 0 { counts.append(Memory.usage.allocations) }
                    return false
                })
            try require(counts.count == 10, "batches: \(counts.count)")
            for epoch in 0..<2 {
                let during = Set(counts[epoch * 5..<epoch * 5 + 5])
                try require(during.count == 1, "steps took memory: \(counts)")
            }
            let model = try smallModel()
            let session = try Session(model, options: "{batch_capacity: 4}")
            let floats = try array(x, [10, 4])
            let integers = try array(x.map { Int32($0 * 100) }, [10, 4])
            _ = try session.predict([integers], outputs: [2])
            let taken = try allocations {
                for _ in 0..<3 {
                    _ = try session.predict(x, rows: 10, outputs: 2)
                    _ = try session.predict([floats], outputs: [2])
                    _ = try session.predict([integers], outputs: [2])
                }
            }
            try require(taken == 0, "predictions took memory \(taken) times")
            return ""
        }
        #expect(text == "")
    }
}
