import SNNCore
import SNNTestSupport
import Testing

@testable import SNNTraining

/// Schedules against Keras 3 (`Golden/schedules.json`) and PyTorch (`Golden/pytorch_training.json`).
@Suite struct ScheduleTests {
    @Test func ratesAreThoseOfKeras() throws {
        let document = try Golden.read("schedules.json")
        let steps = try integers(document["steps"])
        for golden in try #require(document["cases"]?.elements) {
            try compare(golden, steps)
            // All that Keras writes is read, and written so that it is read again.
            let written = try made(golden, config: golden["written"])
            let schedule = try made(golden, config: golden["config"])
            #expect(Schedules.json(written) == Schedules.json(schedule))
            let again = try Schedules.make(Schedules.json(schedule), of: "")
            #expect(Schedules.json(again) == Schedules.json(schedule))
            #expect(schedule.isKnownToKeras)
        }
    }

    @Test func ratesAreThoseOfPyTorch() throws {
        let document = try Golden.read("pytorch_training.json")
        let steps = try integers(document["steps"])
        for golden in try #require(document["schedules"]?.elements) {
            try compare(golden, steps)
            let schedule = try made(golden, config: golden["config"])
            #expect(!schedule.isKnownToKeras)
        }
    }

    private func integers(_ json: JSON?) throws -> [Int] {
        try #require(json?.elements).compactMap { $0.integerValue }
    }

    private func made(_ golden: JSON, config: JSON?) throws -> any Schedule {
        try Schedules.make(.keras(golden["class_name"]?.text ?? "", config ?? .null), of: "test")
    }

    private func compare(_ golden: JSON, _ steps: [Int]) throws {
        let schedule = try made(golden, config: golden["config"])
        let rates = try #require(golden["rates"]?.elements).compactMap { $0.doubleValue }
        #expect(rates.count == steps.count)
        for (step, rate) in zip(steps, rates) {
            let value = schedule.rate(after: Int64(step))
            #expect(
                abs(value - rate) <= 2e-7 + 1e-5 * rate,
                "\(schedule.className) \(golden["config"]?.shortText ?? "") at \(step): \(value) instead of \(rate)"
            )
        }
    }

    @Test func aRateIsFiniteFarOut() throws {
        for golden in try Golden.cases("schedules.json") {
            let json = JSON.keras(golden["class_name"]?.text ?? "", golden["config"] ?? .null)
            let optimizer = try Optimizers.make(
                .keras("SGD", .object(("learning_rate", json))))
            for step: Int64 in [1 << 40, 1 << 62, .max] {
                #expect(LearningRate.range.contains(optimizer.learningRate.rate(after: step)))
            }
        }
    }

    @Test func aScheduledRateCannotBeSet() throws {
        let optimizer = try Optimizers.make(
            JSON.read(
                "{class_name: 'SGD', config: {learning_rate: {class_name: 'ExponentialDecay', "
                    + "config: {initial_learning_rate: 1, decay_steps: 2, decay_rate: 0.5}}}}"))
        #expect(optimizer.learningRate.rate(after: 4) == 0.25)
        let error = #expect(throws: SNNError.self) { try optimizer.learningRate.set(0.1) }
        #expect(error?.status == .state)
        #expect(error?.message.contains("'ExponentialDecay'") ?? false)
        let plain = try Optimizers.make("sgd")
        try plain.learningRate.set(0.5)
        #expect(plain.learningRate.rate(after: 7) == 0.5)
    }

    @Test func whatAScheduleCannotBeIsRefused() throws {
        let cases = [
            ("{class_name: 'CosineDecoy', config: {}}", "did you mean 'CosineDecay'"),
            ("{class_name: 'CosineDecay', config: {decay_steps: 5}}", "'initial_learning_rate' is"),
            (
                "{class_name: 'CosineDecay', config: {initial_learning_rate: -1, decay_steps: 5}}",
                "'initial_learning_rate' must be"
            ),
            (
                "{class_name: 'CosineDecay', config: {initial_learning_rate: 1, decay_steps: 0}}",
                "'decay_steps' must be"
            ),
            (
                "{class_name: 'CosineDecay', config: {initial_learning_rate: 1, decay_steps: 2, alphaa: 0}}",
                "did you mean 'alpha'"
            ),
            (
                "{class_name: 'PiecewiseConstantDecay', config: {boundaries: [1, 2], values: [1, 2]}}",
                "one more of 'values'"
            ),
            (
                "{class_name: 'PiecewiseConstantDecay', config: {boundaries: [2, 1], values: [1, 2, 3]}}",
                "'boundaries' upward"
            ),
            (
                "{class_name: 'PiecewiseConstantDecay', config: {boundaries: [], values: [1]}}",
                "at least one"
            ),
            (
                "{class_name: 'PiecewiseConstantDecay', config: {boundaries: [1], values: [1, -1]}}",
                "'values' must be"
            ),
            ("{class_name: 'OneCycleLR', config: {max_lr: 1}}", "received neither"),
            ("{class_name: 'OneCycleLR', config: {max_lr: 1, epochs: 3}}", "'epochs' alone"),
            ("{class_name: 'OneCycleLR', config: {max_lr: 1, steps_per_epoch: 3}}",
                "'steps_per_epoch' alone"),
            (
                "{class_name: 'OneCycleLR', config: {max_lr: 1, total_steps: 9, cycle_momentum: true}}",
                "'cycle_momentum' must be"
            ),
            (
                "{class_name: 'OneCycleLR', config: {max_lr: 1, total_steps: 9, anneal_strategy: 'log'}}",
                "'anneal_strategy' must be"
            ),
            ("{class_name: 'LinearWarmup', config: {}}", "'learning_rate' is required"),
            (
                "{class_name: 'LinearWarmup', config: {learning_rate: 1, start_factor: 2}}",
                "'start_factor' must be"
            ),
        ]
        for (text, part) in cases {
            let error = #expect(throws: SNNError.self) {
                try Schedules.make(JSON.read(text), of: "test")
            }
            #expect(error?.message.contains(part) ?? false, "\(text): \(error?.message ?? "")")
        }
    }
}
