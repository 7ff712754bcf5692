import SNNCore
import SNNGraph
import SNNKernels
import SNNLayers
import SNNModelTestSupport
import SNNTestSupport
import Testing

/// Plans of graphs whose tensors are used in many ways, their gradients against differences. All
/// run with poisoned memory.
@Suite struct PlanTests {
    private static let rows = 6

    private func input(_ extents: [Int64], _ name: String, _ graph: inout Graph) throws -> [Int] {
        try add(
            "InputLayer", .object(("shape", .array(extents.map { .integer($0) }))), named: name,
            to: &graph)
    }

    private func dense(
        _ units: Int64, _ name: String, _ graph: inout Graph, on inputs: [Int],
        activation: JSON = "tanh"
    ) throws -> [Int] {
        try add(
            "Dense", .object(("units", .integer(units)), ("activation", activation)), named: name,
            to: &graph, on: inputs)
    }

    private func network(_ build: (inout Graph) throws -> [Int]) throws -> Network {
        var graph = Graph(isSequential: false)
        try graph.setOutputs(build(&graph))
        let network = try Network(name: "m", graph: graph, seed: 1)
        network.scramble(seed: 5)
        return network
    }

    /// Every gradient, with the losses that are named.
    private func expectGradients(
        _ network: Network, lossOutputs: [Bool]? = nil, wantsInputGradients: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for set in InstructionSet.supported {
            let runner = try ModelRunner(network) {
                $0.rows = Self.rows
                $0.capacity = Self.rows + 2
                $0.lossOutputs = lossOutputs
                $0.wantsInputGradients = wantsInputGradients
                $0.set = set
            }
            let shapes = runner.executor.plan.inputShapes
            runner.setInputs(
                shapes.enumerated().map {
                    testNumbers(Self.rows * $1.count, seed: UInt64(40 + $0))
                })
            let errors = runner.gradientErrors(cotangents(runner))
            #expect(
                errors.isEmpty, "\(errors.count) of them: \(errors.prefix(3))",
                sourceLocation: sourceLocation)
        }
    }

    private func cotangents(_ runner: ModelRunner) -> [[Float]] {
        runner.executor.plan.outputShapes.enumerated().map {
            testNumbers(Self.rows * $1.count, seed: UInt64(60 + $0))
        }
    }

    @Test func gradientsOfATensorThatIsUsedThreeTimesAddUp() throws {
        try expectGradients(
            network { graph in
                let x = try input([4], "x", &graph)
                let h = try dense(5, "h", &graph, on: x)
                let parts = try dense(5, "a", &graph, on: h) + dense(5, "b", &graph, on: h) + h + h
                return try add("Add", named: "sum", to: &graph, on: parts)
            })
    }

    @Test func aSharedLayersGradientsAddUp() throws {
        try expectGradients(
            network { graph in
                let x = try input([4], "x", &graph)
                let z = try input([4], "z", &graph)
                let first = try dense(4, "shared", &graph, on: x)
                let second = try graph.call(2, on: z)
                // On what it gave itself, too.
                let third = try graph.call(2, on: second)
                return try add("Concatenate", named: "all", to: &graph, on: first + second + third)
            })
    }

    @Test(arguments: [[true, true, true], [true, false, false], [false, true, false], [false, true, true]])
    func outputsMayHaveLossesOrNot(_ lossOutputs: [Bool]) throws {
        let network = try network { graph in
            let x = try input([4], "x", &graph)
            let h = try dense(6, "h", &graph, on: x)
            let n = try add("BatchNormalization", named: "n", to: &graph, on: h)
            let y = try dense(2, "y", &graph, on: n, activation: "softmax")
            // The middle one is an output and used further on.
            return h + n + y
        }
        // What no loss reaches has no gradient.
        let reached = lossOutputs[2] ? 5 : lossOutputs[1] ? 3 : 2
        let runner = try ModelRunner(network) {
            $0.rows = Self.rows
            $0.lossOutputs = lossOutputs
        }
        runner.setInputs([testNumbers(Self.rows * 4, seed: 1)])
        runner.forward()
        for (index, hasLoss) in lossOutputs.enumerated() {
            #expect((runner.executor.outputGradient(index) != nil) == hasLoss)
        }
        let errors = runner.gradientErrors(cotangents(runner))
        let variables = network.graph.variables.filter { $0.role == .parameter }
        let names = Set(errors.map { String($0.prefix { $0 != " " }) })
        let expected = reached == 5 ? [] : variables.filter {
            $0.name.hasPrefix("y/") || reached == 2 && $0.name.hasPrefix("n/")
        }.map(\.name)
        #expect(names == Set(expected), "\(errors.prefix(3))")
    }

    @Test func oneTensorMayBeSeveralOutputs() throws {
        try expectGradients(
            network { graph in
                let x = try input([4], "x", &graph)
                let h = try dense(6, "h", &graph, on: x)
                let flat = try add(
                    "Reshape", .object(("target_shape", [2, 3])), named: "r", to: &graph, on: h)
                return h + flat + h
            })
    }

    @Test func viewsShareMemoryAndGradients() throws {
        let network = try network { graph in
            let x = try input([2, 3], "x", &graph)
            // At the input, used by two, and as an output.
            let flat = try add("Flatten", named: "flat", to: &graph, on: x)
            let a = try dense(6, "a", &graph, on: flat)
            let shaped = try add(
                "Reshape", .object(("target_shape", [2, 3])), named: "shaped", to: &graph, on: a)
            let again = try graph.call(#require(graph.node(named: "flat")), on: shaped)
            let sum = try add("Add", named: "sum", to: &graph, on: flat + again + a)
            let b = try dense(2, "b", &graph, on: shaped)
            let last = try add("Flatten", named: "last", to: &graph, on: sum)
            return b + last + flat
        }
        try expectGradients(network)
        let runner = try ModelRunner(network) { $0.mode = .inference }
        let x = testNumbers(18, seed: 3)
        runner.setInputs([x])
        #expect(runner.forward()[2] == x)
    }

    @Test func aModelOfViewsAloneHasGradients() throws {
        let network = try network { graph in
            let x = try input([2, 3], "x", &graph)
            let z = try input([3], "z", &graph)
            let flat = try add("Flatten", named: "flat", to: &graph, on: x)
            return flat + z + flat
        }
        try expectGradients(network)
        let runner = try ModelRunner(network) { $0.wantsInputGradients = false }
        #expect(runner.inputGradient(0) == nil && runner.inputGradient(1) == nil)
    }

    @Test func aFrozenLayerInTheMiddleLetsGradientsThrough() throws {
        for frozen in ["b", "n", "c"] {
            let network = try network { graph in
                let x = try input([4], "x", &graph)
                let a = try dense(5, "a", &graph, on: x)
                let b = try dense(5, "b", &graph, on: a)
                let n = try add("BatchNormalization", named: "n", to: &graph, on: b)
                return try dense(3, "c", &graph, on: n)
            }
            network.setTrainable(false, node: try #require(network.graph.node(named: frozen)))
            try expectGradients(network)
            try expectGradients(network, wantsInputGradients: false)
        }
    }

    /// Nothing is computed backward below the lowest layer that learns.
    @Test func belowWhatLearnsThereIsNoBackwardPass() throws {
        let network = try network { graph in
            let x = try input([4], "x", &graph)
            let a = try dense(5, "a", &graph, on: x)
            let b = try dense(5, "b", &graph, on: a)
            return try dense(3, "c", &graph, on: b)
        }
        for name in ["a", "b"] {
            network.setTrainable(false, node: try #require(network.graph.node(named: name)))
        }
        try expectGradients(network, wantsInputGradients: false)
        let runner = try ModelRunner(network) { $0.wantsInputGradients = false }
        #expect(runner.inputGradient(0) == nil)
        network.setTrainable(false, node: try #require(network.graph.node(named: "c")))
        try expectGradients(network)
        try expectGradients(network, wantsInputGradients: false)
    }

    @Test func anInputThatNobodyUsesHasNoGradient() throws {
        let network = try network { graph in
            let x = try input([4], "x", &graph)
            _ = try input([2], "z", &graph)
            return try dense(3, "y", &graph, on: x)
        }
        let runner = try ModelRunner(network)
        let unused = try #require(
            network.graph.inputs.firstIndex { network.graph.name(ofTensor: $0) == "z" })
        runner.setInputs([[Float](repeating: 1, count: 12), [Float](repeating: .nan, count: 6)])
        #expect(runner.forward()[0].allSatisfy { $0.isFinite })
        runner.backward([[Float](repeating: 1, count: 9)])
        #expect(runner.inputGradient(unused) == nil && runner.inputGradient(1 - unused) != nil)
    }

    @Test func aDeepModelReadsNoMemoryThatWasGivenAway() throws {
        let network = try network { graph in
            var x = try dense(4, "stem", &graph, on: input([4], "x", &graph))
            for block in 0 ..< 12 {
                let h = try add("BatchNormalization", named: "n\(block)", to: &graph, on: x)
                let r = try add("LeakyReLU", named: "r\(block)", to: &graph, on: h)
                let d = try add(
                    "Dropout", .object(("rate", 0.25)), named: "p\(block)", to: &graph,
                    on: dense(4, "d\(block)", &graph, on: r, activation: "gelu"))
                x = try add("Add", named: "s\(block)", to: &graph, on: x + d)
            }
            return try dense(2, "y", &graph, on: x)
        }
        var gradients: [[[Float]]] = []
        for poisons in [true, false] {
            let runner = try ModelRunner(network) { $0.rows = 9; $0.poisons = poisons }
            runner.setInputs([testNumbers(36, seed: 9)])
            runner.forward()
            runner.backward([testNumbers(18, seed: 8)])
            gradients.append(runner.gradients)
        }
        #expect(gradients[0].allSatisfy { $0.allSatisfy { $0.isFinite } })
        #expect(gradients[0] == gradients[1])
    }

    @Test func batchesThatAreTooLargeAreRefused() throws {
        let network = try network { graph in
            try dense(1000, "y", &graph, on: input([4], "x", &graph))
        }
        for capacity in [1 << 31, Int.max / 4096, Int.max] {
            let error = #expect(throws: SNNError.self) {
                _ = try Executor(
                    Plan.inference(of: network.graph), of: network, capacity: capacity,
                    workers: Workers(threads: 1), kernels: InstructionSet.best.kernels)
            }
            #expect(error?.status == .limit)
        }
    }
}
