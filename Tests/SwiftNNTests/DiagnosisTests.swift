import SNNCore
import SNNTestSupport
import SNNTraining
import SwiftNN
import Testing

/// Networks that are made to fail in each way are recognized.
struct DiagnosisTests {
    private func deep(
        _ activation: String, layers: Int, initializer: String, bias: String = "'zeros'"
    ) throws -> Model {
        let model = try Model(options: "{class_name: 'Sequential', seed: 3}")
        try model.add("InputLayer", "{shape: [16], name: 'x'}")
        for index in 0..<layers {
            try model.add(
                "Dense",
                "{units: 16, activation: '\(activation)', name: 'h\(index)', kernel_initializer: "
                    + "\(initializer), bias_initializer: \(bias)}")
        }
        try model.add("Dense", "{units: 1, name: 'y'}")
        return model
    }

    private func diagnosis(
        _ model: Model, optimizer: String = "{class_name: 'SGD', config: {learning_rate: 0.01}}"
    ) throws -> JSON {
        let trainer = try Trainer(model, options: "{optimizer: \(optimizer), loss: 'mse'}")
        let data = try regression(rows: 64, inputs: 16, outputs: 1)
        let before = try trainer.bytes()
        let text = try trainer.diagnose(inputs: data.inputs, targets: data.targets)
        #expect(try trainer.bytes() == before)
        // Nor does what comes next.
        let other = try Trainer.load(before)
        _ = try trainer.fit(data, options: "{batch_size: 16}")
        _ = try other.fit(data, options: "{batch_size: 16}")
        #expect(try trainer.bytes() == other.bytes())
        return try JSON.read(text)
    }

    private func verdicts(_ json: JSON) -> [String] {
        (json["layers"]?.elements ?? []).compactMap { $0["verdict"]?.text }
    }

    /// Its step is a search with a memory of its own, and is not taken.
    @Test func aMinimizerKeepsItsMemory() throws {
        let data = try regression(rows: 64, inputs: 16, outputs: 1)
        let optimizer = "{class_name: 'LBFGS', config: {max_iter: 3}}"
        func trained(diagnosing: Bool) throws -> [UInt8] {
            let trainer = try Trainer(
                deep("tanh", layers: 1, initializer: "'glorot_uniform'"),
                options: "{optimizer: \(optimizer), loss: 'mse'}")
            for _ in 0..<4 {
                _ = try trainer.trainOnBatch(inputs: data.inputs, targets: data.targets)
                if diagnosing {
                    let text = try trainer.diagnose(inputs: data.inputs, targets: data.targets)
                    let layer = try JSON.read(text)["layers"]?.elements?[0]
                    #expect(layer?["update_norm"]?.isNull == true)
                    #expect(layer?["gradient_norm"]?.doubleValue ?? 0 > 0)
                }
            }
            return try trainer.bytes()
        }
        #expect(try trained(diagnosing: true) == trained(diagnosing: false))
    }

    @Test func healthy() throws {
        let json = try diagnosis(deep("relu", layers: 3, initializer: "'he_normal'"))
        #expect(verdicts(json) == ["healthy", "healthy", "healthy", "healthy"])
        #expect(json["layers"]?.elements?[0]["dead_share"]?.doubleValue ?? 1 < 0.5)
        #expect(json["problem"]?.isNull == true && json["loss"]?.doubleValue ?? -1 > 0)
    }

    @Test func vanishing() throws {
        let json = try diagnosis(deep("sigmoid", layers: 12, initializer: "'glorot_uniform'"))
        #expect(verdicts(json).first == "vanishing" && verdicts(json).last == "healthy")
        #expect(json["layers"]?.elements?[0]["advice"]?.text?.contains("relu") == true)
    }

    @Test func exploding() throws {
        let wide = "{class_name: 'RandomNormal', config: {stddev: 2}}"
        // At a rate that lets what comes next stay finite.
        let json = try diagnosis(
            deep("relu", layers: 6, initializer: wide),
            optimizer: "{class_name: 'SGD', config: {learning_rate: 1e-30}}")
        #expect(verdicts(json).allSatisfy { $0 == "exploding" })
    }

    @Test func notFinite() throws {
        let wide = "{class_name: 'RandomNormal', config: {stddev: 1e8}}"
        let trainer = try Trainer(
            deep("relu", layers: 6, initializer: wide), options: "{loss: 'mse'}")
        let data = try regression(rows: 64, inputs: 16, outputs: 1)
        let before = try trainer.bytes()
        let json = try JSON.read(trainer.diagnose(inputs: data.inputs, targets: data.targets))
        #expect(json["problem"]?.text?.contains("the loss is") == true)
        #expect(verdicts(json).last == "exploding")
        #expect(try trainer.bytes() == before)
    }

    @Test func dead() throws {
        let bias = "{class_name: 'Constant', config: {value: -100}}"
        let json = try diagnosis(
            deep("relu", layers: 2, initializer: "'he_normal'", bias: bias))
        #expect(verdicts(json).prefix(2) == ["dead", "dead"])
        #expect(json["layers"]?.elements?[0]["dead_share"]?.doubleValue == 1)
    }

    @Test func saturated() throws {
        let wide = "{class_name: 'RandomNormal', config: {stddev: 20}}"
        let json = try diagnosis(deep("tanh", layers: 2, initializer: wide))
        #expect(verdicts(json).prefix(2) == ["saturated", "saturated"])
    }

    /// SGD's update is the rate times the gradient.
    @Test func theUpdateIsThatOfTheOptimizer() throws {
        let json = try diagnosis(deep("tanh", layers: 1, initializer: "'glorot_uniform'"))
        for layer in try #require(json["layers"]?.elements) {
            let gradient = try #require(layer["gradient_norm"]?.doubleValue)
            let update = try #require(layer["update_norm"]?.doubleValue)
            #expect(abs(update / gradient - 0.01) < 1e-4)
        }
        let adam = try diagnosis(
            deep("tanh", layers: 1, initializer: "'glorot_uniform'"), optimizer: "'adam'")
        let update = try #require(adam["layers"]?.elements?[0]["update_norm"]?.doubleValue)
        // The first step of Adam is the rate for every number: 16 * 17 of them.
        #expect(abs(update - 0.001 * (16.0 * 17).squareRoot()) < 1e-4)
    }
}
