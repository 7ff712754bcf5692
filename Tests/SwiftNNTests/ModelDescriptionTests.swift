import Foundation
import SNNCore
import SNNTestSupport
import SwiftNN
import Testing

struct ModelDescriptionTests {
    @Test func theSummaryOfAChain() throws {
        let model = try Model(options: "{class_name: 'Sequential', name: 'chain'}")
        try model.add("InputLayer", "{shape: [28, 28], name: 'picture'}")
        try model.add("Flatten")
        try model.add("Dense", "{units: 1500}")
        try model.add("BatchNormalization", "{trainable: false}")
        try model.add("Dense", "{units: 10, activation: 'softmax'}")
        #expect(
            try model.summary() == """
                Model: "chain"
                +------------------------------------------+----------------+-----------+
                | Layer (type)                             | Output Shape   | Param #   |
                +------------------------------------------+----------------+-----------+
                | picture (InputLayer)                     | (None, 28, 28) | 0         |
                | flatten (Flatten)                        | (None, 784)    | 0         |
                | dense (Dense)                            | (None, 1500)   | 1,177,500 |
                | batch_normalization (BatchNormalization) | (None, 1500)   | 6,000     |
                | dense_1 (Dense)                          | (None, 10)     | 15,010    |
                +------------------------------------------+----------------+-----------+
                Total params: 1,198,510
                Trainable params: 1,192,510
                Non-trainable params: 6,000

                """)
    }

    @Test func theSummaryOfABranchedModelTellsWhatIsConnected() throws {
        let model = try Model(options: "{name: 'branched'}")
        let x = try model.add("InputLayer", "{shape: [4], name: 'x'}")
        let y = try model.add("Dense", "{units: 4, name: 'd'}", to: [x])
        let z = try model.call(layer: "d", on: [y])
        try model.add("Add", "{name: 'sum'}", to: [x, z])
        #expect(
            try model.summary() == """
                Model: "branched"
                +----------------+--------------+---------+--------------+
                | Layer (type)   | Output Shape | Param # | Connected to |
                +----------------+--------------+---------+--------------+
                | x (InputLayer) | (None, 4)    | 0       | -            |
                | d (Dense)      | (None, 4)    | 20      | x, d         |
                | sum (Add)      | (None, 4)    | 0       | x, d         |
                +----------------+--------------+---------+--------------+
                Total params: 20
                Trainable params: 20
                Non-trainable params: 0

                """)
    }

    @Test func theDescriptionIsJSONForPrograms() throws {
        let model = try forkedModel()
        try model.setTrainable(false, layer: "norm")
        let text = try model.description()
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let description = try #require(json)
        #expect(description["name"] as? String == "forked")
        #expect(description["class_name"] as? String == "Functional")
        #expect(description["seed"] as? Int == 3)
        func named(_ key: String) -> [[String: Any]] { description[key] as? [[String: Any]] ?? [] }
        #expect(named("inputs").map { $0["name"] as? String } == ["x"])
        #expect(named("inputs").map { $0["shape"] as? [Int] } == [[6]])
        #expect(named("outputs").map { $0["name"] as? String } == ["kind", "amount"])
        #expect(named("outputs").map { $0["shape"] as? [Int] } == [[3], [1]])
        #expect(
            named("layers").map { $0["name"] as? String }
                == ["x", "stem", "norm", "relu", "drop", "kind", "amount"])
        #expect(
            named("layers").map { $0["class_name"] as? String }
                == [
                    "InputLayer", "Dense", "BatchNormalization", "ReLU", "Dropout", "Dense",
                    "Dense",
                ])
        #expect(named("layers").map { $0["parameter_count"] as? Int } == [0, 48, 32, 0, 0, 27, 9])
        #expect(
            named("layers").map { $0["trainable"] as? Bool }
                == [true, true, false, true, true, true, true])
        #expect(
            named("layers").map { $0["output_shape"] as? [Int] }
                == [[6], [8], [8], [8], [8], [3], [1]])
        #expect(try named("variables").map { $0["name"] as? String } == model.variableNames())
        #expect(
            named("variables").map { $0["layer"] as? String }
                == ["stem", "norm", "norm", "norm", "norm", "kind", "kind", "amount", "amount"])
        #expect(
            named("variables").map { $0["trainable"] as? Bool }
                == [true, false, false, false, false, true, true, true, true])
        #expect(named("variables").first?["shape"] as? [Int] == [6, 8])
    }

    @Test func jsonGivesTheSameModelAnew() throws {
        for model in [try smallModel(), try forkedModel()] {
            let json = try model.json()
            let again = try Model(json: json, options: "{seed: 3}")
            #expect(try again.json() == json)
            #expect(try again.bytes() == model.bytes())
            #expect(try again.summary() == model.summary())
            #expect(try again.description() == model.description())
            let other = try Model(json: json, options: "{seed: 4}")
            #expect(try other.values("y/kernel", or: "kind/kernel")
                != model.values("y/kernel", or: "kind/kernel"))
            #expect(failure { try again.add("Dense", "{units: 1}") }.status == .state)
        }
    }

    @Test(arguments: ["", "{}", "[]", "{class_name: 'Sequential'}", "{class_name: 1, config: {}}"])
    func textThatIsNoModelIsRefused(text: String) {
        #expect(failure { _ = try Model(json: text) }.status == .configuration)
    }

    @Test func aModelOfAnUnknownClassIsRefused() {
        let error = failure { _ = try Model(json: "{class_name: 'Mine', config: {}}") }
        #expect(error.status == .unsupported)
        #expect(error.message.contains("'Mine'"))
    }

    @Test func filesGiveTheSameModelAgain() throws {
        let folder = TemporaryFolder()
        let path = folder.file("model.h5")
        let model = try forkedModel()
        try model.save(to: path)
        let loaded = try Model.load(from: path)
        #expect(try loaded.bytes() == model.bytes())
        #expect(try folder.bytes("model.h5") == model.bytes())
        // The one before is kept.
        try model.set("amount/bias", [7])
        try model.save(to: path)
        #expect(try folder.bytes("model.h5.prev") == loaded.bytes())
        for name in ["a.weights.h5", "a.h5"] {
            try model.saveWeights(to: folder.file(name))
            let other = try forkedModel(seed: 9)
            try other.loadWeights(from: folder.file(name))
            for variable in try model.variableNames() {
                #expect(try other.values(variable) == model.values(variable))
            }
        }
    }
}

extension Model {
    /// The variable that the model has.
    fileprivate func values(_ name: String, or other: String) throws -> [Float] {
        try values(variableNames().contains(name) ? name : other)
    }
}
