import SNNCore
import SNNGraph
import SNNKernels
import SNNTestSupport
import Testing

/// Single penalties and constraints against Keras 3: `Golden/regularizers.json`.
@Suite struct GoldenRegularizerTests {
    private static func rows(_ key: String) throws -> [JSON] {
        try #require(Golden.read("regularizers.json")[key]?.elements)
    }

    @Test(arguments: try rows("penalties").indices)
    func valuesAndGradientsAreThoseOfKeras(_ index: Int) throws {
        let golden = try Self.rows("penalties")[index]
        let json = try #require(golden["regularizer"])
        let regularizer = try Regularizers.registry.make(json, for: "test")
        let x = try #require(GoldenArray(golden["x"]))
        let (value, gradient) = try penalize(regularizer, x)
        #expect(Tolerance.golden.accepts(Float(value), golden["value"]?.doubleValue ?? .nan))
        let expected = try #require(GoldenArray(golden["gradient"])).values
        #expect(Tolerance.golden.difference(gradient, expected) == nil)
        // Half of it, added.
        let (_, added) = try penalize(regularizer, x, scale: 0.5, onto: 2)
        #expect(Tolerance.golden.difference(added, expected.map { 2 + $0 / 2 }) == nil)
        for set in InstructionSet.supported {
            let other = try penalize(regularizer, x, set)
            #expect(Tolerance.betweenSets.accepts(Float(other.value), value))
            #expect(Tolerance.betweenSets.difference(other.gradient, gradient) == nil)
        }
    }

    @Test(arguments: try rows("constraints").indices)
    func constrainedVariablesAreThoseOfKeras(_ index: Int) throws {
        let golden = try Self.rows("constraints")[index]
        let json = try #require(golden["constraint"])
        let constraint = try Constraints.registry.make(json, for: "test")
        let x = try #require(GoldenArray(golden["x"]))
        let shape = try Shape(x.shape)
        try constraint.check(shape)
        var results: [[Float]] = []
        for set in InstructionSet.supported {
            let sums = try Buffer<Double>(count: constraint.sums(shape))
            var values = x.values
            values.withUnsafeMutableBufferPointer {
                constraint.apply(
                    to: $0.baseAddress!, shape, sums: sums.pointer, kernels: set.kernels)
            }
            results.append(values)
            #expect(bitDifference(values, results[0]) == nil)
        }
        let expected = try #require(GoldenArray(golden["y"])).values
        #expect(Tolerance.golden.difference(results[0], expected) == nil)
    }

    /// Several chunks, a tail, and numbers that no float sum would bring together.
    @Test func sumsAreInDoubleAndDoNotDependOnThreads() throws {
        let count = 100_003
        var x = testNumbers(count, seed: 3)
        x[0] = 1e18
        for (name, term) in [("L1", { abs(Double($0)) }), ("L2", { Double($0) * Double($0) })]
            as [(String, (Float) -> Double)]
        {
            let config = JSON.keras(name, .object((name == "L1" ? "l1" : "l2", 1)))
            let regularizer = try Regularizers.registry.make(config, for: "test")
            let array = try #require(
                GoldenArray(.object(("shape", [1, .integer(Int64(count))]),
                    ("data", .array(x.map { .number(Double($0)) })))))
            var values: [Double] = []
            for set in InstructionSet.supported {
                for threads in [1, 2, 5] {
                    values.append(try penalize(regularizer, array, set, threads: threads).value)
                }
            }
            #expect(values.allSatisfy { $0 == values[0] })
            let expected = x.reduce(0) { $0 + term($1) }
            #expect(abs(values[0] - expected) <= 1e-12 * expected)
        }
    }

    @Test(arguments: [
        ("regularizer", "'l3'"), ("regularizer", "{class_name: 'L2', config: {l2: -1}}"),
        ("regularizer", "{class_name: 'L1', config: {l1: 'a'}}"),
        ("regularizer", "{class_name: 'L1', config: {l1: Infinity}}"),
        ("regularizer", "{class_name: 'L1', config: {l2: 1}}"), ("regularizer", "3"),
        ("regularizer", "{class_name: 'OrthogonalRegularizer', config: {mode: 'diagonal'}}"),
        ("constraint", "'max_nor'"),
        ("constraint", "{class_name: 'MaxNorm', config: {max_value: -1}}"),
        ("constraint", "{class_name: 'MaxNorm', config: {max_value: null}}"),
        ("constraint", "{class_name: 'MaxNorm', config: {axis: 0.5}}"),
        ("constraint", "{class_name: 'MaxNorm', config: {axis: []}}"),
        ("constraint", "{class_name: 'MaxNorm', config: {axis: 'all'}}"),
        ("constraint", "{class_name: 'MaxNorm', config: {axis: 8}}"),
        ("constraint", "{class_name: 'MinMaxNorm', config: {min_value: 2, max_value: 1}}"),
        ("constraint", "{class_name: 'MinMaxNorm', config: {rate: 1.5}}"),
        ("constraint", "{class_name: 'NonNeg', config: {axis: 0}}"),
    ])
    func whatKerasOrSenseRefusesIsRefused(_ kind: String, _ text: String) throws {
        let error = #expect(throws: SNNError.self) {
            if kind == "regularizer" {
                _ = try Regularizers.registry.make(JSON.read(text), for: "here")
            } else {
                _ = try Constraints.registry.make(JSON.read(text), for: "here")
            }
        }
        #expect(error?.status == .configuration)
        #expect(error?.message.contains("here") ?? false)
    }

    @Test(arguments: [
        ("MaxNorm", "[0, -2]", [3, 2]), ("UnitNorm", "1", [3]), ("MinMaxNorm", "-3", [3, 2]),
    ])
    func axesMustBeThoseOfTheVariable(_ name: String, _ axis: String, _ extents: [Int]) throws {
        let constraint = try Constraints.registry.make(
            JSON.read("{class_name: '\(name)', config: {axis: \(axis)}}"), for: "test")
        let error = #expect(throws: SNNError.self) { try constraint.check(Shape(extents)) }
        #expect(error?.message.contains(axis) ?? false)
    }

    /// The penalty of x and `onto` + scale * its gradient.
    private func penalize(
        _ regularizer: any Regularizer, _ x: GoldenArray, _ set: InstructionSet = .best,
        threads: Int = 2, scale: Double = 1, onto start: Float = 0
    ) throws -> (value: Double, gradient: [Float]) {
        try regularizer.check(Shape(x.shape), isOfSamples: false)
        let columns = x.values.count / x.rows
        let sums = try Buffer<Double>(count: x.values.count / 16384 + 1)
        let workspace = try Buffer<Float>(
            count: regularizer.workspace(rows: x.rows, columns: columns))
        let memory = PenaltyMemory(
            kernels: set.kernels, workers: Workers(threads: threads), sums: sums.pointer,
            workspace: workspace.pointer)
        return x.values.withUnsafeBufferPointer { values in
            let tensor = PenalizedTensor(values.baseAddress!, rows: x.rows, columns: columns)
            var gradient = [Float](repeating: start, count: x.values.count)
            gradient.withUnsafeMutableBufferPointer {
                regularizer.addGradient(
                    of: tensor, scale: scale, to: $0.baseAddress!, memory)
            }
            return (regularizer.penalty(of: tensor, memory), gradient)
        }
    }
}
