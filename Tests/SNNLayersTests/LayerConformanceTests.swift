import SNNCore
import SNNGraph
import SNNKernels
import SNNLayers
import SNNModelTestSupport
import SNNTestSupport
import Testing

/// What every layer must do; it runs the examples of `LayerExample`.
@Suite struct LayerConformanceTests {
    @Test func everyKindHasExamples() {
        for kind in LayerRegistry.all.kinds {
            #expect(
                LayerExample.all.contains { $0.className == kind.className },
                "\(kind.className) needs a row in LayerExample.all")
            #expect(
                LayerExample.large.contains { $0.example.className == kind.className },
                "\(kind.className) needs a row in LayerExample.large")
        }
    }

    @Test(arguments: LayerExample.all)
    func configurationSurvivesTheFile(_ example: LayerExample) throws {
        let network = try example.network()
        let json = KerasModel(name: network.name, graph: network.graph).json
        let read = try KerasModel(JSON.read(json.write()), registry: .all)
        #expect(read.json == json)
        let copy = try Network(name: read.name, graph: read.graph, seed: network.seed)
        copy.scramble(seed: example.seed)
        #expect(try forward(copy, example) == forward(network, example))
    }

    @Test(arguments: LayerExample.all)
    func outputHasTheShape(_ example: LayerExample) throws {
        let graph = try example.network().graph
        #expect(graph.outputs.map { graph.tensors[$0].shape.extents } == [example.output])
    }

    @Test(arguments: LayerExample.all)
    func gradientsMatchDifferences(_ example: LayerExample) throws {
        for rows in [5, 2] {
            let runner = try ModelRunner(example.network()) { $0.rows = rows; $0.step = 4 }
            runner.setInputs(example.inputRows(rows))
            let errors = runner.gradientErrors(
                example.cotangents(rows), tolerance: .differences.times(example.rounding))
            #expect(errors.isEmpty, "\(errors.count) of them: \(errors.prefix(3))")
        }
    }

    @Test(arguments: LayerExample.all)
    func aFrozenLayerPassesItsGradientOn(_ example: LayerExample) throws {
        let runner = try ModelRunner(example.network(isTrainable: false)) { $0.rows = 4 }
        runner.setInputs(example.inputRows(4))
        let errors = runner.gradientErrors(
            example.cotangents(4), tolerance: .differences.times(example.rounding))
        #expect(errors.isEmpty, "\(errors.count) of them: \(errors.prefix(3))")
    }

    /// Gradients of the parameters are the same when nobody asks for those of the inputs.
    @Test(arguments: LayerExample.all)
    func parametersLearnWithoutInputGradients(_ example: LayerExample) throws {
        var gradients: [[[Float]]] = []
        for wantsInputGradients in [true, false] {
            let runner = try ModelRunner(example.network()) {
                $0.wantsInputGradients = wantsInputGradients
            }
            runner.setInputs(example.inputRows(3))
            runner.forward()
            runner.backward(example.cotangents(3))
            #expect(wantsInputGradients || runner.inputGradient(0) == nil)
            gradients.append(runner.network.graph.variables.compactMap { runner.gradient(of: $0) })
        }
        #expect(gradients[0] == gradients[1])
    }

    @Test(arguments: LayerExample.all)
    func instructionSetsAgree(_ example: LayerExample) throws {
        var results: [InstructionSet: [[Float]]] = [:]
        for set in InstructionSet.supported {
            let runner = try ModelRunner(example.network()) { $0.rows = 7; $0.set = set }
            runner.setInputs(example.inputRows(7))
            let outputs = runner.forward()
            runner.backward(example.cotangents(7))
            results[set] = try outputs + runner.gradients + forward(example.network(), example, set)
        }
        let base = try #require(results[.base])
        for set in InstructionSet.supported where set != .base {
            for (values, expected) in zip(try #require(results[set]), base) {
                let tolerance = Tolerance.betweenSets.times(example.rounding)
                #expect(tolerance.difference(values, expected) == nil)
            }
        }
        if let avx2 = results[.avx2], let avx512 = results[.avx512] {
            for (values, expected) in zip(avx512, avx2) {
                #expect(bitDifference(values, expected) == nil)
            }
        }
    }

    @Test(arguments: LayerExample.large.indices)
    func threadsDoNotChangeBits(_ index: Int) throws {
        let (example, rows) = LayerExample.large[index]
        let inputs = example.inputRows(rows)
        var results: [[[Float]]] = []
        for threads in [1, 2, 5] {
            let network = try example.network()
            let runner = try ModelRunner(network) { $0.rows = rows; $0.threads = threads }
            runner.setInputs(inputs)
            let outputs = runner.forward()
            runner.backward(example.cotangents(rows))
            runner.commit()
            let variables = network.graph.variables.map { Array(network.values(of: $0)) }
            results.append(outputs + runner.gradients + variables)
        }
        for result in results.dropFirst() {
            for (values, expected) in zip(result, results[0]) {
                #expect(bitDifference(values, expected) == nil, "\(example.testDescription)")
            }
        }
    }

    @Test(arguments: LayerExample.all)
    func aRowHasTheSameBitsInAnyBatch(_ example: LayerExample) throws {
        let network = try example.network()
        let inputs = example.inputRows(37)
        let many = try ModelRunner(network) { $0.mode = .inference; $0.rows = 37 }
        many.setInputs(inputs)
        let outputs = many.forward()[0]
        let one = try ModelRunner(network) {
            $0.mode = .inference
            $0.rows = 1
            $0.capacity = 9
        }
        let width = outputs.count / 37
        for row in 0 ..< 37 {
            one.setInputs(
                inputs.map { values in
                    let width = values.count / 37
                    return Array(values[row * width ..< (row + 1) * width])
                })
            let difference = bitDifference(
                one.forward()[0], Array(outputs[row * width ..< (row + 1) * width]))
            #expect(difference == nil, "row \(row)")
        }
    }

    /// A frozen layer behaves as in a prediction, but for noise, which goes by the mode alone.
    @Test(
        arguments: LayerExample.all.filter {
            !$0.className.contains("Dropout") && $0.className != "GaussianNoise"
        })
    func aFrozenLayerComputesWhatAPredictionDoes(_ example: LayerExample) throws {
        let runner = try ModelRunner(example.network(isTrainable: false)) { $0.rows = 7 }
        runner.setInputs(example.inputRows(7))
        #expect(try runner.forward() == forward(example.network(), example))
    }

    /// What a prediction gives for 7 rows.
    private func forward(
        _ network: Network, _ example: LayerExample, _ set: InstructionSet = .best
    ) throws -> [[Float]] {
        let runner = try ModelRunner(network) {
            $0.mode = .inference
            $0.rows = 7
            $0.set = set
        }
        runner.setInputs(example.inputRows(7))
        return runner.forward()
    }
}
