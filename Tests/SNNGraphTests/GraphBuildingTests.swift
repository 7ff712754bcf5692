import SNNCore
import SNNGraph
import SNNLayers
import SNNModelTestSupport
import Testing

@Suite struct GraphBuildingTests {
    private var x: JSON { .object(("shape", [4])) }
    private func dense(_ units: Int64) -> JSON { .object(("units", .integer(units))) }

    /// x (4) and z (2).
    private func twoInputs() throws -> Graph {
        var graph = Graph(isSequential: false)
        try add("InputLayer", x, named: "x", to: &graph)
        try add("InputLayer", .object(("shape", [2])), named: "z", to: &graph)
        return graph
    }

    private func expectError(
        _ status: Status, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () throws -> Void
    ) {
        let error = #expect(throws: SNNError.self, sourceLocation: sourceLocation) { try body() }
        #expect(error?.status == status, "\(error as Any)", sourceLocation: sourceLocation)
        for part in parts {
            #expect(
                error?.message.contains(part) ?? false, "\(error?.message ?? "")",
                sourceLocation: sourceLocation)
        }
    }

    @Test func tensorsThatDoNotExistAreRefused() throws {
        var graph = try twoInputs()
        for tensor in [-1, 2, Int.max, Int.min] {
            expectError(.argument, "'d'", "0 to 1", "\(tensor)") {
                try add("Dense", dense(3), named: "d", to: &graph, on: [tensor])
            }
        }
        #expect(graph.nodes.count == 2 && graph.node(named: "d") == nil)
        expectError(.argument, "0 to 1") { try graph.setOutputs([2]) }
        expectError(.argument, "at least one") { try graph.setOutputs([]) }
        expectError(.argument, "each input") { try graph.setInputs([0]) }
        expectError(.argument, "each input") { try graph.setInputs([0, 0]) }
        try graph.setInputs([1, 0])
        #expect(graph.inputs == [1, 0])
    }

    @Test func namesAreUnique() throws {
        var graph = try twoInputs()
        try add("Dense", dense(3), named: "d", to: &graph, on: [0])
        expectError(.argument, "'d'", "already") {
            try add("Dense", dense(3), named: "d", to: &graph, on: [0])
        }
        #expect(graph.nodes.count == 3)
    }

    @Test func aFailedLayerLeavesNothingBehind() throws {
        var graph = try twoInputs()
        let before = KerasModel(name: "m", graph: graph).json
        expectError(.shape, "Add 's'", "(None, 4)", "(None, 2)") {
            try add("Add", named: "s", to: &graph, on: [0, 1])
        }
        expectError(.shape, "one input") {
            try add("Dense", dense(1), named: "s", to: &graph, on: [0, 1])
        }
        expectError(.shape, "one input, received 0") {
            try add("Dense", dense(1), named: "s", to: &graph, on: [])
        }
        #expect(KerasModel(name: "m", graph: graph).json == before)
        #expect(graph.variables.isEmpty && graph.parameterCount == 0)
    }

    @Test func aSharedLayerKeepsTheShapesOfItsWeights() throws {
        var graph = try twoInputs()
        try add("Dense", dense(3), named: "d", to: &graph, on: [0])
        let node = try #require(graph.node(named: "d"))
        expectError(.shape, "Dense 'd'", "shared", "kernel", "(4, 3)", "(2, 3)") {
            _ = try graph.call(node, on: [1])
        }
        #expect(graph.nodes[node].calls.count == 1 && graph.variables.count == 2)
        let again = try graph.call(node, on: [0])
        #expect(graph.tensors[again[0]].shape.extents == [3] && graph.variables.count == 2)
    }

    @Test func layersThatLeadNowhereAreNamed() throws {
        var graph = try twoInputs()
        let d = try add("Dense", dense(3), named: "used", to: &graph, on: [0])
        let dead = try add("Dense", dense(3), named: "dead", to: &graph, on: [0])
        try graph.setOutputs(d)
        expectError(.state, "'dead'", "no output") {
            _ = try Network(name: "m", graph: graph, seed: 1)
        }
        try graph.setOutputs(d + dead)
        // An input that nobody uses is no error, as in Keras.
        let network = try Network(name: "m", graph: graph, seed: 1)
        #expect(network.graph.nodes.contains { $0.name == "z" })
        expectError(.state, "no layers") {
            _ = try Network(name: "m", graph: Graph(isSequential: false), seed: 1)
        }
        _ = try graph.add(
            LayerRegistry.all.make("Flatten", .null).layer, name: "idle", isTrainable: true)
        expectError(.state, "'idle'", "never called") {
            _ = try Network(name: "m", graph: graph, seed: 1)
        }
    }

    /// A call that leads nowhere, of a layer that is called elsewhere too, would be computed before
    /// what it needs.
    @Test func callsThatLeadNowhereAreNamed() throws {
        var graph = try twoInputs()
        let first = try add("Dense", dense(4), named: "first", to: &graph, on: [0])
        let shared = try add("Dense", dense(4), named: "shared", to: &graph, on: first)
        _ = try graph.call(#require(graph.node(named: "shared")), on: shared)
        try graph.setOutputs(shared)
        expectError(.state, "'shared'", "no output") {
            _ = try Network(name: "m", graph: graph, seed: 1)
        }
    }

    @Test func aModelOfTooManyParametersIsRefused() throws {
        var graph = Graph(isSequential: true)
        try add("InputLayer", .object(("shape", [1_000_000])), named: "x", to: &graph)
        expectError(.limit, "Dense 'd'") {
            try add("Dense", dense(2_000_000_000), named: "d", to: &graph, on: [0])
        }
        try add("Dense", dense(1_000_000), named: "e", to: &graph, on: [0])
        expectError(.limit, "Dense 'f'", "2^40") {
            try add("Dense", dense(1_000_000), named: "f", to: &graph, on: graph.outputs)
        }
    }

    @Test func snakeCaseIsThatOfKeras() {
        let names = [
            "Dense": "dense", "ReLU": "re_lu", "LeakyReLU": "leaky_re_lu", "Conv2D": "conv2d",
            "Conv2DTranspose": "conv2d_transpose", "InputLayer": "input_layer",
            "BatchNormalization": "batch_normalization", "LSTM": "lstm", "GRUCell": "gru_cell",
            "MaxPooling1D": "max_pooling1d", "GlobalAveragePooling2D": "global_average_pooling2d",
            "SGD": "sgd", "": "", "a": "a", "my_Layer": "my_layer", "Ünder": "nder",
            "UpSampling2D": "up_sampling2d", "PReLU": "p_re_lu",
        ]
        for (name, expected) in names { #expect(snakeCase(name) == expected, "\(name)") }
    }

    @Test func automaticNamesAreCountedPerModel() throws {
        var graph = Graph(isSequential: true)
        try add("InputLayer", x, named: automaticName(for: "InputLayer", in: graph), to: &graph)
        for _ in 0 ..< 3 {
            try add(
                "LeakyReLU", named: automaticName(for: "LeakyReLU", in: graph), to: &graph,
                on: graph.outputs)
        }
        #expect(
            graph.nodes.map(\.name) == [
                "input_layer", "leaky_re_lu", "leaky_re_lu_1", "leaky_re_lu_2",
            ])
        #expect(automaticName(for: "InputLayer", in: graph) == "input_layer_1")
        // A name that somebody chose is left out.
        try add("ReLU", named: "leaky_re_lu_3", to: &graph, on: graph.outputs)
        #expect(automaticName(for: "LeakyReLU", in: graph) == "leaky_re_lu_4")
    }

    @Test func variablesAreLaidOutOnWholeCacheLines() throws {
        var graph = Graph(isSequential: true)
        try add("InputLayer", x, named: "x", to: &graph)
        try add("Dense", dense(5), named: "d", to: &graph, on: graph.outputs)
        try add("BatchNormalization", named: "n", to: &graph, on: graph.outputs)
        #expect(
            graph.variables.map(\.name) == [
                "d/kernel", "d/bias", "n/gamma", "n/beta", "n/moving_mean", "n/moving_variance",
            ])
        #expect(graph.variables.map(\.offset) == [0, 32, 48, 64, 0, 16])
        #expect(graph.parameterCount == 80 && graph.statisticCount == 32)
        let network = try Network(name: "m", graph: graph, seed: 1)
        #expect(network.trainableRanges == [0 ..< 32, 32 ..< 48, 48 ..< 64, 64 ..< 80])
        network.setTrainable(false, node: 1)
        #expect(network.trainableRanges == [48 ..< 64, 64 ..< 80] && network.structureVersion == 1)
        network.setTrainable(false, node: 1)
        #expect(network.structureVersion == 1)
        network.setTrainable(false, node: 2)
        #expect(network.trainableRanges.isEmpty)
    }
}
