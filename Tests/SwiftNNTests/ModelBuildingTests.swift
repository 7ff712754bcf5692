import SNNCore
import SNNTestSupport
import SwiftNN
import Testing

struct ModelBuildingTests {
    private func sequential() throws -> Model { try Model(options: "{class_name: 'Sequential'}") }

    @Test func aSequentialModelIsAChainFromOneInput() throws {
        let model = try sequential()
        let first = failure { try model.add("Dense", "{units: 1, name: 'd'}") }
        #expect(first.status == .state)
        #expect(first.message == "Dense 'd': a Sequential model begins with an InputLayer")
        let x = try model.add("InputLayer", "{shape: [3]}")
        let second = failure { try model.add("InputLayer", "{shape: [3], name: 'again'}") }
        #expect(second.status == .state)
        #expect(
            second.message == "InputLayer 'again': a Sequential model has one input, at its begin")
        let y = try model.add("Dense", "{units: 2}")
        let other = failure { try model.add("Dense", "{units: 2, name: 'e'}", to: [x]) }
        #expect(other.status == .argument)
        #expect(other.message.contains("it applies to the last tensor, [\(y)], received [\(x)]"))
        try model.add("Dense", "{units: 4}", to: [y])
        #expect(failure { try model.call(layer: "dense", on: [y]) }.status == .state)
        #expect(failure { try model.setOutputs([y]) }.status == .state)
        #expect(try model.variableNames() == [
            "dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias",
        ])
        #expect(try Session(model).predict([1, 2, 3], rows: 1, outputs: 4).count == 4)
    }

    @Test func aFunctionalModelNamesItsTensors() throws {
        let model = try Model()
        let error = failure { try model.add("Dense", "{units: 1, name: 'd'}") }
        #expect(error.status == .argument)
        #expect(error.message == "Dense 'd': expected the tensors it applies to")
        let x = try model.add("InputLayer", "{shape: [3], name: 'x'}")
        #expect(failure { try model.add("InputLayer", "{shape: [3]}", to: [x]) }.message != "")
        for tensor in [-1, 1, Int.max, Int.min] {
            let error = failure { try model.add("Dense", "{units: 1, name: 'd'}", to: [tensor]) }
            #expect(error.status == .argument)
            #expect(error.message == "layer 'd': expected tensors from 0 to 0, received \(tensor)")
        }
        let y = try model.add("Dense", "{units: 3, name: 'd'}", to: [x])
        #expect(
            failure { try model.add("ReLU", "{name: 'd'}", to: [y]) }.message
                == "the model has a layer 'd' already; names are unique")
        #expect(failure { try model.call(layer: "D", on: [y]) }.status == .argument)
        #expect(failure { try model.call(layer: "x", on: [y]) }.status == .argument)
        #expect(failure { try model.call(layer: "d", on: []) }.status == .argument)
        let narrow = try model.add("Dense", "{units: 2, name: 'narrow'}", to: [y])
        let shared = failure { try model.call(layer: "d", on: [narrow]) }
        #expect(shared.status == .shape)
        #expect(shared.message.contains("it is shared, and its 'kernel' has shape (3, 3)"))
        #expect(failure { try model.setOutputs([]) }.status == .argument)
        #expect(failure { try model.setOutputs([99]) }.status == .argument)
        let sum = failure { try model.add("Add", "{name: 'sum'}", to: [y, narrow]) }
        #expect(sum.status == .shape)
        #expect(sum.message.hasPrefix("Add 'sum': "))
        // What failed left nothing.
        try model.setOutputs([narrow, y])
        #expect(try model.variableCount == 4)
        let outputs = try Session(model).predict(
            [array([1, 2, 3] as [Float], [1, 3])], outputs: [2, 3])
        #expect(outputs.map(\.count) == [2, 3])
    }

    @Test func namesCountPerModel() throws {
        for _ in 0..<2 {
            let model = try sequential()
            try model.add("InputLayer", "{shape: [3]}")
            for _ in 0..<3 { try model.add("LeakyReLU") }
            try model.add("BatchNormalization")
            let json = try model.json()
            for name in ["leaky_re_lu", "leaky_re_lu_1", "leaky_re_lu_2", "batch_normalization"] {
                #expect(json.contains("\"\(name)\""))
            }
        }
    }

    @Test func aModelInUseIsComplete() throws {
        let uses: [(String, (Model) throws -> Void)] = [
            ("variableCount", { _ = try $0.variableCount }),
            ("summary", { _ = try $0.summary() }),
            ("json", { _ = try $0.json() }),
            ("session", { _ = try Session($0) }),
            ("trainer", { _ = try Trainer($0, options: "{loss: 'mse'}") }),
            ("save", { _ = try $0.bytes() }),
            ("setTrainable", { try $0.setTrainable(true, layer: nil) }),
        ]
        for (name, use) in uses {
            let model = try smallModel()
            try use(model)
            for error in [
                failure { try model.add("Dense", "{units: 1}") },
                failure { try model.call(layer: "y", on: [0]) },
                failure { try model.setOutputs([0]) },
            ] {
                #expect(error.status == .state, "\(name)")
                #expect(
                    error.message
                        == "model 'small' has been used, so it is complete; no layer can be added")
            }
        }
    }

    @Test func whatIsIncompleteCannotBeUsedYet() throws {
        let model = try sequential()
        let error = failure { _ = try model.summary() }
        #expect(error.status == .state)
        #expect(
            error.message
                == "model 'sequential' has no layers yet; expected an InputLayer at least")
        // It can still be built.
        try model.add("InputLayer", "{shape: [3]}")
        try model.add("Dense", "{units: 1}")
        _ = try model.summary()

        let dead = try Model()
        let x = try dead.add("InputLayer", "{shape: [3]}")
        try dead.add("Dense", "{units: 1, name: 'lost'}", to: [x])
        let y = try dead.add("Dense", "{units: 1}", to: [x])
        try dead.setOutputs([y])
        let lost = failure { _ = try dead.variableCount }
        #expect(lost.status == .state)
        #expect(lost.message == "layer 'lost' leads to no output of the model")
    }

    @Test(arguments: [
        ("Dens", "{units: 1}", "did you mean 'Dense'?"),
        (
            "Dense", "{unit: 1}",
            "'units' is required, an integer from 1 to 2147483647, but missing; there is 'unit'"
        ),
        ("Dense", "{}", "'units'"),
        ("Dense", "{units: 0}", "'units'"),
        ("Dense", "{units: 1.5}", "'units'"),
        ("Dense", "{units: 1", "Dense"),
        ("Dense", "{units: 1, activation: 'rleu'}", "did you mean 'relu'?"),
        ("Dense", "[]", "Dense"),
        ("Dropout", "{rate: 1.5}", "'rate'"),
    ])
    func mistakesInALayerAreNamed(className: String, options: String, text: String) throws {
        let model = try sequential()
        try model.add("InputLayer", "{shape: [3]}")
        let error = failure { try model.add(className, options) }
        #expect(error.status == .configuration)
        #expect(error.message.contains(text), "\(error.message)")
        try model.add("Dense", "{units: 1}")
        #expect(try model.variableCount == 2)
    }

    @Test(arguments: [
        ("{class_name: 'Sequentail'}", "Sequential"), ("{name: ''}", "'name'"),
        ("{seed: -1}", "'seed'"), ("{sede: 1}", "did you mean 'seed'?"), ("{", "model"),
    ])
    func mistakesInAModelAreNamed(options: String, text: String) {
        let error = failure { _ = try Model(options: options) }
        #expect(error.status == .configuration)
        #expect(error.message.contains(text), "\(error.message)")
    }

    @Test(arguments: [
        ("{}", "'loss' must be given for at least one output"),
        ("{loss: 'msee'}", "unknown loss \"msee\"; did you mean 'mse'?"),
        ("{loss: ['mse', 'mse']}", "'loss' must be a list of 1, one for each output"),
        ("{loss: 'mse', optimizer: 'adm'}", "unknown optimizer \"adm\"; did you mean 'Adam'?"),
        ("{loss: 'mse', optimizer: {class_name: 'Adam', config: {rate: 1}}}", "rate"),
        ("{loss: 'mse', metrics: ['acuracy']}", "did you mean 'accuracy'?"),
        ("{loss: 'mse', loss_weights: ['a']}", "'loss_weights' must be finite numbers"),
        ("{loss: 'mse', threads: 257}", "'threads'"),
        ("{los: 'mse'}", "did you mean 'loss'?"),
    ])
    func mistakesInATrainerAreNamed(options: String, text: String) throws {
        let error = failure { _ = try Trainer(smallModel(), options: options) }
        #expect(error.status == .configuration)
        #expect(error.message.contains(text), "\(error.message)")
    }

    @Test func theSeedDecidesTheNumbers() throws {
        #expect(try smallModel(seed: 3).bytes() == smallModel(seed: 3).bytes())
        #expect(
            try smallModel(seed: 3).values("y/kernel") != smallModel(seed: 4).values("y/kernel"))
    }

    @Test func variablesAreReadAndReplacedByName() throws {
        let model = try smallModel()
        #expect(try model.variableShape("hidden/kernel").extents == [4, 5])
        #expect(failure { _ = try model.variableName(4) }.status == .argument)
        #expect(failure { _ = try model.variableName(-1) }.status == .argument)
        let error = failure { _ = try model.values("hiden/kernel") }
        #expect(
            error.message
                == "the model has no variable 'hiden/kernel'; did you mean 'hidden/kernel'?")
        let count = failure { try model.set("y/bias", [1, 2, 3]) }
        #expect(
            count.message == "variable 'y/bias': expected 2 values of shape (2,), received 3")
        try model.set("y/bias", [1.5, -0.0])
        #expect(try bits(model.values("y/bias")) == bits([1.5, -0.0]))
    }
}
