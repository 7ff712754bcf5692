import SNNCore
import SNNGraph
import SNNKernels
import SNNLayers
import SNNModelTestSupport
import SNNTestSupport
import Testing

/// Layers against Keras 3: `Golden/layers.json` and its like.
@Suite struct GoldenLayerTests {
    private static let documents = [
        "layers.json", "convolutions.json", "normalizations.json", "poolings.json",
        "shape_layers.json",
    ]

    private static func cases() throws -> [JSON] {
        try documents.flatMap { try Golden.cases($0) }
    }

    /// What Keras does and we refuse, with the status.
    private static let refused: [String: Status] = [
        "Softmax axis [1, 2]": .configuration,
        "BatchNormalization rank 3 axis 1 training": .unsupported,
        "BatchNormalization rank 3 axis 1 inference": .unsupported,
        "LayerNormalization inner axis 1": .unsupported,
        "LayerNormalization inner axis 2": .unsupported,
        "LayerNormalization inner axis [1]": .unsupported,
        "LayerNormalization inner axis [1, 2]": .unsupported,
        "LayerNormalization inner axis [3, 1]": .unsupported,
        "LayerNormalization inner axis [-1, 1]": .unsupported,
        "GroupNormalization channels first rank 3": .unsupported,
        "GroupNormalization channels first rank 4": .unsupported,
        "UnitNormalization axis 1": .unsupported,
        "UnitNormalization axis [1]": .unsupported,
    ]
    /// Keras's sparsemax is wrong; see `GoldenActivationTests`.
    private static let wrongInKeras: Set<String> = ["Dense sparsemax"]

    /// What loses more to rounding than others, and how many times: Winograd's way, and a sum near 0.
    private static let rounding = [
        "Conv2D {'filters': 16, 'kernel_size': 3, 'padding': 'valid'}": 16.0,
        "Conv2D {'filters': 16, 'kernel_size': 3, 'padding': 'same'}": 16.0,
        "DepthwiseConv2D {'kernel_size': 3, 'padding': 'same', 'depth_multiplier': 2}": 2.0,
    ]

    @Test(arguments: try cases().map { $0["name"]?.text ?? "" })
    func aLayerComputesWhatKerasComputes(_ name: String) throws {
        let golden = try #require(
            try Self.cases().first { $0["name"]?.text == name })
        if let status = Self.refused[name] {
            let error = #expect(throws: SNNError.self) { try makeNetwork(golden) }
            #expect(error?.status == status, "\(error?.message ?? "")")
            return
        }
        guard !Self.wrongInKeras.contains(name) else {
            print("skipped: \(name): Keras's values are not those of sparsemax")
            return
        }
        let network = try makeNetwork(golden)
        for set in InstructionSet.supported { try compare(network, golden, set) }
    }

    private func compare(_ network: Network, _ golden: JSON, _ set: InstructionSet) throws {
        let inputs = try arrays(golden["inputs"])
        let outputs = try arrays(golden["outputs"])
        let isTraining = golden["training"] == true
        let tolerance = Tolerance.golden.times(
            Self.rounding[golden["name"]?.text ?? ""] ?? 1)
        let className = golden["class_name"]?.text
        try assignWeights(of: network, golden)
        // A gradient in inference is that of a frozen layer here; Dropout drops all the same.
        let isFrozen = className == "BatchNormalization" && !isTraining
        let hasGradients = className != "Dropout" || isTraining
        if isFrozen {
            for node in network.graph.nodes.indices { network.setTrainable(false, node: node) }
        }
        let runner = try ModelRunner(network) {
            $0.mode = hasGradients ? .training : .inference
            $0.rows = inputs[0].rows
            $0.set = set
        }
        runner.setInputs(inputs.map(\.values))
        for (values, expected) in zip(runner.forward(), outputs) {
            #expect(tolerance.difference(values, expected.values) == nil)
        }
        guard hasGradients else { return }
        runner.backward(try arrays(golden["cotangents"]).map(\.values))
        for (index, expected) in try arrays(golden["input_gradients"]).enumerated() {
            let gradient = try #require(runner.inputGradient(index))
            let difference = tolerance.difference(gradient, expected.values)
            #expect(difference == nil, "input \(index), \(set)")
        }
        runner.commit()
        for weight in golden["weights"]?.elements ?? [] {
            let name = "layer/" + (weight["name"]?.text ?? "")
            let variable = try variable(name, of: network)
            if let expected = GoldenArray(weight["gradient"]), !isFrozen {
                let gradient = try #require(runner.gradient(of: variable))
                let difference = tolerance.difference(gradient, expected.values)
                #expect(difference == nil, "\(name), \(set)")
            }
            if let expected = GoldenArray(weight["after"]) {
                let difference = tolerance.difference(
                    Array(network.values(of: variable)), expected.values)
                #expect(difference == nil, "\(name), \(set)")
            }
        }
    }

    private func makeNetwork(_ golden: JSON) throws -> Network {
        let graph = try oneLayerGraph(
            golden["class_name"]?.text ?? "", golden["config"] ?? .null,
            inputs: arrays(golden["inputs"]).map(\.sampleShape))
        #expect(
            try graph.outputs.map { graph.tensors[$0].shape.extents }
                == arrays(golden["outputs"]).map(\.sampleShape))
        let network = try Network(name: "golden", graph: graph, seed: 1)
        #expect(
            network.graph.variables.map(\.name)
                == golden["weights"]?.elements?.map { "layer/" + ($0["name"]?.text ?? "") })
        return network
    }

    private func assignWeights(of network: Network, _ golden: JSON) throws {
        for weight in golden["weights"]?.elements ?? [] {
            let variable = try variable("layer/" + (weight["name"]?.text ?? ""), of: network)
            let value = try #require(GoldenArray(weight["value"]))
            #expect(value.shape == variable.shape.extents)
            _ = network.values(of: variable).update(from: value.values)
        }
    }

    private func variable(_ name: String, of network: Network) throws -> Variable {
        network.graph.variables[try #require(network.graph.variable(named: name))]
    }

    private func arrays(_ json: JSON?) throws -> [GoldenArray] {
        try #require(json?.elements).map { try #require(GoldenArray($0)) }
    }
}
