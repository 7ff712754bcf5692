import SNNCore
import Testing

@testable import SNNGraph

@Suite struct InitializerDistributionTests {
    @Test(
        arguments: [
            ([], 1, 1), ([7], 7, 7), ([3, 5], 3, 5), ([5, 3, 2], 15, 10),
            ([3, 3, 4, 8], 36, 72), ([2, 3, 3, 4, 8], 72, 144), ([1, 1], 1, 1),
        ] as [([Int], Double, Double)])
    func fansAreThoseOfKeras(extents: [Int], input: Double, output: Double) throws {
        let fans = Fans(try Shape(extents))
        #expect(fans.input == input)
        #expect(fans.output == output)
    }

    @Test func fansOfNamedAxesAreProductsOfTheirExtents() throws {
        let shape = try Shape([2, 3, 5, 7])
        let fans = try Fans(shape, inputAxes: [0, -2], outputAxes: [-1])
        #expect(fans.input == 10)
        #expect(fans.output == 7)
        // With input_axes alone the rule for the shape holds: √(6 / 30) with fans of 30 and 42.
        let rule = "{class_name: 'HeUniform', config: {input_axes: [0]"
        #expect(
            try initialized(rule + "}}", [2, 3, 5, 7]) == initialized("'he_uniform'", [2, 3, 5, 7]))
        #expect(
            try initialized(rule + ", output_axes: [3]}}", [2, 3, 5, 7])
                != initialized("'he_uniform'", [2, 3, 5, 7]))
    }

    @Test func axesThatAreNotThereAreRefused() {
        let text = "{class_name: 'GlorotNormal', config: {input_axes: [0], output_axes: [2]}}"
        let message = initializerError(.shape) { _ = try initialized(text, [3, 5]) }
        #expect(
            message
                == "GlorotNormal: output_axes: expected axes of the shape (3, 5), received 2")
    }

    /// Keras's formulas worked out by hand for a Dense kernel of 300 → 100 and a Conv2D kernel of
    /// 3 × 3, 16 → 48: fan-in 144 and fan-out 432.
    @Test(arguments: [
        // √(6 / 400) and √(6 / 576)
        ("GlorotUniform", 0.12247448713915890, 0.10206207261596577),
        // √(6 / 300) and √(6 / 144)
        ("HeUniform", 0.14142135623730950, 0.20412414523193154),
        // √(3 / 300) and √(3 / 144)
        ("LecunUniform", 0.1, 0.14433756729740643),
    ])
    func uniformPresetsFillTheirRange(name: String, dense: Double, convolution: Double) throws {
        for (extents, limit) in [([300, 100], dense), ([3, 3, 16, 48], convolution)] {
            let moments = InitializerMoments(try initialized("'\(name)'", extents))
            // Of n numbers the outermost lies about limit / n from the limit.
            #expect(moments.greatest <= limit * (1 + 1e-7) && moments.greatest > limit * 0.998)
            #expect(moments.least >= -limit * (1 + 1e-7) && moments.least < -limit * 0.998)
            check(moments, mean: 0, standardDeviation: limit / 3.0.squareRoot(), extents)
        }
    }

    @Test(arguments: [
        // √(2 / 400) and √(2 / 576)
        ("GlorotNormal", 0.070710678118654752, 0.058925565098878960),
        // √(2 / 300) and √(2 / 144)
        ("HeNormal", 0.081649658092772603, 0.11785113019775793),
        // √(1 / 300) and √(1 / 144)
        ("LecunNormal", 0.057735026918962576, 0.083333333333333333),
        ("VarianceScaling", 0.057735026918962576, 0.083333333333333333),
    ])
    func normalPresetsHaveTheirDeviationAfterTheCut(
        name: String, dense: Double, convolution: Double
    ) throws {
        for (extents, deviation) in [([300, 100], dense), ([3, 3, 16, 48], convolution)] {
            let moments = InitializerMoments(try initialized("'\(name)'", extents))
            check(moments, mean: 0, standardDeviation: deviation, extents)
            // Cut at two deviations of the wider distribution: 2 / 0.87962566 = 2.27369.
            #expect(moments.greatest < 2.27370 * deviation && moments.greatest > 2.2 * deviation)
        }
    }

    @Test func varianceScalingCombinesModeAndDistribution() throws {
        // scale 0.5; fans 144, 432, mean 288.
        let variances = ["fan_in": 0.5 / 144, "fan_out": 0.5 / 432, "fan_avg": 0.5 / 288]
        for (mode, variance) in variances {
            for distribution in ["uniform", "truncated_normal", "untruncated_normal"] {
                let text = """
                    {class_name: 'VarianceScaling', config:
                     {scale: 0.5, mode: '\(mode)', distribution: '\(distribution)'}}
                    """
                let moments = InitializerMoments(try initialized(text, [3, 3, 16, 48]))
                check(moments, mean: 0, standardDeviation: variance.squareRoot(), [3, 3, 16, 48])
                let reach = moments.greatest / variance.squareRoot()
                switch distribution {
                case "uniform": #expect(reach > 1.72 && reach < 1.7321)
                case "truncated_normal": #expect(reach > 2.2 && reach < 2.2737)
                default: #expect(reach > 3)
                }
            }
        }
    }

    @Test func plainDistributionsHaveTheirMoments() throws {
        let extents = [20_000]
        check(
            InitializerMoments(
                try initialized(
                    "{class_name: 'RandomNormal', config: {mean: 2, stddev: 3}}", extents)),
            mean: 2, standardDeviation: 3, extents)
        let uniform = InitializerMoments(
            try initialized(
                "{class_name: 'RandomUniform', config: {minval: -1, maxval: 5}}", extents))
        // (5 − −1) / √12
        check(uniform, mean: 2, standardDeviation: 1.7320508, extents)
        #expect(uniform.least >= -1 && uniform.greatest <= 5)
        let truncated = InitializerMoments(
            try initialized(
                "{class_name: 'TruncatedNormal', config: {mean: 1, stddev: 0.5}}", extents))
        check(truncated, mean: 1, standardDeviation: 0.5 * 0.87962566, extents)
        #expect(truncated.least >= 0 && truncated.greatest <= 2)
        check(
            InitializerMoments(try initialized("'normal'", extents)), mean: 0,
            standardDeviation: 0.05, extents)
        #expect(
            try initialized("{class_name: 'RandomNormal', config: {mean: 7, stddev: 0}}", [2]) == [
                7, 7,
            ])
    }

    /// Within five standard errors; a deviation has the error σ / √(2n) for normal numbers, less
    /// for the others.
    private func check(
        _ moments: InitializerMoments, mean: Double, standardDeviation: Double, _ extents: [Int],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let count = Double(extents.reduce(1, *))
        #expect(
            abs(moments.mean - mean) < 5 * standardDeviation / count.squareRoot(),
            sourceLocation: sourceLocation)
        #expect(
            abs(moments.standardDeviation / standardDeviation - 1) < 5 / (2 * count).squareRoot(),
            sourceLocation: sourceLocation)
    }
}
