import SNNCore
import SNNGraph
import SNNLayers
import SNNModelTestSupport
import SNNTestSupport
import Testing

/// `data_format: "channels_first"` is the layer between two Permutes.
@Suite struct ChannelsFirstTests {
    /// A layer, its options, the shape of its input with channels first, and whether its output has
    /// places.
    private static let cases: [(name: String, options: String, shape: [Int], keepsPlaces: Bool)] = [
        ("Dense", "{units: 5, activation: 'gelu'}", [3, 4, 2], true),
        ("Dense", "{units: 5, activation: 'tanh'}", [7, 3], true),
        ("BatchNormalization", "{}", [5, 3, 2], true),
        ("Softmax", "{}", [5, 2, 3], true),
        ("SpatialDropout2D", "{rate: 0.5}", [6, 4, 3], true),
        ("Flatten", "{}", [6, 4, 3], false),
        ("Reshape", "{target_shape: [8, 9]}", [6, 4, 3], true),
        ("ReLU", "{}", [1, 4, 3], true),
    ]

    @Test(arguments: 0 ..< 8)
    func itIsTheLayerBetweenTranspositions(_ index: Int) throws {
        let (name, options, shape, keepsPlaces) = Self.cases[index]
        for threads in [1, 3] {
            let direct = try run(spatialGraph(name, options, shape), threads)
            let permuted = try run(permutedGraph(name, options, shape, keepsPlaces), threads)
            #expect(direct.count == permuted.count && direct.count >= 2)
            for (values, expected) in zip(direct, permuted) {
                #expect(bitDifference(values, expected) == nil)
            }
        }
    }

    @Test func itsConfigurationSaysSo() throws {
        let layer = try spatial("SpatialDropout2D", "{rate: 0.5}")
        #expect(layer.configuration.filter { $0.name == "data_format" }
            == [.init("data_format", "channels_first")])
        #expect(try spatial("Flatten", "{}").configuration
            == [.init("data_format", "channels_first")])
    }

    @Test func anUnknownFormatIsRefused() throws {
        let error = #expect(throws: SNNError.self) {
            try LayerRegistry.all.make("Flatten", JSON.read("{data_format: 'middle'}"))
        }
        #expect(error?.status == .configuration)
        #expect(error?.message.contains("'data_format'") == true)
        #expect(error?.message.contains("middle") == true)
    }

    @Test func errorsSayWhereTheChannelsAre() throws {
        let error = #expect(throws: SNNError.self) {
            try spatial("SpatialDropout2D", "{rate: 0.5}").outputShapes(for: [Shape([3, 4])])
        }
        #expect(error?.message.contains("(None, 4, 3)") == true)
        #expect(error?.message.contains("moved to the end") == true)
    }

    /// Outputs, gradients, and what `commit` left.
    private func run(_ graph: Graph, _ threads: Int) throws -> [[Float]] {
        let network = try Network(name: "net", graph: graph, seed: 3)
        network.scramble(seed: 5)
        let runner = try ModelRunner(network) { $0.rows = 4; $0.threads = threads; $0.step = 2 }
        let shape = try Shape(graph.tensors[graph.inputs[0]].shape.extents)
        runner.setInputs([testNumbers(4 * shape.count, seed: 8)])
        let outputs = runner.forward()
        runner.backward([testNumbers(outputs[0].count, seed: 9)])
        runner.commit()
        let statistics = network.graph.variables.filter { $0.role == .statistic }
        return outputs + runner.gradients + statistics.map { Array(network.values(of: $0)) }
    }

    private func spatial(_ name: String, _ options: String) throws -> any Layer {
        let make = try #require(LayerRegistry.all.kinds.first { $0.className == name }).make
        guard case .object(let members) = try JSON.read(options) else { return try #require(nil) }
        var configuration = try Configuration(
            .object(members + [.init("data_format", "channels_first")]), of: name)
        let layer = try LayerKind.spatial(name) { (options) throws(SNNError) in
            // Those that are spatial themselves would read the key again.
            var inner = try Configuration(.object(members), of: name)
            _ = options.rest()
            return try make(&inner)
        }.make(&configuration)
        return layer
    }

    private func spatialGraph(_ name: String, _ options: String, _ shape: [Int]) throws -> Graph {
        var graph = Graph(isSequential: false)
        // In the place of the transposition: masks are keyed by a layer's place.
        let x = try permute(input(shape, to: &graph), Array(1 ... shape.count), "in", to: &graph)
        _ = try graph.add(spatial(name, options), name: "layer", isTrainable: true, on: x)
        return graph
    }

    private func permutedGraph(
        _ name: String, _ options: String, _ shape: [Int], _ keepsPlaces: Bool
    ) throws -> Graph {
        var graph = Graph(isSequential: false)
        var x = try input(shape, to: &graph)
        x = try permute(x, Array(2 ... shape.count) + [1], "in", to: &graph)
        x = try add(name, JSON.read(options), named: "layer", to: &graph, on: x)
        if keepsPlaces {
            let rank = graph.tensors[x[0]].shape.rank
            _ = try permute(x, [rank] + Array(1 ..< rank), "out", to: &graph)
        }
        return graph
    }

    private func input(_ shape: [Int], to graph: inout Graph) throws -> [Int] {
        try add(
            "InputLayer", .object(("shape", .array(shape.map { .integer(Int64($0)) }))),
            named: "x", to: &graph)
    }

    private func permute(
        _ x: [Int], _ dims: [Int], _ name: String, to graph: inout Graph
    ) throws -> [Int] {
        try add(
            "Permute", .object(("dims", .array(dims.map { .integer(Int64($0)) }))), named: name,
            to: &graph, on: x)
    }
}
