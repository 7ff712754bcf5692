import Foundation
import SNNCore
import SNNTestSupport
import SNNTraining
import SwiftNN
import Testing

/// A fit that pauses, is saved, loaded and gone on with ends with the same bytes as one that never
/// did, with all that its callbacks keep.
struct PauseTests {
    private struct End: Equatable {
        let trainer: [UInt8]
        let history: String
        let end: FitEnd
        let log: [UInt8]
    }

    /// 37 samples in batches of 8, five an epoch; every sixth batch validates.
    private func options(_ folder: TemporaryFolder, _ more: String = "") -> String {
        """
        {epochs: 4, batch_size: 8, validation_batch_size: 6, callbacks: [
          {class_name: 'EarlyStopping', config: {monitor: 'loss', patience: 2, min_delta: 100,
            restore_best_weights: true}},
          {class_name: 'ReduceLROnPlateau', config: {patience: 1, min_delta: 1, min_lr: 0.0001}},
          {class_name: 'CSVLogger', config: {filename: '\(folder.file("log.csv"))'}},
          {class_name: 'ModelCheckpoint', config: {filepath: '\(folder.file("best.h5"))',
            save_best_only: true}}]\(more)}
        """
    }

    private func makeTrainer(threads: Int = 1) throws -> Trainer {
        try Trainer(forkedModel(), options: String(forkedTraining.dropLast()) + ", threads: \(threads)}")
    }

    private func uninterrupted() throws -> End {
        let folder = TemporaryFolder()
        let trainer = try makeTrainer()
        let end = try trainer.fit(
            forkedData(rows: 37).dataset, validation: forkedData(rows: 20, seed: 8).dataset,
            options: options(folder), FitObserver())
        return try End(
            trainer: trainer.bytes(), history: trainer.history(), end: end,
            log: folder.bytes("log.csv"))
    }

    private func paused(by budget: String, expectedCalls: Int? = nil) throws -> End {
        let folder = TemporaryFolder()
        let data = try forkedData(rows: 37).dataset
        let validation = try forkedData(rows: 20, seed: 8).dataset
        var trainer = try makeTrainer()
        var calls = 0
        while true {
            calls += 1
            let end = try trainer.fit(
                data, validation: validation,
                options: options(folder, ", \(budget), resume: \(calls > 1)"), FitObserver())
            guard end == .paused, calls < 200 else {
                if let expectedCalls { #expect(calls == expectedCalls) }
                return try End(
                    trainer: trainer.bytes(), history: trainer.history(), end: end,
                    log: folder.bytes("log.csv"))
            }
            trainer = try Trainer.load(trainer.bytes())
        }
    }

    @Test func afterSoManySteps() throws {
        let expected = try uninterrupted()
        #expect(expected.end == .stopped)
        #expect(try paused(by: "max_steps: 1") == expected)
        #expect(try paused(by: "max_steps: 3") == expected)
        #expect(try paused(by: "max_epochs: 1") == expected)
    }

    /// A deadline that has passed gives one step or one batch of validation a call.
    @Test func atADeadline() throws {
        let expected = try uninterrupted()
        let epochs = try #require(columns(expected.history)["loss"]).count
        #expect(try paused(by: "max_milliseconds: 0", expectedCalls: epochs * 9) == expected)
    }

    @Test func anEndedFitKeepsNothingOfItsCallbacks() throws {
        let folder = TemporaryFolder()
        let trainer = try makeTrainer()
        let data = try forkedData(rows: 37)
        let end = try trainer.fit(
            data.dataset, validation: data.dataset, options: options(folder, ", max_steps: 2"),
            FitObserver())
        #expect(end == .paused)
        let error = failure {
            _ = try trainer.fit(data, options: "{epochs: 4, batch_size: 8, resume: true}")
        }
        #expect(error.status == .argument && error.message.contains("EarlyStopping"))
        // A new fit is not held up by it.
        #expect(try !trainer.fit(data, options: "{epochs: 1, batch_size: 8}"))
        #expect(try !trainer.fit(data, options: "{epochs: 2, batch_size: 8, resume: true}"))
    }

    /// The process is gone, the backup is there, and the same program runs again.
    @Test(arguments: ["'epoch'", "1", "2", "7"])
    func aBackupIsGoneOnWith(frequency: String) throws {
        func options(_ folder: TemporaryFolder, _ more: String = "") -> String {
            """
            {epochs: 4, batch_size: 8, callbacks: [
              {class_name: 'BackupAndRestore', config: {backup_dir: '\(folder.file("backup"))',
                save_freq: \(frequency)}},
              {class_name: 'EarlyStopping', config: {monitor: 'loss', patience: 2, min_delta: 100,
                restore_best_weights: true}},
              {class_name: 'CSVLogger', config: {filename: '\(folder.file("log.csv"))'}}]\(more)}
            """
        }
        let data = try forkedData(rows: 37).dataset
        func end(_ trainer: Trainer, _ folder: TemporaryFolder) throws -> End {
            let end = try trainer.fit(data, options: options(folder), FitObserver())
            #expect(!FileManager.default.fileExists(atPath: folder.file("backup")))
            return try End(
                trainer: trainer.bytes(), history: trainer.history(), end: end,
                log: folder.bytes("log.csv"))
        }
        let expected = try end(makeTrainer(), TemporaryFolder())
        for steps in [1, 2, 5, 6, 9, 11] {
            let folder = TemporaryFolder()
            _ = try makeTrainer().fit(data, options: options(folder, ", max_steps: \(steps)"), FitObserver())
            // Rows that the lost run wrote after its last backup are written anew.
            #expect(try end(makeTrainer(), folder) == expected, "lost after step \(steps)")
        }
    }

    @Test func aHostPausesAndStops() throws {
        let data = try forkedData(rows: 37)
        let expected = try makeTrainer()
        #expect(try !expected.fit(data, options: "{epochs: 2, batch_size: 8}"))
        let trainer = try makeTrainer()
        var observer = FitObserver()
        var told: [String] = []
        observer.onTrainBegin = { _ in told.append("train"); return .goOn }
        observer.onTrainEnd = { _ in told.append("end"); return .goOn }
        observer.onEpochBegin = { told.append("epoch \($0.epoch)"); return .goOn }
        observer.onBatchBegin = { told.append("batch \($0.batch)"); return .goOn }
        observer.onBatchEnd = { $0.step == 3 ? .pause : .goOn }
        observer.onEpochEnd = { told.append("ended \($0.isStopping)"); return .goOn }
        let options = "{epochs: 2, batch_size: 8, resume: true}"
        #expect(try trainer.fit(data.dataset, options: options, observer) == .paused)
        #expect(told == ["train", "epoch 0", "batch 0", "batch 1", "batch 2"])
        told = []
        #expect(try trainer.fit(data.dataset, options: options, observer) == .finished)
        #expect(
            told == ["train", "batch 3", "batch 4", "ended false", "epoch 1"]
                + (0..<5).map { "batch \($0)" } + ["ended true", "end"])
        #expect(try trainer.bytes() == expected.bytes())
    }

    @Test func validationOfSomeBatchesInSomeEpochs() throws {
        let data = try forkedData(rows: 37)
        let trainer = try makeTrainer()
        var seen = 0
        var observer = FitObserver()
        observer.onTestBatchEnd = { _ in seen += 1; return .goOn }
        _ = try trainer.fit(
            data.dataset, validation: data.dataset,
            options: "{epochs: 5, batch_size: 8, validation_steps: 2, validation_freq: 2}", observer)
        let history = try columns(trainer.history())
        #expect(history["loss"]?.count == 5 && history["val_loss"]?.count == 2 && seen == 4)
    }
}
