import Foundation
import SNNCore
import SNNTestSupport
import SwiftNN
import Testing

struct PredictionTests {
    /// Two inputs that share a layer, two outputs.
    private func twins() throws -> Model {
        let model = try Model(options: "{name: 'twins', seed: 11}")
        let left = try model.add("InputLayer", "{shape: [4], name: 'left'}")
        let right = try model.add("InputLayer", "{shape: [4], name: 'right'}")
        let encoded = try model.add(
            "Dense", "{units: 5, activation: 'gelu', name: 'encoder'}", to: [left])
        let again = try model.call(layer: "encoder", on: [right])
        let both = try model.add("Concatenate", to: [encoded, again])
        let kind = try model.add("Dense", "{units: 3, activation: 'softmax'}", to: [both])
        let amount = try model.add("Dense", "{units: 1, activation: 'tanh'}", to: [again])
        try model.setOutputs([kind, amount])
        return model
    }

    @Test(arguments: [1, 3, 7, 32])
    func rowsInPiecesAreTheRowsAlone(capacity: Int) throws {
        let model = try smallModel()
        let rows = 20
        let x = testNumbers(rows * 4, seed: 1)
        let single = try Session(model, options: "{batch_capacity: 1}")
        let expected = try (0..<rows).flatMap {
            try single.predict(Array(x[$0 * 4..<$0 * 4 + 4]), rows: 1, outputs: 2)
        }
        let session = try Session(model, options: "{batch_capacity: \(capacity)}")
        let predicted = try session.predict(x, rows: rows, outputs: 2)
        #expect(bits(predicted) == bits(expected))
        // Fewer rows after more, in the same session.
        let few = try session.predict(Array(x.prefix(5 * 4)), rows: 5, outputs: 2)
        #expect(bits(few) == bits(Array(expected.prefix(10))))
        #expect(try session.predict(x, rows: 0, outputs: 2).isEmpty)
        // Through arrays.
        let arrays = try session.predict([array(x, [rows, 4])], outputs: [2])[0]
        #expect(bits(arrays) == bits(expected))
    }

    /// A session lays weights out for itself; whatever changes them must reach it.
    @Test func aSessionSeesEveryChangeOfTheWeights() throws {
        let model = try smallModel()
        let x = testNumbers(6 * 4, seed: 1)
        let sessions = [try Session(model), try Session(model, options: "{batch_capacity: 2}")]
        var last = try sessions[0].predict(x, rows: 6, outputs: 2)
        func expectChange(_ what: String, _ change: () throws -> Void) throws {
            try change()
            let fresh = try Session(model).predict(x, rows: 6, outputs: 2)
            #expect(bits(fresh) != bits(last), "\(what) changed nothing")
            for session in sessions {
                let seen = try session.predict(x, rows: 6, outputs: 2)
                #expect(bits(seen) == bits(fresh), "\(what)")
            }
            last = fresh
        }
        let data = try regression(rows: 8)
        let trainer = try Trainer(model, options: "{loss: 'mse'}")
        let path = NSTemporaryDirectory() + "swiftnn-session-\(getpid()).h5"
        defer { unlink(path) }
        try model.saveWeights(to: path)
        try expectChange("a step") { _ = try trainer.trainOnBatch(data) }
        try expectChange("another step") { _ = try trainer.trainOnBatch(data) }
        try expectChange("a fit") { _ = try trainer.fit(data, options: "{epochs: 2}") }
        let name = try #require(try model.variableNames().first)
        try expectChange("a variable") {
            try model.set(name, try model.values(name).map { $0 + 0.5 })
        }
        try expectChange("a file") { try model.loadWeights(from: path) }
    }

    @Test func severalInputsAndOutputsInPieces() throws {
        let model = try twins()
        let left = testNumbers(10 * 4, seed: 1)
        let right = testNumbers(10 * 4, seed: 2)
        let session = try Session(model, options: "{batch_capacity: 3}")
        let all = try session.predict(
            [array(left, [10, 4]), array(right, [10, 4])], outputs: [3, 1])
        for row in 0..<10 {
            let alone = try session.predict(
                [
                    array(Array(left[row * 4..<row * 4 + 4]), [1, 4]),
                    array(Array(right[row * 4..<row * 4 + 4]), [1, 4]),
                ], outputs: [3, 1])
            #expect(bits(alone[0]) == bits(Array(all[0][row * 3..<row * 3 + 3])))
            #expect(bits(alone[1]) == bits([all[1][row]]))
        }
        #expect(all[0] != [Float](repeating: 1 / 3, count: 30))
    }

    @Test func everyElementTypeGivesTheNumbersThatItStandsFor() throws {
        let model = try smallModel()
        let session = try Session(model, options: "{batch_capacity: 4, scale: 0.125}")
        let numbers = (0..<40).map { ($0 * 37 + 11) % 101 }
        func predicted(_ input: ArrayView) throws -> [UInt32] {
            try bits(session.predict([input], outputs: [2])[0])
        }
        let floats = try predicted(array(numbers.map { Float($0) }, [10, 4]))
        #expect(try predicted(array(numbers.map { Double($0) }, [10, 4])) == floats)
        #expect(try predicted(array(numbers.map { Int32($0) }, [10, 4])) == floats)
        #expect(try predicted(array(numbers.map { Int64($0) }, [10, 4])) == floats)
        let scaled = try predicted(array(numbers.map { Float($0) * 0.125 }, [10, 4]))
        #expect(try predicted(array(numbers.map { UInt8($0) }, [10, 4])) == scaled)
        // A second input of another type, after the first.
        let twins = try Session(twins())
        let mixed = try twins.predict(
            [
                array(numbers.map { Double($0) / 64 }, [10, 4]),
                array(numbers.map { Int32($0) }, [10, 4]),
            ], outputs: [3, 1])
        let same = try twins.predict(
            [
                array(numbers.map { Float($0) / 64 }, [10, 4]),
                array(numbers.map { Float($0) }, [10, 4]),
            ], outputs: [3, 1])
        #expect(mixed.map(bits) == same.map(bits))
    }

    @Test func sessionsSeeTheWeightsOfTheMoment() throws {
        let model = try smallModel()
        let session = try Session(model)
        let before = try session.predict([1, 2, 3, 4], rows: 1, outputs: 2)
        try model.set("y/bias", [10, 20])
        let after = try session.predict([1, 2, 3, 4], rows: 1, outputs: 2)
        #expect(abs(after[0] - before[0] - 10) < 1e-5)
        #expect(abs(after[1] - before[1] - 20) < 1e-5)
        _ = try Trainer(model, options: "{loss: 'mse'}").fit(regression(rows: 9))
        let trained = try session.predict([1, 2, 3, 4], rows: 1, outputs: 2)
        #expect(trained != after)
        #expect(try Session(model).predict([1, 2, 3, 4], rows: 1, outputs: 2) == trained)
    }

    @Test func theOrderOfFreeingDoesNotMatter() throws {
        var model: Model? = try forkedModel()
        weak let watched = model
        var session: Session? = try Session(model!)
        var trainer: Trainer? = try Trainer(model!, options: forkedTraining)
        model = nil
        #expect(watched != nil)
        let data = try forkedData(rows: 9)
        _ = try trainer!.fit(data, options: "{epochs: 2}")
        let input = try array(testNumbers(54, seed: 1), [9, 6])
        let before = try session!.predict([input], outputs: [3, 1])
        trainer = nil
        #expect(try session!.predict([input], outputs: [3, 1]) == before)
        session = nil
        #expect(watched == nil)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let session = try Session(smallModel())
        let x = try array(testNumbers(12, seed: 1), [3, 4])
        let narrow = try array(testNumbers(9, seed: 1), [3, 3])
        let short = try array(testNumbers(8, seed: 1), [2, 4])
        let place = placed([Float](repeating: 0, count: 6))
        #expect(failure { _ = try session.predict([narrow], outputs: [2]) }.status == .shape)
        #expect(failure { _ = try session.predict([x, x], outputs: [2]) }.status == .argument)
        #expect(failure { _ = try session.predict([x], outputs: [2, 2]) }.status == .argument)
        let room = failure { try session.predict([x], into: [place], [5]) }
        #expect(
            room.message
                == "output 0: 3 rows of (None, 2) need room for 6 floats, received 5")
        for rows in [-1, Int.max, Int.max / 2, 1 << 40] {
            let error = failure {
                try session.predict(place, rows: rows, into: place + 4, capacity: .max)
            }
            #expect(error.status == .argument, "\(rows) rows")
        }
        #expect(
            failure { try session.predict(place, rows: 1, into: place + 3, capacity: 2) }.message
                == "expected input and output that do not overlap")
        try session.predict(place, rows: 1, into: place + 4, capacity: 2)

        let two = try Session(twins())
        let one = failure { _ = try two.predict([1, 2, 3, 4], rows: 1, outputs: 3) }
        #expect(one.status == .argument)
        #expect(failure { _ = try two.predict([x, short], outputs: [3, 1]) }.status == .shape)
        let none = failure { _ = try Session(smallModel(), options: "{batch_capacity: 0}") }
        #expect(none.status == .configuration)
        #expect(failure { _ = try Session(Model()) }.status == .state)
    }
}
