import SNNCore
import SNNTestSupport
import SwiftNN
import Testing

struct FreezingTests {
    private let names = [
        "stem/kernel", "norm/gamma", "norm/beta", "norm/moving_mean", "norm/moving_variance",
        "kind/kernel", "kind/bias", "amount/kernel", "amount/bias",
    ]

    private func makeTrainer() throws -> Trainer {
        try Trainer(forkedModel(), options: forkedTraining)
    }

    /// The variables that a fit changed.
    private func changed(by trainer: Trainer) throws -> Set<String> {
        let before = try names.map { bits(try trainer.model.values($0)) }
        _ = try trainer.fit(forkedData(rows: 20), options: "{epochs: 2, batch_size: 6}")
        let after = try names.map { bits(try trainer.model.values($0)) }
        return Set(zip(names, zip(before, after)).filter { $1.0 != $1.1 }.map(\.0))
    }

    @Test func frozenLayersKeepTheirNumbers() throws {
        let trainer = try makeTrainer()
        let model = trainer.model
        #expect(try model.variableNames() == names)
        #expect(try changed(by: trainer) == Set(names))
        #expect(try model.parameterCount() == (48 + 4 * 8 + 27 + 9, 48 + 2 * 8 + 27 + 9))

        try model.setTrainable(false, layer: "stem")
        #expect(try changed(by: trainer) == Set(names).subtracting(["stem/kernel"]))
        #expect(try model.parameterCount() == (116, 52))

        // With its statistics.
        try model.setTrainable(false, layer: "norm")
        let norm = Set(names.filter { $0.hasPrefix("norm/") })
        let rest = Set(names).subtracting(norm)
        #expect(try changed(by: trainer) == rest.subtracting(["stem/kernel"]))
        #expect(try model.parameterCount() == (116, 36))

        try model.setTrainable(true, layer: "stem")
        #expect(try changed(by: trainer) == rest)

        try model.setTrainable(true, layer: nil)
        #expect(try changed(by: trainer) == Set(names))
        #expect(try model.parameterCount() == (116, 100))

        try model.setTrainable(false, layer: nil)
        #expect(try changed(by: trainer) == [])
        #expect(try model.parameterCount() == (116, 0))
    }

    @Test func aFrozenNormalizationUsesItsMovingStatisticsInTraining() throws {
        let model = try Model(options: "{class_name: 'Sequential', seed: 2}")
        try model.add("InputLayer", "{shape: [3]}")
        try model.add("BatchNormalization", "{name: 'norm'}")
        try model.add("Dense", "{units: 2}")
        try model.set("norm/moving_mean", [0.5, -0.25, 0])
        try model.set("norm/moving_variance", [2, 0.5, 1])
        let trainer = try Trainer(model, options: "{loss: 'mse'}")
        let data = try regression(rows: 8, inputs: 3)
        let inference = try trainer.evaluate(data)[0]
        #expect(abs(try trainer.computeGradients(data) - inference) > 1e-3)
        try model.setTrainable(false, layer: "norm")
        #expect(abs(try trainer.computeGradients(data) - inference) < 1e-6)
    }

    @Test func frozenFlagsGoThroughTheFile() throws {
        let trainer = try makeTrainer()
        try trainer.model.setTrainable(false, layer: "norm")
        try trainer.model.setTrainable(false, layer: "kind")
        _ = try trainer.fit(forkedData(rows: 20), options: "{epochs: 1, batch_size: 6}")
        let loaded = try Trainer.load(trainer.bytes())
        #expect(try loaded.model.parameterCount() == (116, 57))
        #expect(try loaded.bytes() == trainer.bytes())
        let kept: Set = [
            "norm/gamma", "norm/beta", "norm/moving_mean", "norm/moving_variance", "kind/kernel",
            "kind/bias",
        ]
        #expect(try changed(by: loaded) == Set(names).subtracting(kept))
        // And through JSON.
        let json = try Model(json: trainer.model.json())
        #expect(try json.parameterCount() == (116, 57))
    }

    @Test func frozenLayersPassGradientsOn() throws {
        let thawed = try makeTrainer()
        let frozen = try makeTrainer()
        for layer in ["drop", "kind", "amount"] {
            try frozen.model.setTrainable(false, layer: layer)
        }
        let data = try forkedData(rows: 20)
        #expect(try thawed.computeGradients(data) == frozen.computeGradients(data))
        #expect(try thawed.gradient("stem/kernel") == frozen.gradient("stem/kernel"))
        #expect(try thawed.inputGradient(0) == frozen.inputGradient(0))
    }

    @Test func whatIsFrozenHasNoGradient() throws {
        let trainer = try makeTrainer()
        try trainer.model.setTrainable(false, layer: "stem")
        _ = try trainer.computeGradients(forkedData(rows: 20))
        let error = failure { _ = try trainer.gradient("stem/kernel") }
        #expect(error.status == .state)
        #expect(error.message == "'stem/kernel' has no gradient: its layer is frozen")
        #expect(try trainer.gradient("norm/gamma").contains { $0 != 0 })
    }

    @Test func freezingInTheMiddleOfAnEpochKeepsTheMeans() throws {
        let data = try forkedData(rows: 20)
        let trainer = try makeTrainer()
        try trainer.fit(data, "{batch_size: 6}", until: 2)
        let values = try trainer.bytes()
        try trainer.model.setTrainable(false, layer: "kind")
        try trainer.model.setTrainable(true, layer: "kind")
        #expect(try trainer.bytes() == values)
        try trainer.model.setTrainable(false, layer: "kind")
        let kernel = try trainer.model.values("kind/kernel")
        var told = 0.0
        _ = try trainer.fit(
            data, options: "{batch_size: 6, resume: true}",
            onBatchEnd: {
                told = $0.values[0]
                return false
            })
        #expect(try trainer.model.values("kind/kernel") == kernel)
        #expect(try columns(trainer.history())["loss"] == [told])
    }

    @Test func anUnknownLayerIsNamedWithTheNearestOne() throws {
        let error = failure { try forkedModel().setTrainable(false, layer: "nrom") }
        #expect(error.status == .argument)
        #expect(error.message == "the model has no layer 'nrom'; did you mean 'norm'?")
    }
}
