import Foundation
import SNNCore
import SNNGraph
import SNNLayers
import SNNModelTestSupport
import SNNTestSupport
import Testing

@Suite struct CanonicalOrderTests {
    /// Keras wrote these models' layers in its order, and their weights in that of the layers.
    @Test(arguments: ["sequential", "functional", "frozen"])
    func orderIsThatOfKeras(_ name: String) throws {
        let golden = try Golden.read("models/\(name).json")
        let json = try #require(golden["model"])
        let model = try KerasModel(json, registry: .all)
        let names = try #require(json["config"]?["layers"]?.elements).map {
            $0["config"]?["name"]?.text
        }
        let graph = model.graph.canonical()
        #expect(graph.nodes.map(\.name) == names)
        #expect(
            graph.variables.map(\.name)
                == golden["weights"]?.elements?.map { $0["name"]?.text ?? "" })
        guard !graph.isSequential else { return }
        // However the layers stand in the file.
        let layers = try #require(json["config"]?["layers"]?.elements)
        for seed in 0 ..< 20 as Range<UInt64> {
            let places = testNumbers(layers.count, seed: seed)
            let order = layers.indices.sorted { places[$0] < places[$1] }
            let shuffled = replacingLayers(json, order.map { layers[$0] })
            let again = try KerasModel(shuffled, registry: .all).graph.canonical()
            #expect(again.nodes.map(\.name) == names)
        }
    }

    private func replacingLayers(_ json: JSON, _ layers: [JSON]) -> JSON {
        .object((json.members ?? []).map { member in
            guard member.name == "config" else { return member }
            return JSON.Member("config", .object((member.value.members ?? []).map {
                $0.name == "layers" ? JSON.Member("layers", .array(layers)) : $0
            }))
        })
    }

    /// Random models with shared layers, several inputs and outputs: what a file keeps decides the
    /// order, the random numbers and the bits of results.
    @Test(arguments: 0 ..< 40 as Range<UInt64>)
    func aModelIsTheSameAfterAFile(_ seed: UInt64) throws {
        let built = try randomGraph(seed)
        let network = try Network(name: "m", graph: built, seed: 7)
        let json = KerasModel(name: "m", graph: network.graph).json
        let read = try KerasModel(JSON.read(json.write()), registry: .all)
        let copy = try Network(name: "m", graph: read.graph, seed: 7)
        #expect(KerasModel(name: "m", graph: copy.graph).json == json)
        #expect(copy.graph.nodes.map(\.name) == network.graph.nodes.map(\.name))
        #expect(copy.graph.variables.map(\.offset) == network.graph.variables.map(\.offset))
        #expect(try train(copy) == train(network))
        // Each call after what it needs.
        for (place, call) in network.graph.calls.enumerated() {
            #expect(call.inputs.allSatisfy { network.graph.tensors[$0].producer < place })
        }
        // To put in order what is in order changes nothing.
        #expect(KerasModel(name: "m", graph: network.graph.canonical()).json == json)
    }

    /// Dense layers of width 4, some called several times, sums and Dropout, on random tensors.
    private func randomGraph(_ seed: UInt64) throws -> Graph {
        var graph = Graph(isSequential: false)
        var choices = testNumbers(400, seed: seed &+ 900).map { $0.magnitude }
        func choose(_ count: Int) -> Int { min(Int(choices.removeLast() * Float(count)), count - 1) }
        for name in ["x", "z"] {
            try add("InputLayer", .object(("shape", [4])), named: name, to: &graph)
        }
        var shared: [Int] = []
        for index in 0 ..< 6 + choose(12) {
            let tensor = choose(graph.tensors.count)
            let other = choose(graph.tensors.count)
            switch choose(4) {
            case 0 where !shared.isEmpty:
                _ = try graph.call(shared[choose(shared.count)], on: [tensor])
            case 1:
                try add("Add", named: "s\(index)", to: &graph, on: [tensor, other, tensor])
            case 2:
                try add(
                    "Dropout", .object(("rate", 0.5)), named: "p\(index)", to: &graph, on: [tensor])
            default:
                try add(
                    "Dense", .object(("units", 4)), named: "d\(index)", to: &graph, on: [tensor])
                shared.append(graph.nodes.count - 1)
            }
        }
        // All that nothing uses is an output.
        let used = Set(graph.calls.flatMap { $0.inputs })
        let ends = graph.tensors.indices.filter {
            !used.contains($0) && !graph.inputs.contains($0)
        }
        try graph.setOutputs(ends.reversed())
        return graph
    }

    /// Outputs and gradients in training mode.
    private func train(_ network: Network) throws -> [[UInt32]] {
        let runner = try ModelRunner(network) { $0.step = 3 }
        runner.setInputs([testNumbers(12, seed: 1), testNumbers(12, seed: 2)])
        let outputs = runner.forward()
        runner.backward(outputs.map { testNumbers($0.count, seed: 4) })
        return (outputs + runner.gradients).map(bits)
    }
}
