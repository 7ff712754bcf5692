import SNNCore
import SNNTestSupport
import SNNTraining
import SwiftNN
import Testing

/// Metrics of several numbers on their way through a training; the numbers are those of Keras in
/// Tests/SNNTrainingTests.
struct MetricVectorTests {
    private let metrics = """
        ['f1_score', {class_name: 'Precision', config: {thresholds: [0.75, 0.25, 0.5]}}, 'mae',
         {class_name: 'R2Score', config: {class_aggregation: null, name: 'r2'}}]
        """
    private let names =
        ["loss", "f1_score", "f1_score", "precision", "precision", "precision", "mae", "r2", "r2"]

    private func trainer(_ config: String = "learning_rate: 0.1") throws -> Trainer {
        try Trainer(
            smallModel(),
            options: "{loss: 'mse', metrics: \(metrics), "
                + "optimizer: {class_name: 'SGD', config: {\(config)}}}")
    }

    @Test func everyNumberHasTheNameOfItsMetric() throws {
        let trainer = try trainer()
        let data = try regression(rows: 20)
        #expect(trainer.metricNames == names)
        var told: [[String]] = []
        _ = try trainer.fit(
            data.dataset, validation: data.dataset, options: "{epochs: 2, batch_size: 8}",
            onEpochEnd: { progress in
                told.append(progress.names)
                return progress.values.count != progress.names.count
            })
        #expect(told == [[String]](repeating: names + names.map { "val_" + $0 }, count: 2))
        let history = try JSON.read(trainer.history())
        for (name, count) in [("f1_score", 2), ("precision", 3), ("val_r2", 2)] {
            let epochs = try #require(history[name]?.elements)
            #expect(epochs.count == 2 && epochs.allSatisfy { $0.elements?.count == count }, "\(name)")
        }
        #expect(history["val_mae"]?.elements?.allSatisfy { $0.doubleValue != nil } ?? false)
        // The validation is an evaluation.
        let values = try trainer.evaluate(data, options: "{batch_size: 8}")
        #expect(values.count == names.count)
        let shown = history["val_r2"]?.elements?[1].elements?.compactMap(\.doubleValue)
        #expect(shown == Array(values[7...]))
    }

    @Test func resumedIsNeverStopped() throws {
        let data = try regression(rows: 37)
        let whole = try trainer()
        _ = try whole.fit(data, options: "{epochs: 3, batch_size: 8}")
        var stopped = try trainer()
        for stop in [2, 7, 10] as [Int64] {
            try stopped.fit(data, "{epochs: 3, batch_size: 8, resume: \(stop > 2)}", until: stop)
            let image = try stopped.bytes()
            stopped = try Trainer.load(image)
            #expect(try stopped.bytes() == image)
        }
        _ = try stopped.fit(data, options: "{epochs: 3, batch_size: 8, resume: true}")
        #expect(try stopped.bytes() == whole.bytes())
        #expect(try stopped.history() == whole.history())
    }

    @Test func whatWantsOneNumberSaysHowToGetIt() throws {
        let trainer = try trainer()
        let data = try regression(rows: 20)
        for (callback, part) in [
            ("{class_name: 'EarlyStopping', config: {monitor: 'precision'}}", "which is 3"),
            ("{class_name: 'ReduceLROnPlateau', config: {monitor: 'f1_score'}}", "which is 2"),
            ("{class_name: 'ModelCheckpoint', config: {filepath: 'm-{r2:.2f}.h5'}}", "'r2'"),
        ] {
            let error = failure { _ = try trainer.fit(data, options: "{callbacks: [\(callback)]}") }
            #expect(error.status == .configuration)
            #expect(error.message.contains(part), "\(error.message)")
            #expect(error.message.contains("'average'"), "\(error.message)")
        }
        #expect(try trainer.position() == (0, 0, 0))
    }

    /// One number behind several is monitored in its own direction.
    @Test func directionsAreThoseOfTheirMetrics() throws {
        let trainer = try trainer("learning_rate: 0.05")
        let data = try regression(rows: 20)
        let options = """
            {epochs: 4, batch_size: 20, callbacks: [{class_name: 'EarlyStopping', config:
             {monitor: 'mae', patience: 1}}]}
            """
        #expect(try trainer.fit(data.dataset, options: options, FitObserver()) == .finished)
        let errors = try #require(columns(trainer.history())["mae"])
        #expect(errors.count == 4 && errors[3] < errors[0])
    }

    @Test func csvLoggerWritesThemAsKerasDoes() throws {
        let folder = TemporaryFolder()
        let trainer = try trainer()
        let callback = "[{class_name: 'CSVLogger', config: {filename: '\(folder.file("log.csv"))'}}]"
        _ = try trainer.fit(regression(rows: 20), options: "{epochs: 1, callbacks: \(callback)}")
        let rows = String(decoding: folder.bytes("log.csv"), as: UTF8.self).split(separator: "\r\n")
        let history = try JSON.read(trainer.history())
        let scores = try #require(history["f1_score"]?.elements?[0].elements)
            .compactMap { $0.doubleValue?.description }.joined(separator: ", ")
        #expect(
            rows[0] == "epoch,f1_score,loss,mae,precision,r2,val_f1_score,val_loss,val_mae,"
                + "val_precision,val_r2")
        #expect(rows[1].hasPrefix("0,\"\"\"[\(scores)]\"\"\","), "\(rows[1])")
    }
}
