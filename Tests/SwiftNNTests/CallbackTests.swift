import Foundation
import SNNCore
import SNNTestSupport
import SNNTraining
import SwiftNN
import Testing

/// What the callbacks of a fit do; that they decide as Keras's do is shown in Tests/keras.
struct CallbackTests {
    private func makeTrainer(rate: Double = 0.01) throws -> Trainer {
        try Trainer(
            smallModel(), options: "{optimizer: {class_name: 'SGD', config: {learning_rate: \(rate)}}, loss: 'mse'}")
    }

    @Test func aValueThatIsNotReportedIsAnError() throws {
        let trainer = try makeTrainer()
        let data = try regression(rows: 20)
        let error = failure {
            _ = try trainer.fit(data, options: "{callbacks: ['EarlyStopping']}")
        }
        #expect(error.status == .configuration)
        #expect(error.message.contains("'val_loss'") && error.message.contains("'loss'"))
        #expect(error.message.contains("no validation data"))
        #expect(try trainer.position() == (0, 0, 0))
        let typo = failure {
            _ = try trainer.fit(
                data, options: "{callbacks: [{class_name: 'EarlyStoping'}]}")
        }
        #expect(typo.message.contains("did you mean 'EarlyStopping'?"))
    }

    @Test func earlyStoppingBringsTheBestWeightsBack() throws {
        // A rate at which the loss grows from the first epoch on.
        let trainer = try makeTrainer(rate: 2.5)
        let data = try regression(rows: 20)
        var first: [Float] = []
        var observer = FitObserver()
        observer.onEpochEnd = { progress in
            if progress.epoch == 0 { first = (try? trainer.model.values("y/kernel")) ?? [] }
            return .goOn
        }
        let end = try trainer.fit(
            data.dataset,
            options: """
                {epochs: 30, batch_size: 5, callbacks: [{class_name: 'EarlyStopping', config:
                {monitor: 'loss', patience: 2, restore_best_weights: true}}]}
                """, observer)
        let losses = try #require(columns(trainer.history())["loss"])
        let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
        #expect(end == .stopped)
        #expect(losses.count == best + 3)
        if best == 0 { #expect(try trainer.model.values("y/kernel") == first) }
    }

    @Test func whereTheyStandIsTold() throws {
        let trainer = try makeTrainer(rate: 2.5)
        #expect(try trainer.callbackStates() == "[]")
        _ = try trainer.fit(
            regression(rows: 20),
            options: """
                {epochs: 30, batch_size: 5, callbacks: ['TerminateOnNaN', {class_name:
                'EarlyStopping', config: {monitor: 'loss', patience: 2}}]}
                """)
        let states = try #require(JSON.read(trainer.callbackStates()).elements)
        let losses = try #require(columns(trainer.history())["loss"])
        let state = try #require(states.last?["state"])
        #expect(states.map { $0["class_name"]?.text } == ["TerminateOnNaN", "EarlyStopping"])
        #expect(state["best"]?.doubleValue == losses.min())
        #expect(state["stopped_epoch"]?.integerValue == losses.count - 1)
        #expect(state["best_epoch"]?.integerValue == losses.count - 3)
        #expect(state["wait"]?.integerValue == 2)
    }

    @Test func terminateOnNaNEndsWithTheWeightsBefore() throws {
        var numbers = testNumbers(20 * 4, seed: 1)
        numbers[11 * 4] = .nan
        let data = try dataset(
            array(numbers, [20, 4]), array(testNumbers(20 * 2, seed: 2), [20, 2]))
        let trainer = try makeTrainer()
        let options = "epochs: 3, batch_size: 5, shuffle: false"
        let end = try trainer.fit(
            data.dataset, options: "{\(options), callbacks: ['TerminateOnNaN']}", FitObserver())
        #expect(end == .stopped)
        #expect(try trainer.position() == (0, 2, 2))
        let losses = try #require(columns(trainer.history())["loss"])
        #expect(losses.count == 1 && losses[0].isNaN)

        let other = try makeTrainer()
        #expect(failure { _ = try other.fit(data, options: "{\(options)}") }.status == .numeric)
        #expect(try other.model.bytes() == trainer.model.bytes())
    }

    @Test func csvLoggerWritesRows() throws {
        let folder = TemporaryFolder()
        let trainer = try makeTrainer()
        let data = try regression(rows: 20)
        let callback = "[{class_name: 'CSVLogger', config: {filename: '\(folder.file("log.csv"))'}}]"
        _ = try trainer.fit(data, options: "{epochs: 2, callbacks: \(callback)}")
        let losses = try #require(columns(trainer.history())["loss"])
        #expect(
            String(decoding: folder.bytes("log.csv"), as: UTF8.self)
                == "epoch,loss,val_loss\r\n0,\(losses[0]),NA\r\n1,\(losses[1]),NA\r\n")
    }

    @Test func checkpointsAreNamedByTheirValues() throws {
        let folder = TemporaryFolder()
        let trainer = try makeTrainer()
        let data = try regression(rows: 20)
        func fit(_ config: String, epochs: Int = 2) throws {
            _ = try trainer.fit(
                data, validation: data,
                options: "{epochs: \(epochs), batch_size: 5, callbacks: [{class_name: "
                    + "'ModelCheckpoint', config: {\(config)}}]}")
        }
        try fit("filepath: '\(folder.path)/new/m-{epoch:03d}-{val_loss:.4f}.h5'")
        let losses = try #require(columns(trainer.history())["val_loss"])
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/new")
        #expect(
            files.sorted()
                == losses.enumerated().map {
                    "m-00\($0.offset + 1)-" + String(format: "%.4f", $0.element) + ".h5"
                })
        let last = try Model.load(from: folder.path + "/new/" + files.sorted()[1])
        #expect(try last.values("y/kernel") == trainer.model.values("y/kernel"))

        try fit(
            "filepath: '\(folder.path)/w{epoch}-{batch}.weights.h5', save_weights_only: true, save_freq: 3",
            epochs: 2)
        let weights = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix("w") }
        #expect(weights.sorted() == ["w1-3.weights.h5", "w2-2.weights.h5"])

        for (config, words) in [
            ("filepath: 'm.keras'", "'.h5'"), ("filepath: 'm-{val_los}.h5'", "'val_los'"),
            ("filepath: 'm-{epoch.h5'", "paired"), ("filepath: 'm-{loss:d}.h5'", "{loss:d}"),
            ("filepath: 'm.h5', save_freq: 0", "save_freq"), ("", "'filepath'"),
            ("filepath: 'm.h5', save_weights_only: true", ".weights.h5"),
        ] {
            #expect(failure { try fit(config) }.message.contains(words), "\(config)")
        }
    }

    @Test func theLearningRateFallsOnAPlateau() throws {
        let trainer = try makeTrainer(rate: 0.5)
        let data = try regression(rows: 20)
        _ = try trainer.fit(
            data,
            options: """
                {epochs: 6, batch_size: 5, callbacks: [{class_name: 'ReduceLROnPlateau', config:
                {monitor: 'loss', patience: 2, factor: 0.5, min_delta: 100, min_lr: 0.2}}]}
                """)
        #expect(
            try columns(trainer.history())["learning_rate"] == [0.5, 0.5, 0.5, 0.25, 0.25, 0.2])
        #expect(try trainer.learningRate() == 0.2)
    }

    @Test func theRateMayBeSetInACallback() throws {
        let trainer = try makeTrainer()
        var observer = FitObserver()
        observer.onEpochBegin = { progress in
            do {
                try trainer.setLearningRate(0.1 / Double(progress.epoch + 1))
            } catch {
                Issue.record("\(error)")
            }
            return .goOn
        }
        let data = try regression(rows: 20)
        #expect(try trainer.fit(data.dataset, options: "{epochs: 4}", observer) == .finished)
        #expect(try trainer.learningRate() == 0.025)
    }
}
