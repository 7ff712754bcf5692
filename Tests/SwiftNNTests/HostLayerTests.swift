import SNNCore
import SNNGraph
import SNNTestSupport
import SwiftNN
import Testing

/// A layer y = x · kernel + bias of the host's, with what can go wrong with it.
private final class Product: HostLayerClass, HostComputation, @unchecked Sendable {
    // Sendable: a test uses its own on its own thread.
    enum Fault: Equatable {
        case none
        case kernelGradient(Float)
        case inputGradient(Float)
        case lastBiasGradient
        /// The call of the passes from which on all fail.
        case forward(after: Int)
        case backward(after: Int)
        case random
    }

    var fault = Fault.none
    var answer: String?
    private(set) var configurations: [String] = []
    private(set) var forwards = 0
    private(set) var backwards = 0
    let units: Int

    init(units: Int) { self.units = units }

    func make(config: String) throws(SNNError) -> any HostComputation {
        configurations.append(config)
        return self
    }

    func build(_ inputs: HostShapes) throws(SNNError) -> String? {
        let width = inputs.inputs[0].last
        return answer ?? """
            {output_shape: [\(units)], saved: 3, weights: [
                {name: 'kernel', shape: [\(width), \(units)]},
                {name: 'bias', shape: [\(units)], initializer: 'zeros'}]}
            """
    }

    func forward(_ call: HostCall) -> Int32 {
        forwards += 1
        if case .forward(let after) = fault, forwards > after { return 3 }
        let width = call.shapes.inputs[0].last
        let (x, kernel, bias) = (call.inputs[0]!, call.weights[0]!, call.weights[1]!)
        for row in 0 ..< call.rows {
            call.saved?[3 * row + 2] = x[row * width]
            for unit in 0 ..< units {
                var sum = bias[unit]
                for input in 0 ..< width { sum += x[row * width + input] * kernel[input * units + unit] }
                if fault == .random { sum += Float(forwards) }
                call.output[row * units + unit] = sum
            }
        }
        return 0
    }

    func backward(_ call: HostCall) -> Int32 {
        backwards += 1
        if case .backward(let after) = fault, backwards > after { return -2 }
        let width = call.shapes.inputs[0].last
        let (x, kernel, dY) = (call.inputs[0]!, call.weights[0]!, call.dOutput!)
        let (dX, dKernel, dBias) = (call.dInputs![0], call.dWeights![0], call.dWeights![1])
        var (kernelFactor, inputFactor): (Float, Float) = (1, 1)
        if case .kernelGradient(let factor) = fault { kernelFactor = factor }
        if case .inputGradient(let factor) = fault { inputFactor = factor }
        for row in 0 ..< call.rows {
            // What forward saved of this row.
            guard call.saved![3 * row + 2] == x[row * width] else { return 99 }
            for unit in 0 ..< units {
                let slope = dY[row * units + unit]
                if !(fault == .lastBiasGradient && unit == units - 1) { dBias?[unit] += slope }
                for input in 0 ..< width {
                    dKernel?[input * units + unit] += kernelFactor * slope * x[row * width + input]
                    dX?[row * width + input] += inputFactor * slope * kernel[input * units + unit]
                }
            }
        }
        return 0
    }
}

/// Layers that the host computes.
@Suite(.serialized) struct HostLayerTests {
    private let rows = 20

    private func withLayer(
        _ product: Product, _ body: () throws -> Void
    ) throws {
        try HostLayers.register("Product", product)
        defer { try? HostLayers.register("Product", nil) }
        try body()
    }

    private func model(
        _ className: String, _ options: String = "{name: 'own', trainable: true}"
    ) throws -> Model {
        let model = try Model(options: "{class_name: 'Sequential', seed: 4}")
        try model.add("InputLayer", "{shape: [5]}")
        try model.add("Dense", "{units: 6, activation: 'tanh', name: 'first'}")
        try model.add(className, options)
        try model.add("Dense", "{units: 2, name: 'last'}")
        return model
    }

    private func samples() throws -> Samples {
        try dataset(
            array(testNumbers(rows * 5, seed: 1), [rows, 5]),
            array(testNumbers(rows * 2, seed: 2), [rows, 2]))
    }

    private func trainer(_ model: Model, optimizer: String = "adam") throws -> Trainer {
        let optimizer = optimizer.hasPrefix("{") ? optimizer : "'\(optimizer)'"
        return try Trainer(model, options: "{loss: 'mse', optimizer: \(optimizer)}")
    }

    private func weights(_ model: Model) throws -> [Float] {
        try ["first/kernel", "first/bias", "own/kernel", "own/bias", "last/kernel"].flatMap {
            try model.values($0)
        }
    }

    @Test(arguments: ["adam", "{class_name: 'LBFGS', config: {max_iter: 4}}"])
    func itTrainsAsDenseDoes(optimizer: String) throws {
        try withLayer(Product(units: 3)) {
            var trained: [[Float]] = []
            for (name, options) in [
                ("Product", "{name: 'own'}"), ("Dense", "{name: 'own', units: 3}"),
            ] {
                let model = try model(name, options)
                let trainer = try trainer(model, optimizer: optimizer)
                // A minimizer's roundings grow with its steps: one of few iterations.
                let epochs = optimizer == "adam" ? 3 : 1
                _ = try trainer.fit(
                    samples().dataset,
                    options: "{epochs: \(epochs), batch_size: 20, shuffle: false}")
                trained.append(try weights(model))
            }
            let tolerance: Float = optimizer == "adam" ? 1e-4 : 1e-3
            #expect(zip(trained[0], trained[1]).allSatisfy { abs($0 - $1) < tolerance })
        }
    }

    @Test(arguments: [
        (Product.Fault.kernelGradient(-1), "weight 'kernel'"),
        (.kernelGradient(0), "weight 'kernel'"), (.kernelGradient(1.1), "weight 'kernel'"),
        (.inputGradient(2), "input 0"), (.lastBiasGradient, "number 2 of weight 'bias'"),
        (.random, "seed"),
    ]) private func aWrongGradientIsNamed(fault: Product.Fault, name: String) throws {
        let product = Product(units: 3)
        product.fault = fault
        try withLayer(product) {
            let model = try model("Product")
            let before = try weights(model)
            let error = failure { _ = try trainer(model).fit(samples().dataset) }
            #expect(error.status == .argument)
            #expect(error.message.contains("Product 'own': its"), "\(error.message)")
            #expect(error.message.contains(name), "\(error.message)")
            #expect(try weights(model) == before)
        }
    }

    @Test func anotherGradientMayBeMeant() throws {
        let product = Product(units: 3)
        product.fault = .kernelGradient(-1)
        product.answer = """
            {output_shape: [3], saved: 3, gradient_is_derivative: false, weights: [
                {name: 'kernel', shape: [6, 3]}, {name: 'bias', shape: [3]}]}
            """
        try withLayer(product) {
            let model = try model("Product")
            let before = try weights(model)
            _ = try trainer(model).fit(samples().dataset, options: "{batch_size: 20}")
            #expect(product.backwards == 1)
            #expect(try weights(model) != before)
        }
    }

    @Test func aTensorWithoutASlopeIsLookedAtInLaterBatches() throws {
        let product = Product(units: 3)
        try withLayer(product) {
            // Without a slope in the output there is none in the weights.
            let model = try model("Product", "{name: 'own', factor: 0}")
            let trainer = try trainer(model)
            _ = try trainer.fit(samples().dataset, options: "{batch_size: 20}")
            let forwards = product.forwards
            _ = try trainer.fit(samples().dataset, options: "{batch_size: 20, resume: true, epochs: 2}")
            // All was seen in the first step: one pass for each of the second epoch's.
            #expect(product.forwards == forwards + 1)
        }
    }

    @Test(arguments: ["adam", "LBFGS"]) func aFailureTakesTheStepBack(optimizer: String) throws {
        for stage in [0, 1, 2, 3, 6, 7] {
            let product = Product(units: 3)
            try withLayer(product) {
                let model = try model("Product")
                let trainer = try trainer(model, optimizer: optimizer)
                let samples = try samples()
                let options = "{epochs: 2, batch_size: 20, shuffle: false}"
                _ = try trainer.fit(samples.dataset, options: options)
                let before = try weights(model)
                product.fault =
                    stage % 2 == 0
                    ? .forward(after: product.forwards + stage / 2)
                    : .backward(after: product.backwards + stage / 2)
                let error = failure {
                    for _ in 0 ..< 2 {
                        _ = try trainer.fit(
                            samples.dataset,
                            options: "{epochs: 4, initial_epoch: 2, batch_size: 20}")
                    }
                }
                #expect(error.status == .state)
                #expect(
                    error.message.contains("Product 'own': its ")
                        && error.message.contains("callback failed with "), "\(error.message)")
                // With Adam steps may have been made before.
                if stage < 2 || optimizer == "LBFGS" { #expect(try weights(model) == before) }
                product.fault = .none
                _ = try trainer.fit(
                    samples.dataset, options: "{epochs: 4, initial_epoch: 2, batch_size: 20}")
            }
        }
    }

    @Test func predictionAndEvaluationFailToo() throws {
        let product = Product(units: 3)
        try withLayer(product) {
            let model = try model("Product")
            let session = try Session(model)
            let trainer = try trainer(model)
            let x = placed(testNumbers(rows * 5, seed: 1))
            let y = placed([Float](repeating: 0, count: rows * 2))
            try session.predict(x, rows: rows, into: y, capacity: rows * 2)
            product.fault = .forward(after: 0)
            #expect(
                failure { try session.predict(x, rows: rows, into: y, capacity: rows * 2) }.status
                    == .state)
            #expect(failure { _ = try trainer.evaluate(samples().dataset) }.status == .state)
            product.fault = .none
            try session.predict(x, rows: rows, into: y, capacity: rows * 2)
        }
    }

    @Test(arguments: [
        ("{output_shape: [-1]}", Status.configuration), ("{output_shape: [0]}", .configuration),
        ("{output_shape: [2097152, 1048576]}", .limit), ("{output_shape: 'x'}", .configuration),
        ("{weights: {}}", .configuration), ("{weights: [{}]}", .configuration),
        ("{weights: [{name: 'k'}]}", .configuration),
        ("{weights: [{name: 'k', shape: []}]}", .configuration),
        ("{weights: [{name: 'a/b', shape: [1]}]}", .configuration),
        ("{weights: [{name: 'k', shape: [1]}, {name: 'k', shape: [1]}]}", .configuration),
        ("{weights: [{name: 'k', shape: [1], initialiser: 'ones'}]}", .configuration),
        ("{weights: [{name: 'k', shape: [1], initializer: 'onez'}]}", .configuration),
        ("{saved: -1}", .configuration), ("{shape: [1]}", .configuration), ("{", .configuration),
        ("[]", .configuration), ("{saved: 16777217}", .configuration),
        ("{confirms: 'x'}", .configuration),
        (
            "{weights: [{name: 'a', shape: [1], trainable: false}, {name: 'b', shape: [1]}]}",
            .configuration
        ),
    ]) func badAnswersAreRefused(answer: String, status: Status) throws {
        let product = Product(units: 3)
        product.answer = answer
        try withLayer(product) {
            let error = failure { _ = try model("Product") }
            #expect(error.status == status, "\(error.message)")
            #expect(error.message.contains("Product 'own'"), "\(error.message)")
        }
    }

    @Test func namesAreChecked() throws {
        for name in [
            "", "Dense", "InputLayer", "Conv2D", "ZeroPadding3D", "ActivityRegularization", "Sequential",
            "Functional", "Model", "a/b", "a\nb",
        ] {
            let error = failure { try HostLayers.register(name, Product(units: 1)) }
            #expect(error.status == .argument, "\(name)")
        }
        let error = failure { _ = try model("Produkt") }
        #expect(error.message.contains("snn_layer_register"))
    }

    @Test func optionsAreKeptAsTheyAre() throws {
        let product = Product(units: 3)
        try withLayer(product) {
            let options = """
                {name: 'own', trainable: false, dtype: 'float32', factor: 2.5, kernel_initializer: \
                {class_name: 'X', config: {input_axes: null}}, list: [1, [2, null]]}
                """
            let model = try model("Product", options)
            let kept = """
                "factor": 2.5, "kernel_initializer": {"class_name": "X", "config": \
                {"input_axes": null}}, "list": [1, [2, null]]
                """
            #expect(try model.json().contains(kept))
            #expect(
                product.configurations == ["{\"name\": \"own\", \"trainable\": false, \(kept)}"])
            // Back from the JSON, and frozen.
            let again = try Model(json: model.json())
            let before = try weights(again)
            _ = try trainer(again).fit(samples().dataset)
            let after = try weights(again)
            #expect(before != after)
            #expect(before[36 ..< 36 + 18] == after[36 ..< 36 + 18])
        }
    }

    @Test func aModelKeepsTheLayerThatItWasMadeWith() throws {
        var made: Model?
        try withLayer(Product(units: 3)) { made = try self.model("Product") }
        let model = try #require(made)
        #expect(failure { _ = try Model(json: model.json()) }.status == .configuration)
        _ = try trainer(model).fit(samples().dataset)
    }
}
