import SNNCheckpoint
import SNNCore
import SNNTestSupport
import SwiftNN
import Testing

/// A training that was stopped, saved, loaded and gone on with ends as one that was not.
struct ResumeTests {
    /// 37 samples in batches of 8: five a epoch, the last one short.
    private static let options = "{epochs: 3, batch_size: 8}"
    private static let resuming = "{epochs: 3, batch_size: 8, resume: true}"
    private static let steps: Int64 = 15

    private struct End: Equatable {
        let model: [UInt8]
        let trainer: [UInt8]
        let history: String

        init(_ trainer: Trainer) throws {
            model = try trainer.model.bytes()
            self.trainer = try trainer.bytes()
            history = try trainer.history()
        }
    }

    private func makeTrainer() throws -> Trainer {
        try Trainer(forkedModel(), options: forkedTraining)
    }

    private func uninterrupted(_ data: Samples) throws -> End {
        let trainer = try makeTrainer()
        #expect(try !trainer.fit(data, options: Self.options))
        #expect(try trainer.position() == (3, 0, Self.steps))
        return try End(trainer)
    }

    @Test func fromMemoryAtEveryBatch() throws {
        let data = try forkedData(rows: 37)
        let expected = try uninterrupted(data)
        for step in 1...Self.steps {
            let stopped = try makeTrainer()
            #expect(try stopped.fit(data, Self.options, until: step))
            #expect(try stopped.position().step == step)
            let image = try stopped.bytes()
            #expect(try stopped.bytes() == image)

            let loaded = try Trainer.load(image)
            #expect(try loaded.bytes() == image)
            #expect(try loaded.position() == stopped.position())
            #expect(try !loaded.fit(data, options: Self.resuming))
            #expect(try End(loaded) == expected, "stopped after step \(step)")
            // The one that was saved goes on as well.
            #expect(try !stopped.fit(data, options: Self.resuming))
            #expect(try End(stopped) == expected, "stopped after step \(step)")
        }
    }

    @Test func fromAFileAtEveryBatch() throws {
        let data = try forkedData(rows: 37)
        let expected = try uninterrupted(data)
        let folder = TemporaryFolder()
        let path = folder.file("training.h5")
        for step in 1...Self.steps {
            let stopped = try makeTrainer()
            try stopped.fit(data, Self.options, until: step)
            try stopped.save(to: path)
            #expect(try folder.bytes("training.h5") == stopped.bytes())
            let loaded = try Trainer.load(from: path)
            #expect(try !loaded.fit(data, options: Self.resuming))
            #expect(try End(loaded) == expected, "stopped after step \(step)")
        }
    }

    @Test func throughManyStops() throws {
        let data = try forkedData(rows: 37)
        let expected = try uninterrupted(data)
        var trainer = try makeTrainer()
        for step in 1...Self.steps {
            #expect(try trainer.fit(data, Self.resuming, until: step))
            trainer = try Trainer.load(trainer.bytes())
        }
        _ = try trainer.fit(data, options: Self.resuming)
        #expect(try End(trainer) == expected)
    }

    @Test func atTheEndOfAnEpoch() throws {
        let data = try forkedData(rows: 37)
        let expected = try uninterrupted(data)
        for epoch in 0..<3 {
            let stopped = try makeTrainer()
            let isStopped = try stopped.fit(
                data, options: Self.options, onEpochEnd: { $0.epoch == epoch })
            #expect(isStopped)
            #expect(try stopped.position() == (epoch + 1, 0, Int64(5 * (epoch + 1))))
            let loaded = try Trainer.load(stopped.bytes())
            _ = try loaded.fit(data, options: Self.resuming)
            #expect(try End(loaded) == expected, "stopped after epoch \(epoch)")
        }
    }

    @Test func withAValidationSplitAndTheLearningRateOfTheMoment() throws {
        let data = try forkedData(rows: 46)
        let options = "{epochs: 3, batch_size: 8, validation_split: 0.2, shuffle: false}"
        let resuming = String(options.dropLast()) + ", resume: true}"
        let whole = try makeTrainer()
        try whole.setLearningRate(0.0035)
        #expect(try !whole.fit(data, options: options))
        let expected = try End(whole)
        for step in [1, 4, 5, 6, 15] {
            let stopped = try makeTrainer()
            try stopped.setLearningRate(0.0035)
            try stopped.fit(data, options, until: Int64(step))
            let loaded = try Trainer.load(stopped.bytes())
            #expect(try loaded.learningRate() == 0.0035)
            _ = try loaded.fit(data, options: resuming)
            #expect(try End(loaded) == expected, "stopped after step \(step)")
        }
    }

    @Test func epochByEpochGivesTheSameAsOneFit() throws {
        let data = try forkedData(rows: 37)
        let expected = try uninterrupted(data)
        let trainer = try makeTrainer()
        for epoch in 0..<3 {
            _ = try trainer.fit(
                data, options: "{initial_epoch: \(epoch), epochs: \(epoch + 1), batch_size: 8}")
        }
        #expect(try End(trainer) == expected)
    }

    @Test func otherDataIsRefusedInTheMiddleOfAnEpoch() throws {
        let data = try forkedData(rows: 37)
        let stopped = try makeTrainer()
        try stopped.fit(data, Self.options, until: 7)
        let image = try stopped.bytes()
        func other(_ options: String?, _ labels: ArrayView) throws -> Samples {
            try Samples(
                inputs: [array(testNumbers(37 * 6, seed: 5), [37, 6])],
                targets: [labels, array(testNumbers(37, seed: 6), [37, 1])],
                sampleWeights: nil, options: options)
        }
        let labels = try array([UInt8](repeating: 0, count: 37), [37])
        let wideLabels = try array([Int32](repeating: 0, count: 37), [37])
        let refused: [(Samples, String)] = [
            (try forkedData(rows: 36), Self.resuming),
            (try other("{scale: 0.5}", labels), Self.resuming),
            (try other(nil, wideLabels), Self.resuming),
            (data, "{epochs: 3, batch_size: 9, resume: true}"),
            (data, "{epochs: 3, batch_size: 8, shuffle: false, resume: true}"),
            (data, "{epochs: 3, batch_size: 8, validation_split: 0.1, resume: true}"),
        ]
        for trainer in [stopped, try Trainer.load(image)] {
            for (other, options) in refused {
                let error = failure { _ = try trainer.fit(other, options: options) }
                #expect(error.status == .argument)
                #expect(error.message.hasPrefix("resume: the training was begun with batch_size 8"))
                #expect(try trainer.bytes() == image)
            }
        }
    }

    @Test func otherBlocksOfAFileAreRefused() throws {
        let folder = TemporaryFolder()
        let path = folder.file("samples.h5")
        try writeSamples(rows: 64, to: path)
        let data = try Dataset(path: path, options: "{block_rows: 10}")
        let stopped = try Trainer(smallModel(), options: "{loss: 'mse'}")
        try stopped.fit(data, "{epochs: 2, batch_size: 8}", until: 3)
        let other = try Dataset(path: path, options: "{block_rows: 20}")
        let error = failure {
            _ = try stopped.fit(other, options: "{epochs: 2, batch_size: 8, resume: true}")
        }
        #expect(error.status == .argument)
        #expect(try !stopped.fit(data, options: "{epochs: 2, batch_size: 8, resume: true}"))
    }

    @Test func aModelAloneHasNoTrainingState() throws {
        let bytes = try smallModel().bytes()
        let error = failure { _ = try Trainer.load(bytes) }
        #expect(error.status == .state)
        #expect(
            error.message == "expected a file with training state, received one of a model alone")
    }

    @Test func aHistoryThatIsNotFiniteGoesThroughTheFile() throws {
        let data = try regression(rows: 9)
        let infinite = try dataset(
            array([Float](repeating: .infinity, count: 8), [2, 4]),
            array([Float](repeating: .nan, count: 4), [2, 2]))
        let trainer = try Trainer(smallModel(), options: "{loss: 'mse'}")
        _ = try trainer.fit(data, validation: infinite)
        #expect(try columns(trainer.history())["val_loss"]!.allSatisfy { $0.isNaN })
        let loaded = try Trainer.load(trainer.bytes())
        #expect(try loaded.bytes() == trainer.bytes())
    }

    @Test func aFitThatDoesNotResumeBeginsAnew() throws {
        let data = try forkedData(rows: 37)
        let trainer = try makeTrainer()
        try trainer.fit(data, Self.options, until: 7)
        _ = try trainer.fit(data, options: "{epochs: 1, batch_size: 8}")
        #expect(try trainer.position() == (1, 0, 12))
    }
}
