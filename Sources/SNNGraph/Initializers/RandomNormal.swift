import SNNCore

/// Normally distributed: mean + stddev · z.
final class RandomNormal: Initializer {
    static let row = InitializerRow("RandomNormal", ["random_normal", "normal"]) {
        (configuration) throws(SNNError) in
        RandomNormal(
            seed: try InitializerSeed(&configuration),
            mean: try configuration.value("mean", default: 0),
            standardDeviation: try configuration.standardDeviation())
    }

    let className = "RandomNormal"
    private let seed: InitializerSeed
    private let mean: Double
    private let standardDeviation: Double

    init(seed: InitializerSeed = .ofModel, mean: Double = 0, standardDeviation: Double = 0.05) {
        self.seed = seed
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    var configuration: [JSON.Member] {
        [
            seed.member, JSON.Member("mean", .number(mean)),
            JSON.Member("stddev", .number(standardDeviation)),
        ]
    }

    func fill(_ values: UnsafeMutableBufferPointer<Float>, shape: Shape, random: RandomStream) {
        let random = seed.stream(for: random)
        for element in values.indices {
            values[element] = Float(mean + standardDeviation * random.normal(element))
        }
    }
}

extension Configuration {
    /// `stddev`, which is 0.05 in Keras if not said.
    mutating func standardDeviation() throws(SNNError) -> Double {
        try number("stddev", default: 0.05, in: 0...Double(Float.greatestFiniteMagnitude))
    }
}
