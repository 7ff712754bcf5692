import SNNCheckpoint
import SNNCore
import SNNTestSupport
import SNNTraining
import SwiftNN
import Testing

/// What an optimizer keeps: through files, to the byte, and what a search for a rate leaves.
struct OptimizerStateTests {
    static let scheduled =
        "{class_name: 'CosineDecay', config: {initial_learning_rate: 0, decay_steps: 15, "
        + "warmup_target: 0.02, warmup_steps: 4}}"

    /// Every optimizer, and the rest in combinations.
    static let configurations: [(String, String)] =
        Optimizers.names.map { ($0, "") } + [
            ("SGD", "momentum: 0.9, use_ema: true, ema_momentum: 0.5"),
            ("RMSprop", "momentum: 0.5, centered: true, learning_rate: \(scheduled)"),
            ("Adam", "gradient_accumulation_steps: 4, use_ema: true, ema_overwrite_frequency: 2"),
            ("AdamW", "exclude_from_weight_decay: ['bias', 'norm/gamma'], amsgrad: true"),
            ("Nadam", "gradient_accumulation_steps: 3, learning_rate: \(scheduled)"),
            ("Adam", "learning_rate_factors: {stem: 0, kind: 0.5}, clipnorm: 0.5"),
            ("LBFGS", "line_search_fn: 'strong_wolfe', max_iter: 3, history_size: 2"),
            ("LBFGS", "max_iter: 2, use_ema: true"),
        ]

    private func trainer(_ name: String, _ config: String) throws -> Trainer {
        try Trainer(
            forkedModel(),
            options: """
                {optimizer: {class_name: '\(name)', config: {\(config)}},
                 loss: ['sparse_categorical_crossentropy', 'mse'], loss_weights: [1, 0.5]}
                """)
    }

    @Test(arguments: configurations.indices)
    func resumedIsNeverStopped(_ index: Int) throws {
        let (name, config) = Self.configurations[index]
        let data = try forkedData(rows: 37)
        let whole = try trainer(name, config)
        #expect(try !whole.fit(data, options: "{epochs: 4, batch_size: 8}"))
        let expected = try whole.bytes()
        // In an epoch, at its end, at the begin, and twice.
        for stops in [[9], [10], [1], [7, 14]] as [[Int64]] {
            var stopped = try trainer(name, config)
            for stop in stops {
                try stopped.fit(
                    data, "{epochs: 4, batch_size: 8, resume: \(stop != stops[0])}", until: stop)
                let image = try stopped.bytes()
                stopped = try Trainer.load(image)
                #expect(try stopped.bytes() == image)
            }
            _ = try stopped.fit(data, options: "{epochs: 4, batch_size: 8, resume: true}")
            #expect(try stopped.bytes() == expected, "\(name) {\(config)} stopped at \(stops)")
        }
    }

    @Test func averagesAreInTheModelAfterAFit() throws {
        let data = try regression(rows: 12)
        let options =
            "{loss: 'mse', optimizer: {class_name: 'SGD', config: {learning_rate: 0.1, "
            + "use_ema: true, ema_momentum: 0.75}}}"
        let averaging = try Trainer(smallModel(), options: options)
        let plain = try Trainer(
            smallModel(),
            options: "{loss: 'mse', optimizer: {class_name: 'SGD', config: {learning_rate: 0.1}}}")
        var expected: [Float] = []
        for step in 0 ..< 6 {
            _ = try plain.fit(data, options: "{epochs: \(step + 1), initial_epoch: \(step), batch_size: 12, shuffle: false}")
            let values = try plain.model.values("hidden/kernel")
            expected =
                step == 0 ? values : zip(expected, values).map { 0.75 * $0 + 0.25 * $1 }
        }
        _ = try averaging.fit(data, options: "{epochs: 6, batch_size: 12, shuffle: false}")
        let received = try averaging.model.values("hidden/kernel")
        #expect(Tolerance.goldenTraining.difference(received, expected) == nil)
    }

    @Test func aLayersOwnRate() throws {
        let data = try regression(rows: 12)
        func train(_ factors: String) throws -> Model {
            let trainer = try Trainer(
                smallModel(),
                options: "{loss: 'mse', optimizer: {class_name: 'SGD', config: {learning_rate: 0.5, "
                    + "learning_rate_factors: \(factors)}}}")
            _ = try trainer.trainOnBatch(data)
            return trainer.model
        }
        let start = try smallModel()
        let plain = try train("{}")
        let halved = try train("{hidden: 0.5}")
        let frozen = try train("{hidden: 0}")
        for name in ["hidden/kernel", "hidden/bias"] {
            let before = try start.values(name)
            #expect(try frozen.values(name) == before)
            let expected = zip(before, try plain.values(name)).map { ($0 + $1) / 2 }
            #expect(Tolerance.golden.difference(try halved.values(name), expected) == nil)
        }
        #expect(try frozen.values("y/kernel") == plain.values("y/kernel"))
        let error = failure { _ = try train("{hiden: 1}") }
        #expect(error.status == .configuration && error.message.contains("did you mean 'hidden'"))
    }

    @Test func namesThatTheModelDoesNotHave() throws {
        let error = failure {
            _ = try Trainer(
                smallModel(),
                options: "{loss: 'mse', optimizer: {class_name: 'AdamW', config: "
                    + "{exclude_from_weight_decay: ['hidden/kernl']}}}")
        }
        #expect(error.status == .configuration)
        #expect(error.message.contains("did you mean 'hidden/kernel'"))
    }

    @Test func aScheduleIsFollowed() throws {
        let data = try regression(rows: 8)
        let trainer = try Trainer(
            smallModel(),
            options: "{loss: 'mse', optimizer: {class_name: 'Adam', config: {learning_rate: "
                + "{class_name: 'PiecewiseConstantDecay', config: {boundaries: [1], "
                + "values: [0.5, 0.25]}}}}}")
        var rates: [Double] = []
        for _ in 0 ..< 4 {
            rates.append(try trainer.learningRate())
            _ = try trainer.trainOnBatch(data)
        }
        #expect(rates == [0.5, 0.5, 0.25, 0.25])
        let error = failure { try trainer.setLearningRate(0.1) }
        #expect(error.status == .state && error.message.contains("PiecewiseConstantDecay"))
    }

    // MARK: The search for a rate

    @Test(arguments: ["Adam", "Nadam"])
    func aSearchLeavesAllAsItWas(name: String) throws {
        let data = try forkedData(rows: 37)
        let searching = try trainer(name, "use_ema: true, gradient_accumulation_steps: 2")
        let plain = try trainer(name, "use_ema: true, gradient_accumulation_steps: 2")
        for one in [searching, plain] {
            try one.fit(data, "{epochs: 3, batch_size: 8}", until: 7)
        }
        let before = try searching.bytes()
        let text = try searching.findLearningRate(
            data.dataset, options: "{batch_size: 8, steps: 40}")
        #expect(try searching.bytes() == before)
        let found = try JSON.read(text)
        let rates = try #require(found["rates"]?.elements)
        #expect(rates.count > 10)
        #expect(found["losses"]?.elements?.count == rates.count)
        #expect(found["smoothed"]?.elements?.count == rates.count)
        for one in [searching, plain] {
            _ = try one.fit(data, options: "{epochs: 3, batch_size: 8, resume: true}")
        }
        #expect(try searching.bytes() == plain.bytes())
    }

    @Test func aSearchEndsWhereItIsTold() throws {
        let data = try forkedData(rows: 37)
        let trainer = try trainer("Adam", "")
        let before = try trainer.bytes()
        var told: [Int] = []
        var texts: [String] = []
        // The length, then the text.
        for isComplete in [false, true] {
            let isThrough = try trainer.findLearningRate(
                data.dataset, options: "{batch_size: 8, steps: 40}",
                onBatchEnd: { progress in
                    told.append(progress.batch)
                    return progress.batch == 4 ? .stop : .goOn
                }, { texts.append($0) }, isComplete: isComplete)
            #expect(!isThrough)
        }
        #expect(told == [0, 1, 2, 3, 4])
        #expect(texts[0] == texts[1])
        #expect(try JSON.read(texts[0])["losses"]?.elements?.count == 5)
        #expect(try trainer.bytes() == before)
    }

    @Test func aSearchFindsWhereTheLossFalls() throws {
        let x = testNumbers(256, seed: 3)
        let data = try dataset(array(x, [64, 4]), array((0 ..< 128).map { x[$0 * 2] }, [64, 2]))
        let trainer = try Trainer(smallModel(), options: "{loss: 'mse', optimizer: 'sgd'}")
        let options = "{batch_size: 16, steps: 80, end: 1000, smoothing: 0.8}"
        let found = try JSON.read(trainer.findLearningRate(data.dataset, options: options))
        let rates = try #require(found["rates"]?.elements).compactMap { $0.doubleValue }
        // It ends where the loss grows, long before 1000.
        #expect(rates.count < 80 && abs(rates[0] / 1e-7 - 1) < 1e-12)
        let suggestion = try #require(found["suggestion"]?.doubleValue)
        #expect(suggestion > 1e-3 && suggestion < 10, "\(suggestion)")
        // Again the same.
        let again = try JSON.read(trainer.findLearningRate(data.dataset, options: options))
        #expect(again == found)
        // And after it the rate is that of the options.
        #expect(try trainer.learningRate() == 0.01)
    }

    @Test func aSearchRefusesWhatMakesNoSense() throws {
        let data = try regression(rows: 8)
        let trainer = try Trainer(smallModel(), options: "{loss: 'mse'}")
        for (options, part) in [
            ("{start: 0}", "'start' must be"), ("{start: 1, end: 0.5}", "'start' below 'end'"),
            ("{steps: 1}", "'steps' must be"), ("{smoothing: 1}", "'smoothing' must be"),
            ("{stop_factor: 0.5}", "'stop_factor' must be"), ("{begin: 1}", "unknown key"),
        ] {
            let error = failure {
                _ = try trainer.findLearningRate(data.dataset, options: options)
            }
            #expect(error.status == .configuration && error.message.contains(part), "\(error)")
        }
        let minimizing = try Trainer(smallModel(), options: "{loss: 'mse', optimizer: 'lbfgs'}")
        let error = failure { _ = try minimizing.findLearningRate(data.dataset) }
        #expect(error.status == .unsupported)

        // Of a first loss that is not finite it tells, and leaves no trace.
        let bad = try dataset(
            array([Float](repeating: .infinity, count: 16), [4, 4]),
            array([Float](repeating: 0, count: 8), [4, 2]))
        let before = try trainer.bytes()
        #expect(failure { _ = try trainer.findLearningRate(bad.dataset) }.status == .numeric)
        #expect(try trainer.bytes() == before)
        #expect(try trainer.learningRate() == 0.001)
    }

    // MARK: Transactions

    @Test func aSumOfGradientsThatIsNotFiniteChangesNothing() throws {
        let trainer = try Trainer(
            smallModel(),
            options: "{loss: 'mse', optimizer: {class_name: 'SGD', config: "
                + "{gradient_accumulation_steps: 2}}}")
        let good = try regression(rows: 8)
        _ = try trainer.trainOnBatch(good)
        let before = try trainer.bytes()
        let bad = try dataset(
            array([Float](repeating: .infinity, count: 16), [4, 4]),
            array([Float](repeating: 0, count: 8), [4, 2]))
        #expect(failure { _ = try trainer.trainOnBatch(bad) }.status == .numeric)
        #expect(try trainer.bytes() == before)
        _ = try trainer.trainOnBatch(good)
        #expect(try trainer.bytes() != before)
    }

    // MARK: Files

    /// Keras must open what is saved: without the keys that it does not have, or without a training.
    @Test func trainingConfigIsKerasOwn() throws {
        let data = try forkedData(rows: 8)
        for (name, config) in Self.configurations {
            let trainer = try trainer(name, config)
            _ = try trainer.trainOnBatch(data)
            let text = String(decoding: try trainer.bytes(), as: UTF8.self)
            #expect(text.contains("training_config") == (name != "LBFGS"), "\(name) \(config)")
        }
    }
}
