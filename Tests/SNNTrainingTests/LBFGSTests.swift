import SNNCore
import SNNGraph
import SNNKernels
import SNNLayers
import SNNModelTestSupport
import SNNTestSupport
import Testing

@testable import SNNTraining

/// L-BFGS against PyTorch's, and where it must arrive.
@Suite struct LBFGSTests {
    @Test(arguments: InstructionSet.supported)
    func lossesAndWeightsAreThoseOfPyTorch(_ set: InstructionSet) throws {
        let cases = try #require(
            try Golden.read("pytorch_training.json")["lbfgs"]?.elements)
        for golden in cases {
            let widths = try #require(golden["widths"]?.elements).compactMap { $0.integerValue }
            let fit = try FullBatch(
                widths, x: array(golden["x"]), y: array(golden["y"]),
                parameters: arrays(golden["parameters"]), config: golden["config"] ?? .null, set)
            let losses = try #require(golden["losses"]?.elements).compactMap { $0.doubleValue }
            let after = try #require(golden["after"]?.elements)
            for (step, loss) in losses.enumerated() {
                let name = "\(widths) \(golden["config"]?.shortText ?? ""), step \(step), \(set)"
                let received = try fit.step()
                // PyTorch's are in float64; ours follow in float32.
                #expect(abs(received - loss) <= 1e-5 + 2e-3 * loss, "\(name): \(received), \(loss)")
                guard loss > 1e-7 else { continue }
                for (index, values) in try arrays(after[step]).enumerated() {
                    let received = fit.parameters(index)
                    let isClose = zip(received, values).allSatisfy { pair in
                        abs(pair.0 - pair.1) <= 3e-3 * (1 + abs(pair.1))
                    }
                    #expect(isClose, "\(name), variable \(index): \(received), \(values)")
                }
            }
        }
    }

    private func array(_ json: JSON?) throws -> [Float] { try #require(GoldenArray(json)).values }

    private func arrays(_ json: JSON?) throws -> [[Float]] {
        try #require(json?.elements).map { try #require(GoldenArray($0)).values }
    }

    /// y = x A + b without noise: the loss must vanish, whatever the scales.
    @Test(arguments: [true, false])
    func aConvexProblemIsSolved(searches: Bool) throws {
        let scales: [Float] = [1, 4, 0.25]
        let x = testNumbers(60 * 3, seed: 4).enumerated().map { $1 * scales[$0 % 3] }
        let y = (0 ..< 60).map { (row: Int) -> Float in
            let (a, b, c) = (x[3 * row], x[3 * row + 1], x[3 * row + 2])
            return 2 * a - 0.5 * b + 3 * c + 0.25
        }
        let fit = try FullBatch(
            [3, 1], x: x, y: y, parameters: [[0, 0, 0], [0]],
            config: .object(
                ("line_search_fn", searches ? "strong_wolfe" : .null), ("max_iter", 50)), .best)
        let first = try fit.step()
        for _ in 0 ..< 3 { try fit.step() }
        let last = try fit.step()
        #expect(first > 1)
        #expect(last < 1e-9, "\(last)")
        let difference = Tolerance.goldenTraining.difference(fit.parameters(0), [2, -0.5, 3])
        #expect(difference == nil)
    }

    /// A net that bends: the valley is curved, and gradient descent would take thousands of steps.
    @Test func aCurvedValleyIsFollowed() throws {
        let x: [Float] = (0 ..< 40).map { Float($0) / 20 - 1 }
        let y: [Float] = x.map { (2 * $0 * $0 - 1) * $0 }
        let start = [4, 4, 4, 1].enumerated().map { testNumbers($1, seed: UInt64($0 + 20)) }
        let fit = try FullBatch(
            [1, 4, 1], x: x, y: y, parameters: start,
            config: .object(("line_search_fn", "strong_wolfe"), ("max_iter", 100)), .best)
        var losses: [Double] = []
        for _ in 0 ..< 10 { losses.append(try fit.step()) }
        #expect(zip(losses, losses.dropFirst()).allSatisfy { $1 <= $0 }, "\(losses)")
        #expect(losses[9] < 1e-4 && losses[9] < losses[0] / 1000, "\(losses)")
    }

    @Test func bitsDependOnNoThread() throws {
        let x = testNumbers(40 * 8, seed: 1)
        let y = testNumbers(40, seed: 2)
        // Enough weights for several pieces of work.
        let sizes = [8 * 3000, 3000, 3000, 1]
        let start = sizes.enumerated().map { testNumbers($1, seed: UInt64($0 + 3)).map { $0 / 64 } }
        let results = try [1, 2, 5].map { threads in
            let fit = try FullBatch(
                [8, 3000, 1], x: x, y: y, parameters: start,
                config: .object(("line_search_fn", "strong_wolfe"), ("max_iter", 6)), .best,
                threads: threads)
            for _ in 0 ..< 2 { try fit.step() }
            return (0 ..< 4).map { fit.parameters($0).map(\.bitPattern) }
        }
        #expect(results[0] == results[1] && results[0] == results[2])
    }

    /// A first step so long that the squares overflow: no error, no harm.
    @Test(arguments: [true, false])
    func aPointThatIsNotFiniteIsNotTaken(searches: Bool) throws {
        let x = testNumbers(20, seed: 1)
        let fit = try FullBatch(
            [1, 1], x: x, y: x.map { 3 * $0 }, parameters: [[0.5], [0]],
            config: .object(
                ("lr", .number(1e30)), ("line_search_fn", searches ? "strong_wolfe" : .null)),
            .best)
        let first = try fit.step()
        let second = try fit.step()
        #expect(first.isFinite && second <= first)
        let isFinite = fit.parameters(0).allSatisfy { $0.isFinite }
        #expect(isFinite)
    }

    @Test func whatDoesNotGoWithItIsRefused() throws {
        let cases: [(String, Status, String)] = [
            ("weight_decay: 0.1", .unsupported, "'weight_decay'"),
            ("clipnorm: 1", .unsupported, "'clipnorm'"),
            ("gradient_accumulation_steps: 2", .unsupported, "'gradient_accumulation_steps'"),
            ("learning_rate_factors: {a: 1}", .unsupported, "'learning_rate_factors'"),
            ("line_search_fn: 'armijo'", .configuration, "'strong_wolfe' or null"),
            ("max_iter: 0", .configuration, "'max_iter' must be"),
            ("history_size: 0", .configuration, "'history_size' must be"),
            ("tolerance_grad: -1", .configuration, "'tolerance_grad' must be"),
            ("lr: 1, learning_rate: 1", .configuration, "only one of"),
            ("lr: -1", .configuration, "'lr' must be"),
        ]
        for (config, status, part) in cases {
            let error = #expect(throws: SNNError.self) {
                try Optimizers.make(JSON.read("{class_name: 'LBFGS', config: {\(config)}}"))
            }
            #expect(error?.status == status && error?.message.contains(part) ?? false, "\(config)")
        }
    }
}

/// Dense layers with tanh between them, trained on one batch.
private struct FullBatch {
    private let loop: TrainingLoop
    private let x: Buffer<Float>
    private let y: Buffer<Float>
    private let rows: Int
    private let widths: [Int]

    init(
        _ widths: [Int], x: [Float], y: [Float], parameters: [[Float]], config: JSON,
        _ set: InstructionSet, threads: Int = 2
    ) throws {
        var graph = Graph(isSequential: false)
        var tensors = try add(
            "InputLayer", .object(("shape", [.integer(Int64(widths[0]))])), named: "x", to: &graph)
        for (index, units) in widths.dropFirst().enumerated() {
            let activation: JSON = index + 2 < widths.count ? "tanh" : "linear"
            tensors = try add(
                "Dense", .object(("units", .integer(Int64(units))), ("activation", activation)),
                named: "dense_\(index)", to: &graph, on: tensors)
        }
        let network = try Network(name: "model", graph: graph, seed: 1)
        for (variable, values) in zip(network.graph.variables, parameters) {
            _ = network.values(of: variable).update(from: values)
        }
        loop = try TrainingLoop(
            network,
            objective: Objective(network.graph, loss: "mse", lossWeights: .null, metrics: .null),
            optimizer: Optimizers.make(.keras("LBFGS", config)),
            workers: Workers(threads: threads), kernels: set.kernels)
        self.widths = widths
        rows = x.count / widths[0]
        self.x = try Buffer(count: x.count)
        self.y = try Buffer(count: y.count)
        self.x.pointer.update(from: x, count: x.count)
        self.y.pointer.update(from: y, count: y.count)
    }

    /// The loss before the step.
    @discardableResult
    func step() throws -> Double {
        let inputs = [
            try ArrayView(x.pointer, .float32, rows: rows, shape: Shape([widths[0]]))
        ]
        let targets = [
            try ArrayView(y.pointer, .float32, rows: rows, shape: Shape([widths.last ?? 1]))
        ]
        return try inputs.withUnsafeBufferPointer { inputs in
            try targets.withUnsafeBufferPointer { targets in
                try loop.trainOnBatch(
                    SampleArrays(inputs: inputs, targets: targets, weights: nil, scale: 1))[0]
            }
        }
    }

    func parameters(_ index: Int) -> [Float] {
        Array(loop.network.values(of: loop.network.graph.variables[index]))
    }
}
