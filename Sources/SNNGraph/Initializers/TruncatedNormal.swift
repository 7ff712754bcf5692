import SNNCore

/// Normally distributed within two standard deviations of the mean: mean + stddev · z, |z| ≤ 2.
/// `stddev` is that of the distribution before it is cut.
final class TruncatedNormal: Initializer {
    static let row = InitializerRow("TruncatedNormal", ["truncated_normal"]) {
        (configuration) throws(SNNError) in
        TruncatedNormal(
            seed: try InitializerSeed(&configuration),
            mean: try configuration.value("mean", default: 0),
            standardDeviation: try configuration.standardDeviation())
    }

    let className = "TruncatedNormal"
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
            values[element] = Float(mean + standardDeviation * random.truncatedNormal(element))
        }
    }
}
