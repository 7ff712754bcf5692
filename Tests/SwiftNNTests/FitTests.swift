import SNNCore
import SNNTestSupport
import SNNTraining
import SwiftNN
import Testing

/// What a callback was told.
private struct Told: Equatable {
    let epoch: Int
    let epochs: Int
    let batch: Int
    let batches: Int
    let step: Int64
    let names: [String]
    let values: [Double]

    init(_ progress: Progress) {
        epoch = progress.epoch
        epochs = progress.epochs
        batch = progress.batch
        batches = progress.batches
        step = progress.step
        names = progress.names
        values = Array(progress.values)
    }
}

struct FitTests {
    private func makeTrainer(
        _ options: String = "{loss: 'mse', metrics: ['mae']}"
    ) throws -> Trainer {
        try Trainer(smallModel(), options: options)
    }

    @Test func callbacksAreToldWhereTheTrainingStands() throws {
        let trainer = try makeTrainer()
        var batches: [Told] = []
        var epochs: [Told] = []
        let isStopped = try trainer.fit(
            regression(rows: 19), options: "{initial_epoch: 4, epochs: 6, batch_size: 8}",
            onBatchEnd: {
                batches.append(Told($0))
                return false
            },
            onEpochEnd: {
                epochs.append(Told($0))
                return false
            })
        #expect(!isStopped)
        #expect(batches.map(\.epoch) == [4, 4, 4, 5, 5, 5])
        #expect(batches.map(\.batch) == [0, 1, 2, 0, 1, 2])
        #expect(batches.map(\.step) == [1, 2, 3, 4, 5, 6])
        #expect(batches.allSatisfy { $0.epochs == 6 && $0.batches == 3 })
        #expect(batches.allSatisfy { $0.names == ["loss", "mae"] })
        #expect(epochs.map(\.epoch) == [4, 5])
        // An epoch's values are those after its last batch, and they are the history.
        #expect(epochs.map(\.values) == [batches[2].values, batches[5].values])
        let history = try columns(trainer.history())
        #expect(history["loss"] == epochs.map { $0.values[0] })
        #expect(history["mae"] == epochs.map { $0.values[1] })
        #expect(history.count == 2)
        #expect(try trainer.position() == (6, 0, 6))
    }

    @Test func theValuesAreMeansOverTheSamplesSoFar() throws {
        // A learning rate of 0: the model stays, so evaluating parts gives the same numbers.
        let trainer = try makeTrainer(
            """
            {loss: 'mse', metrics: ['mae'],
             optimizer: {class_name: 'SGD', config: {learning_rate: 0}}}
            """)
        let x = testNumbers(19 * 4, seed: 1)
        let y = testNumbers(19 * 2, seed: 2)
        func part(_ rows: Int) throws -> Samples {
            try dataset(
                array(Array(x.prefix(rows * 4)), [rows, 4]),
                array(Array(y.prefix(rows * 2)), [rows, 2]))
        }
        var values: [[Double]] = []
        _ = try trainer.fit(
            part(19), options: "{batch_size: 8, shuffle: false}",
            onBatchEnd: {
                values.append(Array($0.values))
                return false
            })
        for (told, rows) in zip(values, [8, 16, 19]) {
            let expected = try trainer.evaluate(part(rows), options: "{batch_size: 5}")
            #expect(zip(told, expected).allSatisfy { abs($0 - $1) < 1e-6 })
        }
    }

    @Test(arguments: [1, 3, 4, 6])
    func aBatchCallbackStopsAfterItsBatch(step: Int64) throws {
        let trainer = try makeTrainer()
        #expect(try trainer.fit(regression(rows: 19), "{epochs: 2, batch_size: 8}", until: step))
        let epoch = Int(step - 1) / 3
        #expect(try trainer.position() == (epoch, Int(step) - 3 * epoch, step))
        #expect(try columns(trainer.history())["loss"]?.count ?? 0 == epoch)
    }

    @Test func anEpochCallbackStopsAfterItsEpoch() throws {
        let trainer = try makeTrainer()
        let isStopped = try trainer.fit(
            regression(rows: 19), options: "{epochs: 5, batch_size: 8}",
            onEpochEnd: { $0.epoch == 1 })
        #expect(isStopped)
        #expect(try trainer.position() == (2, 0, 6))
        #expect(try columns(trainer.history())["loss"]?.count == 2)
    }

    @Test(arguments: [
        "{epochs: 0}", "{epochs: 3, initial_epoch: 3}", "{epochs: 2, initial_epoch: 7}",
    ])
    func noEpochsTrainNothing(options: String) throws {
        let trainer = try makeTrainer()
        let before = try trainer.model.bytes()
        let isStopped = try trainer.fit(
            regression(rows: 19), options: options, onBatchEnd: { _ in true },
            onEpochEnd: { _ in true })
        #expect(!isStopped)
        #expect(try trainer.model.bytes() == before)
        #expect(try trainer.history() == "{}")
        #expect(try trainer.position().step == 0)
    }

    @Test func aBatchSizeOverTheDataIsOneBatchOfAll() throws {
        let data = try regression(rows: 7)
        let one = try makeTrainer()
        var batches = 0
        _ = try one.fit(
            data, options: "{epochs: 3, batch_size: 1000000000}",
            onBatchEnd: {
                batches = $0.batches
                return false
            })
        #expect(batches == 1)
        let other = try makeTrainer()
        _ = try other.fit(data, options: "{epochs: 3, batch_size: 7}")
        #expect(try one.model.bytes() == other.model.bytes())
    }

    @Test func aShortLastBatchIsAStepOfItsOwnRows() throws {
        let x = testNumbers(5 * 4, seed: 1)
        let y = testNumbers(5 * 2, seed: 2)
        func rows(_ range: Range<Int>) throws -> Samples {
            try dataset(
                array(Array(x[range.lowerBound * 4..<range.upperBound * 4]), [range.count, 4]),
                array(Array(y[range.lowerBound * 2..<range.upperBound * 2]), [range.count, 2]))
        }
        let fitted = try makeTrainer()
        _ = try fitted.fit(rows(0..<5), options: "{batch_size: 3, shuffle: false}")
        let stepped = try makeTrainer()
        _ = try stepped.trainOnBatch(rows(0..<3))
        _ = try stepped.trainOnBatch(rows(3..<5))
        #expect(try fitted.model.bytes() == stepped.model.bytes())
    }

    @Test func trainOnBatchGivesTheValuesBeforeTheStep() throws {
        let data = try regression(rows: 6)
        let trainer = try makeTrainer()
        let before = try trainer.evaluate(data)
        let given = try trainer.trainOnBatch(data)
        #expect(zip(given, before).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(try trainer.evaluate(data)[0] < before[0])
        #expect(try trainer.position() == (0, 0, 1))
    }

    @Test func stepsBetweenDoNotDisturbTheMeansOfAStoppedEpoch() throws {
        // With a rate of 0 the steps change nothing, so the means must be as without them.
        let options = "{loss: 'mse', optimizer: {class_name: 'SGD', config: {learning_rate: 0}}}"
        let data = try regression(rows: 19)
        let expected = try makeTrainer(options)
        _ = try expected.fit(data, options: "{batch_size: 8}")
        let trainer = try makeTrainer(options)
        try trainer.fit(data, "{batch_size: 8}", until: 2)
        _ = try trainer.trainOnBatch(regression(rows: 30, seed: 9))
        _ = try trainer.computeGradients(regression(rows: 30, seed: 9))
        _ = try trainer.evaluate(regression(rows: 30, seed: 9))
        _ = try trainer.fit(data, options: "{batch_size: 8, resume: true}")
        #expect(try trainer.history() == expected.history())
    }

    @Test func theLastShareValidatesBeforeShuffling() throws {
        let x = testNumbers(20 * 4, seed: 1)
        let y = testNumbers(20 * 2, seed: 2)
        let all = try dataset(array(x, [20, 4]), array(y, [20, 2]))
        let first = try dataset(
            array(Array(x.prefix(15 * 4)), [15, 4]), array(Array(y.prefix(15 * 2)), [15, 2]))
        let last = try dataset(
            array(Array(x.suffix(5 * 4)), [5, 4]), array(Array(y.suffix(5 * 2)), [5, 2]))

        let split = try makeTrainer()
        _ = try split.fit(
            all, options: "{epochs: 3, batch_size: 4, validation_split: 0.25}")
        let given = try makeTrainer()
        _ = try given.fit(first, validation: last, options: "{epochs: 3, batch_size: 4}")
        #expect(try split.model.bytes() == given.model.bytes())
        #expect(try split.history() == given.history())

        let history = try columns(split.history())
        #expect(Set(history.keys) == ["loss", "mae", "val_loss", "val_mae"])
        let value = try split.evaluate(last)
        #expect(abs(history["val_loss"]![2] - value[0]) < 1e-6)
        #expect(abs(history["val_mae"]![2] - value[1]) < 1e-6)
    }

    @Test func validationDataGoBeforeAValidationSplit() throws {
        let trainer = try makeTrainer()
        var batches = 0
        _ = try trainer.fit(
            regression(rows: 20), validation: regression(rows: 3, seed: 8),
            options: "{batch_size: 4, validation_split: 0.5, validation_batch_size: 2}",
            onBatchEnd: {
                batches = $0.batches
                return false
            })
        #expect(batches == 5)
        let told = try columns(trainer.history())["val_loss"]![0]
        #expect(abs(told - (try trainer.evaluate(regression(rows: 3, seed: 8))[0])) < 1e-6)
    }

    @Test func severalOutputsHaveLossesAndMetricsByName() throws {
        let trainer = try Trainer(forkedModel(), options: forkedTraining)
        let names = ["loss", "kind_loss", "amount_loss", "kind_accuracy", "amount_mae"]
        #expect(trainer.metricNames == names)
        _ = try trainer.fit(
            forkedData(rows: 20), validation: forkedData(rows: 10, seed: 2),
            options: "{epochs: 2, batch_size: 6}")
        let history = try columns(trainer.history())
        #expect(Set(history.keys) == Set(names + names.map { "val_" + $0 }))
        for epoch in 0..<2 {
            for prefix in ["", "val_"] {
                let sum = history[prefix + "kind_loss"]![epoch]
                    + 0.5 * history[prefix + "amount_loss"]![epoch]
                #expect(abs(history[prefix + "loss"]![epoch] - sum) < 1e-6)
            }
        }
    }

    @Test func outputsWithoutALossNeedNoTargets() throws {
        let trainer = try Trainer(forkedModel(), options: "{loss: [null, 'mse']}")
        #expect(trainer.metricNames == ["loss"])
        let data = try dataset(
            array(testNumbers(60, seed: 1), [10, 6]), array(testNumbers(10, seed: 2), [10, 1]))
        let kind = try trainer.model.values("kind/kernel")
        _ = try trainer.fit(data, options: "{epochs: 2}")
        #expect(try trainer.model.values("kind/kernel") == kind)
    }

    @Test func shufflingFollowsTheSeedAndChangesTheResult() throws {
        func bytes(_ options: String, seed: Int = 3) throws -> [Float] {
            let trainer = try Trainer(smallModel(seed: seed), options: "{loss: 'mse'}")
            _ = try trainer.fit(regression(rows: 19), options: options)
            return try trainer.model.values("y/kernel")
        }
        let shuffled = try bytes("{batch_size: 4}")
        #expect(try bytes("{batch_size: 4}") == shuffled)
        #expect(try bytes("{batch_size: 4, shuffle: false}") != shuffled)
        #expect(try bytes("{batch_size: 4}", seed: 4) != shuffled)
    }

    @Test func everyEpochHasAnOrderOfItsOwn() throws {
        // With a rate of 0 the loss of a batch of one tells which sample it was.
        let trainer = try makeTrainer(
            "{loss: 'mse', optimizer: {class_name: 'SGD', config: {learning_rate: 0}}}")
        var sums: [[Double]] = []
        let data = try regression(rows: 12)
        _ = try trainer.fit(
            data, options: "{epochs: 3, batch_size: 1}",
            onBatchEnd: {
                if $0.batch == 0 { sums.append([0]) }
                sums[$0.epoch].append($0.values[0] * Double($0.batch + 1))
                return false
            })
        let orders = sums.map { sums in
            zip(sums.dropFirst(), sums).map { (($0 - $1) * 1e6).rounded() }
        }
        #expect(Set(orders).count == 3)
        #expect(Set(orders.map { $0.sorted() }).count == 1)
        // A second fit goes on with other orders.
        _ = try trainer.fit(
            data, options: "{batch_size: 1}",
            onBatchEnd: {
                if $0.batch == 0 { sums.append([0]) }
                sums[3].append($0.values[0] * Double($0.batch + 1))
                return false
            })
        let fourth = zip(sums[3].dropFirst(), sums[3]).map { (($0 - $1) * 1e6).rounded() }
        #expect(!orders.contains(fourth))
    }

    @Test(arguments: [
        ("{epochs: -1}", Status.configuration), ("{batch_size: 0}", .configuration),
        ("{validation_split: 1}", .configuration), ("{validation_split: -0.1}", .configuration),
        ("{validation_split: 0.99}", .argument),
        ("{epoch: 1}", .configuration), ("{epochs: 1.5}", .configuration),
        ("{initial_epoch: -1}", .configuration), ("{epochs:", .configuration),
    ])
    func optionsOutOfRangeAreRefused(options: String, status: Status) throws {
        let trainer = try makeTrainer()
        let before = try trainer.bytes()
        let error = failure { _ = try trainer.fit(regression(rows: 19), options: options) }
        #expect(error.status == status)
        #expect(try trainer.bytes() == before)
    }

    @Test func dataThatDoNotFitTheModelAreRefused() throws {
        let trainer = try makeTrainer()
        let before = try trainer.bytes()
        let x = try array(testNumbers(12, seed: 1), [3, 4])
        let narrow = try array(testNumbers(9, seed: 1), [3, 3])
        let y = try array(testNumbers(6, seed: 1), [3, 2])
        let refused: [(Samples, String)] = [
            (try dataset(narrow, y), "input 'x': expected shape (None, 4), received (None, 3)"),
            (try dataset(x, narrow), "output 'y'"),
            (
                try Samples(inputs: [x, x], targets: [y], sampleWeights: nil),
                "expected 1 inputs, received 2"
            ),
            (
                try Samples(inputs: [x], targets: [y, y], sampleWeights: nil),
                "expected 1 targets, one for each output with a loss, received 2"
            ),
        ]
        for (data, text) in refused {
            for error in [
                failure { _ = try trainer.fit(data) },
                failure { _ = try trainer.fit(regression(rows: 3), validation: data) },
                failure { _ = try trainer.evaluate(data) },
                failure { _ = try trainer.trainOnBatch(data) },
                failure { _ = try trainer.computeGradients(data) },
            ] {
                #expect(error.status == .shape)
                #expect(error.message.contains(text))
            }
        }
        #expect(try trainer.bytes() == before)
    }

    @Test func arraysThatContradictEachOtherAreRefused() throws {
        let x = try array(testNumbers(12, seed: 1), [3, 4])
        let y = try array(testNumbers(8, seed: 1), [4, 2])
        #expect(failure { _ = try dataset(x, y) }.status == .shape)
        #expect(failure { _ = try dataset(x, x, weights: [1, 2]) }.status == .shape)
        #expect(
            failure { _ = try Samples(inputs: [x], targets: [x], sampleWeights: x) }.status
                == .shape)
        #expect(
            failure { _ = try Samples(inputs: [], targets: [x], sampleWeights: nil) }.status
                == .argument)
        #expect(failure { _ = try dataset(x, x, "{scale: 1e300}") }.status == .configuration)
    }

    @Test func classesOutOfRangeChangeNothing() throws {
        let model = try smallModel()
        let trainer = try Trainer(model, options: "{loss: 'sparse_categorical_crossentropy'}")
        let x = try array(testNumbers(12, seed: 1), [3, 4])
        let before = try trainer.bytes()
        for labels: [Int32] in [[0, 2, 1], [0, -1, 1]] {
            let error = failure { _ = try trainer.trainOnBatch(dataset(x, array(labels, [3]))) }
            #expect(error.status == .argument)
            #expect(error.message.contains("expected classes from 0 to 1"))
            #expect(try trainer.bytes() == before)
        }
        _ = try trainer.trainOnBatch(dataset(x, array([Int64(0), 1, 1], [3])))
    }
}
