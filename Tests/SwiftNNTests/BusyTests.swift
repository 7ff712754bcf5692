import Dispatch
import Foundation
import SNNCore
import SNNTestSupport
import SNNTraining
import SwiftNN
import Synchronization
import Testing

/// Who comes at the wrong time is told so, and nobody waits.
struct BusyTests {
    /// The status that `body` throws on a thread of its own; nil when it throws none.
    private func statusOnAnotherThread(_ body: @escaping @Sendable () throws -> Void) -> Status? {
        let status = Mutex<Status?>(nil)
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            do {
                try body()
            } catch {
                status.withLock { $0 = (error as? SNNError)?.status ?? .internal }
            }
            done.signal()
        }
        done.wait()
        return status.withLock { $0 }
    }

    private func status(_ body: () throws -> Void) -> Status? {
        do {
            try body()
            return nil
        } catch {
            return (error as? SNNError)?.status ?? .internal
        }
    }

    @Test func sessionsOnFourThreadsPredictOnOneModel() throws {
        let model = try forkedModel()
        let x = testNumbers(40 * 6, seed: 1)
        let expected = try Session(model).predict([array(x, [40, 6])], outputs: [3, 1]).map(bits)
        let failures = Mutex<[String]>([])
        let done = DispatchSemaphore(value: 0)
        for thread in 0..<4 {
            Thread.detachNewThread {
                do {
                    let session = try Session(
                        model, options: "{batch_capacity: \(3 + thread), threads: 2}")
                    let input = try array(x, [40, 6])
                    for _ in 0..<100 {
                        let predicted = try session.predict([input], outputs: [3, 1]).map(bits)
                        if predicted != expected { failures.withLock { $0.append("differs") } }
                    }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
                done.signal()
            }
        }
        for _ in 0..<4 { done.wait() }
        #expect(failures.withLock { $0 } == [])
    }

    @Test func oneSessionServesOneCallAtATime() throws {
        let session = try Session(smallModel(), options: "{threads: 1, batch_capacity: 1}")
        let x = testNumbers(40_000 * 4, seed: 1)
        let expected = bits(try session.predict(x, rows: 40_000, outputs: 2))
        let busy = Atomic<Int>(0)
        let wrong = Atomic<Int>(0)
        let predict: @Sendable (Int) -> Void = { rows in
            do {
                let numbers = try session.predict(Array(x.prefix(rows * 4)), rows: rows, outputs: 2)
                if bits(numbers) != Array(expected.prefix(rows * 2)) {
                    wrong.wrappingAdd(1, ordering: .relaxed)
                }
            } catch let error as SNNError where error.status == .busy {
                busy.wrappingAdd(1, ordering: .relaxed)
            } catch {
                wrong.wrappingAdd(1, ordering: .relaxed)
            }
        }
        // A long call on one thread, short ones here: some of these must come into it.
        for _ in 0..<50 where busy.load(ordering: .relaxed) == 0 {
            let begun = DispatchSemaphore(value: 0)
            let done = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                begun.signal()
                predict(40_000)
                done.signal()
            }
            begun.wait()
            while done.wait(timeout: .now()) == .timedOut { predict(1) }
        }
        #expect(busy.load(ordering: .relaxed) > 0)
        #expect(wrong.load(ordering: .relaxed) == 0)
        #expect(bits(try session.predict(x, rows: 40_000, outputs: 2)) == expected)
    }

    @Test func duringATrainingAllButTheCallbacksGettersIsBusy() throws {
        let model = try smallModel()
        let trainer = try Trainer(model, options: "{loss: 'mse'}")
        let other = try Trainer(model, options: "{loss: 'mse'}")
        let session = try Session(model)
        let data = try regression(rows: 8)
        let exclusive: [(String, @Sendable () throws -> Void)] = [
            ("predict", { _ = try session.predict([1, 2, 3, 4], rows: 1, outputs: 2) }),
            ("fit", { _ = try trainer.fit(data) }),
            ("fit of another trainer", { _ = try other.fit(data) }),
            ("evaluate", { _ = try trainer.evaluate(data) }),
            ("evaluate of another trainer", { _ = try other.evaluate(data) }),
            ("trainOnBatch", { _ = try trainer.trainOnBatch(data) }),
            ("computeGradients", { _ = try trainer.computeGradients(data) }),
            ("setLearningRate", { try trainer.setLearningRate(0.001) }),
            ("save", { _ = try trainer.image() }),
            ("save of the model", { _ = try model.image() }),
            ("setVariable", { try model.set("y/bias", [1, 2]) }),
            ("setTrainable", { try model.setTrainable(false, layer: "hidden") }),
            ("add", { try model.add("Dense", "{units: 1}") }),
            ("saveWeights", { try model.saveWeights(to: "/nonexistent/weights.h5") }),
            ("loadWeights", { try model.loadWeights(from: "/nonexistent/weights.h5") }),
        ]
        let getters: [(String, @Sendable () throws -> Void)] = [
            ("readVariable", { _ = try model.values("y/bias") }),
            ("variableNames", { _ = try model.variableNames() }),
            ("json", { _ = try model.json() }),
            ("summary", { _ = try model.summary() }),
            ("description", { _ = try model.description() }),
            ("parameterCount", { _ = try model.parameterCount() }),
            ("position", { _ = try trainer.position() }),
            ("history", { _ = try trainer.history() }),
            ("learningRate", { _ = try trainer.learningRate() }),
            ("readGradient", { _ = try trainer.gradient("y/bias") }),
        ]
        // Which take nothing that changes.
        let free: Set = ["variableNames"]
        var problems: [String] = []
        func check(_ progress: SNNTraining.Progress) -> Bool {
            for (name, call) in exclusive {
                let isAllowed = name == "setLearningRate"
                if status(call) != (isAllowed ? nil : .busy) { problems.append(name) }
                if statusOnAnotherThread(call) != .busy { problems.append("\(name), other thread") }
            }
            for (name, call) in getters {
                if let status = status(call) { problems.append("\(name): \(status)") }
                if !free.contains(name), statusOnAnotherThread(call) != .busy {
                    problems.append("\(name), other thread")
                }
            }
            return false
        }
        let expected = try Trainer(smallModel(), options: "{loss: 'mse'}")
        _ = try expected.fit(data, options: "{epochs: 2, batch_size: 4}")
        _ = try trainer.fit(
            data, options: "{epochs: 2, batch_size: 4}", onBatchEnd: check, onEpochEnd: check)
        #expect(problems == [])
        #expect(try trainer.bytes() == expected.bytes())
        for (name, call) in getters + exclusive where !name.hasSuffix("Weights") && name != "add" {
            #expect(status(call) == nil, "\(name) after the training")
        }
    }

    @Test func accessIsGivenBackAfterErrors() throws {
        let model = try smallModel()
        let trainer = try Trainer(model, options: "{loss: 'mse'}")
        let session = try Session(model)
        let good = try regression(rows: 8)
        let bad = try dataset(
            array([Float](repeating: .nan, count: 32), [8, 4]),
            array(testNumbers(16, seed: 1), [8, 2]))
        #expect(status { _ = try trainer.fit(bad) } == .numeric)
        #expect(status { _ = try trainer.trainOnBatch(bad) } == .numeric)
        #expect(status { _ = try trainer.computeGradients(bad) } == .numeric)
        #expect(status { try trainer.save(to: "/nonexistent/folder/file.h5") } == .io)
        #expect(status { try model.save(to: "/nonexistent/folder/file.h5") } == .io)
        #expect(status { try model.loadWeights(from: "/nonexistent/file.h5") } == .io)
        #expect(status { try model.set("y/bias", [1]) } == .shape)
        #expect(
            status {
                try model.readVariable("y/bias") { _ throws(SNNError) in
                    throw SNNError(.argument, "the caller's own")
                }
            } == .argument)
        // A fit that fails between two callbacks.
        var calls = 0
        #expect(
            status {
                _ = try trainer.fit(
                    good, validation: good, options: "{epochs: 2, batch_size: 4}",
                    onBatchEnd: { _ in
                        calls += 1
                        return calls == 3
                    })
            } == nil)
        _ = try trainer.fit(good)
        _ = try session.predict([1, 2, 3, 4], rows: 1, outputs: 2)
        _ = try trainer.bytes()
        try model.set("y/bias", [1, 2])
    }

    @Test func readersOfAVariableAreBesideEachOtherButNotAChange() throws {
        let model = try smallModel()
        let session = try Session(model)
        try model.readVariable("y/bias") { _ throws(SNNError) in
            #expect(status { _ = try session.predict([1, 2, 3, 4], rows: 1, outputs: 2) } == nil)
            #expect(status { _ = try model.values("y/kernel") } == nil)
            #expect(status { try model.set("y/bias", [1, 2]) } == .busy)
            #expect(status { _ = try model.bytes() } == .busy)
        }
    }
}
