import SNNCore
import SNNGraph
import SNNKernels
import SNNModelTestSupport
import SNNTestSupport
import Testing

@Suite struct DropoutTests {
    private let width = 1000

    private func network(_ config: String, seed: UInt64 = 1) throws -> Network {
        try Network(
            name: "dropout",
            graph: oneLayerGraph("Dropout", JSON.read(config), inputs: [[width]], isBuried: false),
            seed: seed)
    }

    /// What 40,000 ones become.
    private func dropped(
        _ config: String, seed: UInt64 = 1, step: Int64 = 0, mode: Mode = .training,
        set: InstructionSet = .best
    ) throws -> [Float] {
        let runner = try ModelRunner(network(config, seed: seed)) {
            $0.mode = mode
            $0.rows = 40
            $0.step = step
            $0.set = set
        }
        runner.setInputs([[Float](repeating: 1, count: 40 * width)])
        return runner.forward()[0]
    }

    @Test(arguments: [0.1, 0.25, 0.5, 0.9])
    func theShareOfZerosIsTheRateAndTheMeanStays(_ rate: Double) throws {
        let values = try dropped("{rate: \(rate)}")
        let kept = Float(1 / (1 - rate))
        #expect(values.allSatisfy { $0 == 0 || $0 == kept })
        let count = Double(values.count)
        let zeros = Double(values.filter { $0 == 0 }.count)
        // Five standard deviations of a binomial count.
        #expect(abs(zeros / count - rate) < 5 * (rate * (1 - rate) / count).squareRoot())
        // Neither rows nor columns share a mask.
        for stride in [1, width] {
            let pairs = zip(values, values.dropFirst(stride))
            let both = Double(pairs.filter { $0 == 0 && $1 == 0 }.count) / count
            #expect(abs(both - rate * rate) < 6 * (rate * rate / count).squareRoot())
        }
    }

    @Test func rateZeroKeepsAllAndRateOneNothing() throws {
        #expect(try dropped("{rate: 0}").allSatisfy { $0 == 1 })
        #expect(try dropped("{rate: 1}").allSatisfy { $0 == 0 })
        #expect(try dropped("{rate: 0.5}", mode: .inference).allSatisfy { $0 == 1 })
        for rate in ["-0.1", "1.5", "NaN", "'a'", "null"] {
            let error = #expect(throws: SNNError.self) { try network("{rate: \(rate)}") }
            #expect(error?.status == .configuration)
        }
    }

    @Test func theMaskFollowsSeedAndStepAlone() throws {
        let mask = try dropped("{rate: 0.5}", seed: 1, step: 5)
        for set in InstructionSet.supported {
            #expect(try dropped("{rate: 0.5}", seed: 1, step: 5, set: set) == mask)
        }
        #expect(try dropped("{rate: 0.5}", seed: 1, step: 6) != mask)
        #expect(try dropped("{rate: 0.5}", seed: 2, step: 5) != mask)
        // A seed of its own stands in for the model's.
        let own = try dropped("{rate: 0.5, seed: 9}", seed: 1)
        #expect(try dropped("{rate: 0.5, seed: 9}", seed: 2) == own)
        #expect(try dropped("{rate: 0.5, seed: 8}", seed: 1) != own)
    }

    @Test func theGradientHasTheSameMask() throws {
        for step: Int64 in [0, 3, 1 << 40] {
            let runner = try ModelRunner(network("{rate: 0.3}")) { $0.rows = 5; $0.step = step }
            let ones = [Float](repeating: 1, count: 5 * width)
            runner.setInputs([ones])
            let output = runner.forward()[0]
            runner.backward([ones])
            #expect(runner.inputGradient(0) == output)
        }
    }

    @Test func layersAndCallsHaveMasksOfTheirOwn() throws {
        var graph = Graph(isSequential: false)
        let x = try add("InputLayer", .object(("shape", [1000])), named: "x", to: &graph)
        let first = try add("Dropout", .object(("rate", 0.5)), named: "a", to: &graph, on: x)
        let again = try graph.call(1, on: x)
        let second = try add("Dropout", .object(("rate", 0.5)), named: "b", to: &graph, on: x)
        try graph.setOutputs(first + again + second)
        let runner = try ModelRunner(Network(name: "three", graph: graph, seed: 1)) { $0.rows = 1 }
        runner.setInputs([[Float](repeating: 1, count: width)])
        let masks = runner.forward()
        #expect(masks[0] != masks[1] && masks[0] != masks[2] && masks[1] != masks[2])
    }
}
