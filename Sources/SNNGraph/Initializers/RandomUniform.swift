import SNNCore

/// Uniformly distributed between `minval` and `maxval`; rounding to Float may reach either.
final class RandomUniform: Initializer {
    static let row = InitializerRow("RandomUniform", ["random_uniform", "uniform"]) {
        (configuration) throws(SNNError) in
        let seed = try InitializerSeed(&configuration)
        let minimum = try configuration.value("minval", default: -0.05)
        let maximum = try configuration.value("maxval", default: 0.05)
        guard minimum <= maximum else {
            throw configuration.failure(
                "'minval' must be at most 'maxval', received \(minimum.description) and "
                    + maximum.description)
        }
        return RandomUniform(seed: seed, minimum: minimum, maximum: maximum)
    }

    let className = "RandomUniform"
    private let seed: InitializerSeed
    private let minimum: Double
    private let maximum: Double

    private init(seed: InitializerSeed, minimum: Double, maximum: Double) {
        self.seed = seed
        self.minimum = minimum
        self.maximum = maximum
    }

    var configuration: [JSON.Member] {
        [
            seed.member, JSON.Member("minval", .number(minimum)),
            JSON.Member("maxval", .number(maximum)),
        ]
    }

    func fill(_ values: UnsafeMutableBufferPointer<Float>, shape: Shape, random: RandomStream) {
        let random = seed.stream(for: random)
        let width = maximum - minimum
        for element in values.indices {
            values[element] = Float(minimum + width * random.uniform(element))
        }
    }
}
