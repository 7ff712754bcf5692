import SNNCore
import SNNGraph
import SNNKernels
import SNNLayers
import SNNModelTestSupport
import SNNTestSupport
import SNNTraining
import Testing

/// Whole trainings against Keras 3: `Golden/training.json`, and with penalties and constraints those
/// of `Golden/regularizers.json`.
@Suite struct GoldenTrainingTests {
    private static let files = ["training.json", "regularizers.json"]

    @Test(arguments: try files.flatMap { try Golden.cases($0) }.indices)
    func lossesAndWeightsAreThoseOfKeras(_ index: Int) throws {
        let golden = try Self.files.flatMap { try Golden.cases($0) }[index]
        for set in InstructionSet.supported { try compare(golden, set) }
    }

    private func compare(_ golden: JSON, _ set: InstructionSet) throws {
        let model = try KerasModel(try #require(golden["model"]), registry: .all)
        let network = try Network(name: model.name, graph: model.graph, seed: 1)
        for (variable, values) in try weights(golden["initial"], of: network) {
            _ = network.values(of: variable).update(from: values)
        }
        let loop = try TrainingLoop(
            network,
            objective: Objective(
                network.graph, loss: golden["loss"] ?? .null, lossWeights: .null, metrics: .null),
            optimizer: Optimizers.make(golden["optimizer"] ?? .null), workers: Workers(threads: 2),
            kernels: set.kernels)
        let name = golden["name"]?.text ?? ""
        for (step, batch) in try #require(golden["batches"]?.elements).enumerated() {
            let loss = try train(loop, batch)
            let expected = try #require(batch["loss"]?.doubleValue)
            #expect(
                Tolerance.goldenTraining.accepts(Float(loss), expected),
                "\(name), batch \(step), \(set): \(loss) instead of \(expected)")
        }
        for (variable, values) in try weights(golden["final"], of: network) {
            let difference = Tolerance.goldenTraining.difference(
                Array(network.values(of: variable)), values)
            #expect(difference == nil, "\(name): \(variable.name), \(set)")
        }
        try comparePredictions(network, golden, set)
    }

    /// Trains on one batch, whose arrays live as long as the call; gives its loss.
    private func train(_ loop: TrainingLoop, _ batch: JSON) throws -> Double {
        var arrays = try #require(batch["x"]?.elements).map { try #require(GoldenArray($0)) }
        let inputCount = arrays.count
        arrays.append(try #require(GoldenArray(batch["y"])))
        if let weights = GoldenArray(batch["sample_weight"]) { arrays.append(weights) }
        let buffers = try arrays.map { array in
            let buffer = try Buffer<Float>(count: array.values.count)
            buffer.pointer.update(from: array.values, count: array.values.count)
            return buffer
        }
        let views = try zip(arrays, buffers).map { array, buffer in
            try ArrayView(
                buffer.pointer, .float32, rows: array.rows, shape: Shape(array.sampleShape))
        }
        let weights = views.count > inputCount + 1 ? views[inputCount + 1] : nil
        return try withExtendedLifetime(buffers) {
            try views[..<inputCount].withUnsafeBufferPointer { inputs in
                try views[inputCount...inputCount].withUnsafeBufferPointer { targets in
                    try loop.trainOnBatch(
                        SampleArrays(inputs: inputs, targets: targets, weights: weights))[0]
                }
            }
        }
    }

    private func comparePredictions(
        _ network: Network, _ golden: JSON, _ set: InstructionSet
    ) throws {
        let inputs = try #require(golden["predict"]?["x"]?.elements).map {
            try #require(GoldenArray($0))
        }
        let expected = try #require(GoldenArray(golden["predict"]?["y"]))
        let runner = try ModelRunner(network) {
            $0.mode = .inference
            $0.rows = inputs[0].rows
            $0.set = set
        }
        runner.setInputs(inputs.map(\.values))
        let difference = Tolerance.goldenTraining.difference(runner.forward()[0], expected.values)
        #expect(difference == nil)
    }

    private func weights(_ json: JSON?, of network: Network) throws -> [(Variable, [Float])] {
        let weights = try #require(json?.elements)
        // Position by position, as a file pairs them.
        #expect(
            network.graph.nodes.flatMap { $0.variables }.map { network.graph.variables[$0].name }
                == weights.map { $0["name"]?.text })
        return try zip(network.graph.nodes.flatMap { $0.variables }, weights).map {
            (network.graph.variables[$0], try #require(GoldenArray($1["value"])).values)
        }
    }
}
