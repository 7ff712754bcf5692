import SNNCore
import SNNGraph
import SNNKernels
import SNNModelTestSupport
import SNNTestSupport
import Testing

/// The distribution of noise layers' noise, and what it depends on.
@Suite struct NoiseLayerTests {
    private static let rows = 200
    private static let noisy = [
        ("GaussianNoise", "stddev: 0.5"), ("GaussianDropout", "rate: 0.2"),
        ("AlphaDropout", "rate: 0.2"),
    ]

    /// What a batch of `value` becomes.
    private func output(
        _ className: String, _ config: String, inputs: [Int] = [200], value: Float = 1,
        seed: UInt64 = 1, step: Int64 = 0, set: InstructionSet = .best, mode: Mode = .training
    ) throws -> [Float] {
        let network = try Network(
            name: "noise",
            graph: oneLayerGraph(className, JSON.read("{\(config)}"), inputs: [inputs]), seed: seed)
        let runner = try ModelRunner(network) {
            $0.rows = Self.rows
            $0.step = step
            $0.set = set
            $0.mode = mode
        }
        runner.setInputs(
            [[Float](repeating: value, count: Self.rows * inputs.reduce(1, *))])
        return runner.forward()[0]
    }

    private func moments(_ x: [Float]) -> (mean: Double, variance: Double) {
        let mean = x.reduce(0) { $0 + Double($1) } / Double(x.count)
        let squares = x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        return (mean, squares / Double(x.count))
    }

    /// 40,000 numbers: their mean is known to s / 200, their variance to 1.4 s^2 / 200.
    private func check(_ noise: [Float], mean: Double, deviation: Double) {
        let found = moments(noise)
        let variance = deviation * deviation
        #expect(abs(found.mean - mean) < 5 * deviation / 200)
        #expect(abs(found.variance - variance) < 5 * 1.4143 * variance / 200)
        // Of a normal distribution.
        for (bound, share) in [(0.5, 0.3829), (1, 0.6827), (2, 0.9545), (3, 0.9973)] {
            let within = noise.filter { abs(Double($0) - mean) <= bound * deviation }.count
            #expect(abs(Double(within) / Double(noise.count) - share) < 5 * 0.5 / 200)
        }
        // Neighbours in a row and in a column do not depend on each other.
        for distance in [1, 2, 3, 4, 200] {
            let products = zip(noise, noise.dropFirst(distance)).reduce(0) {
                $0 + (Double($1.0) - mean) * (Double($1.1) - mean)
            }
            #expect(abs(products / Double(noise.count)) < 5 * variance / 200)
        }
    }

    @Test func gaussianNoiseIsAddedWithItsDeviation() throws {
        check(try output("GaussianNoise", "stddev: 0.5", value: 3), mean: 3, deviation: 0.5)
        check(try output("GaussianNoise", "stddev: 1", value: 0), mean: 0, deviation: 1)
    }

    @Test func gaussianDropoutMultipliesByNoiseAroundOne() throws {
        check(try output("GaussianDropout", "rate: 0.2", value: 2), mean: 2, deviation: 1)
    }

    /// Klambauer et al. 2017: inputs of mean 0 and variance 1 stay so.
    @Test func alphaDropoutKeepsMeanAndVariance() throws {
        let limit = -1.7580993408473766
        for rate in [0.1, 0.5] {
            let network = try Network(
                name: "alpha",
                graph: oneLayerGraph(
                    "AlphaDropout", JSON.read("{rate: \(rate)}"), inputs: [[200]]), seed: 1)
            let runner = try ModelRunner(network) { $0.rows = 200 }
            let random = RandomStream(
                seed: 7, purpose: .initialization, call: 0, ordinal: 0, step: 0)
            let x = (0 ..< 40_000).map { Float(random.normal($0)) }
            runner.setInputs([x])
            let y = runner.forward()[0]
            let found = moments(y)
            #expect(abs(found.mean) < 0.03)
            #expect(abs(found.variance - 1) < 0.05)
            let gain = 1 / ((1 - rate) * (1 + rate * limit * limit)).squareRoot()
            let shift = -gain * limit * rate
            let dropped = Float(gain * limit + shift)
            let share = Double(y.filter { $0 == dropped }.count) / 40_000
            #expect(abs(share - rate) < 5 * 0.5 / 200)
            for (x, y) in zip(x, y) where y != dropped {
                #expect(abs(Double(y) - (gain * Double(x) + shift)) < 1e-5)
            }
        }
    }

    @Test(arguments: noisy)
    func theNoiseFollowsSeedAndStepAlone(_ className: String, _ config: String) throws {
        let noise = try output(className, config, step: 5)
        for set in InstructionSet.supported {
            #expect(bitDifference(try output(className, config, step: 5, set: set), noise) == nil)
        }
        #expect(try output(className, config, step: 6) != noise)
        #expect(try output(className, config, seed: 2, step: 5) != noise)
        let own = try output(className, config + ", seed: 9")
        #expect(try output(className, config + ", seed: 9", seed: 2) == own)
        #expect(try output(className, config + ", seed: 8") != own)
        #expect(try output(className, config, mode: .inference).allSatisfy { $0 == 1 })
    }

    @Test(arguments: noisy)
    func layersAndCallsHaveNoiseOfTheirOwn(_ className: String, _ config: String) throws {
        var graph = Graph(isSequential: false)
        let options = try JSON.read("{\(config)}")
        let x = try add("InputLayer", .object(("shape", [1000])), named: "x", to: &graph)
        let first = try add(className, options, named: "a", to: &graph, on: x)
        let again = try graph.call(1, on: x)
        let second = try add(className, options, named: "b", to: &graph, on: x)
        try graph.setOutputs(first + again + second)
        let runner = try ModelRunner(Network(name: "three", graph: graph, seed: 1)) { $0.rows = 1 }
        runner.setInputs([[Float](repeating: 1, count: 1000)])
        let noise = runner.forward()
        #expect(noise[0] != noise[1] && noise[0] != noise[2] && noise[1] != noise[2])
    }

    @Test(arguments: [
        ("SpatialDropout1D", "rate: 0.25", [8, 50]), ("SpatialDropout2D", "rate: 0.25", [2, 4, 50]),
        ("SpatialDropout3D", "rate: 0.25", [2, 2, 2, 50]),
        ("Dropout", "rate: 0.25, noise_shape: [null, 1, null]", [8, 50]),
    ])
    func wholeChannelsAreDropped(_ className: String, _ config: String, _ shape: [Int]) throws {
        let y = try output(className, config, inputs: shape)
        var dropped = 0
        for row in 0 ..< Self.rows {
            for channel in 0 ..< 50 {
                let values = (0 ..< 8).map { y[(row * 8 + $0) * 50 + channel] }
                #expect(values.allSatisfy { $0 == values[0] })
                #expect(values[0] == 0 || values[0] == Float(1 / 0.75))
                dropped += values[0] == 0 ? 1 : 0
            }
        }
        #expect(abs(Double(dropped) / 10_000 - 0.25) < 5 * 0.433 / 100)
    }

    @Test func oneMaskMayServeAllRowsOrAllChannels() throws {
        let y = try output("Dropout", "rate: 0.5, noise_shape: [1, 8, 1]", inputs: [8, 50])
        for place in y.indices {
            #expect(y[place] == y[place % 400 / 50 * 50])
        }
        #expect(Set(y).count == 2)
    }
}
