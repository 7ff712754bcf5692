import SNNCore
import SNNTestSupport
import SNNTraining
import SwiftNN
import Testing

/// The averages of the weights that stand in the model for a while.
struct AverageTests {
    private func trainer() throws -> Trainer {
        try Trainer(
            smallModel(),
            options: "{loss: 'mse', optimizer: {class_name: 'SGD', config: {learning_rate: 0.1, "
                + "use_ema: true, ema_momentum: 0.75}}}")
    }

    /// Who looks at other weights after a fit and puts them back does not disturb what follows.
    @Test func weightsThatArePutBackAreThoseOfTheFit() throws {
        let data = try regression(rows: 24)
        let plain = try trainer()
        let touched = try trainer()
        let changed = try trainer()
        for one in [plain, touched, changed] {
            _ = try one.fit(data, options: "{epochs: 2, batch_size: 8}")
        }
        let kernel = try touched.model.values("hidden/kernel")
        try touched.model.set("hidden/kernel", kernel.map { $0 + 1 })
        _ = try touched.evaluate(data)
        try touched.model.set("hidden/kernel", kernel)
        #expect(try touched.bytes() == plain.bytes())
        try changed.model.set("hidden/kernel", kernel.map { $0 + 1 })
        for one in [plain, touched, changed] {
            _ = try one.fit(data, options: "{epochs: 4, batch_size: 8, resume: true}")
        }
        #expect(try touched.bytes() == plain.bytes())
        #expect(try changed.model.values("hidden/kernel") != plain.model.values("hidden/kernel"))
    }

    @Test func swapEMAWeightsNeedsAverages() throws {
        let trainer = try Trainer(smallModel(), options: "{loss: 'mse', optimizer: 'sgd'}")
        let error = failure {
            _ = try trainer.fit(
                regression(rows: 8), options: "{callbacks: ['SwapEMAWeights']}")
        }
        #expect(error.status == .configuration && error.message.contains("use_ema"))
    }

    /// The validation sees the averages and the training does not, however often it is paused.
    @Test(arguments: [false, true]) func swapEMAWeightsValidatesWithAverages(swaps: Bool) throws {
        let data = try regression(rows: 24)
        let callback = "{class_name: 'SwapEMAWeights', config: {swap_on_epoch: \(swaps)}}"
        let options = "epochs: 3, batch_size: 8, callbacks: [\(callback)]"
        let plain = try trainer()
        let swapping = try trainer()
        _ = try plain.fit(
            data, validation: data, options: "{epochs: 3, batch_size: 8}")
        var observer = FitObserver()
        var ends: [[Float]] = []
        observer.onEpochEnd = { _ in
            ends.append((try? swapping.model.values("hidden/kernel")) ?? [])
            return .goOn
        }
        _ = try swapping.fit(
            data.dataset, validation: data.dataset, options: "{\(options)}", observer)
        #expect(try swapping.model.bytes() == plain.model.bytes())
        #expect(try (ends[2] == plain.model.values("hidden/kernel")) == swaps)
        let losses = try #require(columns(swapping.history())["val_loss"])
        #expect(try losses[2] == swapping.evaluate(data, options: "{batch_size: 8}")[0])
        #expect(try losses != columns(plain.history())["val_loss"])

        var paused = try trainer()
        var observing = FitObserver()
        observing.onTestBatchEnd = { $0.batch == 1 ? .pause : .goOn }
        observing.onEpochEnd = { _ in .pause }
        var calls = 0
        var end = FitEnd.paused
        while end == .paused, calls < 20 {
            end = try paused.fit(
                data.dataset, validation: data.dataset,
                options: "{\(options), resume: \(calls > 0)}", observing)
            calls += 1
            paused = try Trainer.load(paused.bytes())
        }
        #expect(end == .finished && calls > 6)
        #expect(try paused.bytes() == swapping.bytes())
    }
}
