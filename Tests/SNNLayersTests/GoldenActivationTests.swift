import SNNCore
import SNNGraph
import SNNKernels
import SNNModelTestSupport
import SNNTestSupport
import Testing

/// Activations against Keras 3: `Golden/activations.json`.
@Suite struct GoldenActivationTests {
    @Test func everyNameIsInTheFile() throws {
        let names = Set(try Golden.cases("activations.json").compactMap { $0["name"]?.text })
        #expect(names == Set(Activations.names))
        for alias in try #require(try Golden.read("activations.json")["aliases"]?.members) {
            let activation = try Activations.make(.string(alias.name), for: "test")
            #expect(.string(activation.name) == alias.value)
        }
    }

    @Test(arguments: try Golden.cases("activations.json").indices)
    func valuesAndDerivativesAreThoseOfKeras(_ index: Int) throws {
        let golden = try Golden.cases("activations.json")[index]
        let name = try #require(golden["name"]?.text)
        if let arguments = golden["arguments"]?.members, refusesConstants(name, arguments) {
            let error = #expect(throws: SNNError.self) { try network(golden) }
            #expect(error?.status == .configuration)
            return
        }
        for set in InstructionSet.supported { try compare(golden, name, set) }
    }

    /// Constants that a layer's configuration cannot give to a function in Keras either.
    private func refusesConstants(_ name: String, _ arguments: [JSON.Member]) -> Bool {
        !arguments.isEmpty && !["relu", "leaky_relu", "threshold"].contains(name)
    }

    private func compare(_ golden: JSON, _ name: String, _ set: InstructionSet) throws {
        let x = try #require(GoldenArray(golden["x"]))
        let runner = try ModelRunner(network(golden)) {
            $0.rows = x.shape.count == 1 ? 1 : x.rows
            $0.set = set
        }
        runner.setInputs([x.values])
        let y = runner.forward()[0]
        let cotangent = GoldenArray(golden["cotangent"])?.values ?? y.map { _ in 1 }
        runner.backward([cotangent])
        let dx = try #require(runner.inputGradient(0))
        if name == "sparsemax" {
            compareWithSorting(x, y, cotangent, dx)
            return
        }
        let expected = try #require(GoldenArray(golden["y"]))
        #expect(Tolerance.golden.difference(y, expected.values) == nil, "\(name) \(set)")
        let slopes = try #require(GoldenArray(golden["dx"]))
        for place in dx.indices {
            #expect(
                slopes.accepts(dx[place], at: place, kinks: golden["kinks"]),
                "\(name) \(set) at \(x.values[place]): \(dx[place]), \(slopes.values[place])")
        }
    }

    /// The outputs of Keras 3.15 do not sum to 1 (from 0 to 1.7 in the file). So ours are compared
    /// with the definition (Martins and Astudillo 2016).
    private func compareWithSorting(
        _ x: GoldenArray, _ y: [Float], _ cotangent: [Float], _ dx: [Float]
    ) {
        print("skipped: Keras's values of sparsemax \(x.shape): compared with the definition")
        let length = x.shape.last ?? 1
        for start in stride(from: 0, to: y.count, by: length) {
            let row = x.values[start ..< start + length].map { Double($0) }
            let values = sparsemax(row)
            let support = values.indices.filter { values[$0] > 0 }
            let mean =
                support.reduce(0.0) { $0 + Double(cotangent[start + $1]) } / Double(support.count)
            for place in values.indices {
                #expect(Tolerance.golden.accepts(y[start + place], values[place]))
                let slope = values[place] > 0 ? Double(cotangent[start + place]) - mean : 0
                #expect(Tolerance.golden.accepts(dx[start + place], slope))
            }
        }
    }

    /// max(x - tau, 0), with tau from the k largest where 1 + k x_k > their sum for the largest k.
    private func sparsemax(_ x: [Double]) -> [Double] {
        var sum = 0.0
        var tau = 0.0
        for (index, value) in x.sorted(by: >).enumerated() {
            sum += value
            guard 1 + Double(index + 1) * value > sum else { break }
            tau = (sum - 1) / Double(index + 1)
        }
        return x.map { max($0 - tau, 0) }
    }

    private func network(_ golden: JSON) throws -> Network {
        let x = try #require(GoldenArray(golden["x"]))
        let name = golden["name"] ?? .null
        let hasArguments = !(golden["arguments"]?.members ?? []).isEmpty
        let activation: JSON =
            hasArguments
            ? .object(("class_name", name), ("config", golden["arguments"] ?? .null)) : name
        let graph = try oneLayerGraph(
            "Activation", .object(("activation", activation)),
            inputs: [x.shape.count == 1 ? x.shape : x.sampleShape])
        return try Network(name: "golden", graph: graph, seed: 1)
    }
}
