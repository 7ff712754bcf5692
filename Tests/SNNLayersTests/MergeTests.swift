import SNNCore
import SNNGraph
import SNNLayers
import SNNModelTestSupport
import SNNTestSupport
import Testing

@Suite struct MergeTests {
    /// As a chain of `maximum(maximum(a, b), c)` shares it: JAX's rule, and PyTorch's for two.
    @Test(arguments: ["Maximum", "Minimum"])
    func equalInputsShareTheGradient(_ name: String) throws {
        let none: Float = name == "Maximum" ? -9 : 9
        let runner = try ModelRunner(
            Network(
                name: "net", graph: oneLayerGraph(name, .null, inputs: [[5], [5], [5]]), seed: 1)
        ) { $0.rows = 1 }
        runner.setInputs([[1, 1, none, 1, none], [1, none, 1, 1, none], [1, 1, 1, none, 1]])
        runner.forward()
        runner.backward([[8, 8, 8, 8, 8]])
        #expect(runner.inputGradient(0) == [2, 4, 0, 4, 0])
        #expect(runner.inputGradient(1) == [2, 0, 4, 4, 0])
        #expect(runner.inputGradient(2) == [4, 4, 4, 0, 8])
    }

    /// A loss that is not finite must show, and not be taken for the other number.
    @Test(arguments: ["Maximum", "Minimum"])
    func aNaNStaysOne(_ name: String) throws {
        let runner = try ModelRunner(
            Network(name: "net", graph: oneLayerGraph(name, .null, inputs: [[2], [2]]), seed: 1)
        ) { $0.rows = 1 }
        runner.setInputs([[.nan, 1], [1, .nan]])
        #expect(runner.forward()[0].allSatisfy { $0.isNaN })
    }

    @Test func shapesThatDoNotBroadcastAreNamed() throws {
        for (name, first, second) in [
            ("Multiply", [2, 3], [2, 2]), ("Maximum", [3], [2, 4]), ("Add", [2, 1, 3], [3, 3, 2]),
        ] {
            let error = #expect(throws: SNNError.self) {
                try oneLayerGraph(name, .null, inputs: [first, second])
            }
            #expect(error?.status == .shape)
            let message = error?.message ?? ""
            #expect(message.contains("\(name) 'layer'"))
            #expect(message.contains("expected"))
            #expect(message.contains("received (None, "))
        }
    }

    @Test func aDotOfUnequalLengthsIsNamed() throws {
        for (axes, status): (JSON, Status) in [(1, .shape), (3, .shape), (0, .shape), (-3, .shape)] {
            let error = #expect(throws: SNNError.self) {
                try oneLayerGraph("Dot", .object(("axes", axes)), inputs: [[2, 3], [3, 2]])
            }
            #expect(error?.status == status)
            #expect(error?.message.contains("Dot 'layer'") == true)
        }
    }
}
