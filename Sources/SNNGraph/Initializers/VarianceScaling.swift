import SNNCore

/// Random numbers of a variance that the shape decides; see `FanScaling`.
final class VarianceScaling: Initializer {
    static let row = InitializerRow("VarianceScaling", ["variance_scaling"]) {
        (configuration) throws(SNNError) in
        let seed = try InitializerSeed(&configuration)
        let scaling = FanScaling(
            scale: try configuration.number(
                "scale", default: 1,
                in: Double.leastNonzeroMagnitude...Double(Float.greatestFiniteMagnitude)),
            mode: try mode(&configuration), distribution: try distribution(&configuration))
        return VarianceScaling(seed: seed, scaling: scaling, axes: try FanAxes(&configuration))
    }

    let className = "VarianceScaling"
    private let seed: InitializerSeed
    private let scaling: FanScaling
    private let axes: FanAxes

    private init(seed: InitializerSeed, scaling: FanScaling, axes: FanAxes) {
        self.seed = seed
        self.scaling = scaling
        self.axes = axes
    }

    var configuration: [JSON.Member] {
        [
            seed.member, JSON.Member("scale", .number(scaling.scale)),
            JSON.Member("mode", .string(scaling.mode.rawValue)),
            JSON.Member("distribution", .string(scaling.distribution.rawValue)),
        ] + axes.members
    }

    func fill(_ values: UnsafeMutableBufferPointer<Float>, shape: Shape, random: RandomStream)
        throws(SNNError)
    {
        let fans = try axes.fans(of: shape, for: className)
        scaling.fill(values, fans: fans, random: seed.stream(for: random))
    }

    private static func mode(_ configuration: inout Configuration) throws(SNNError)
        -> FanScaling.Mode
    {
        let name = try configuration.choice(
            "mode", default: FanScaling.Mode.input.rawValue,
            among: FanScaling.Mode.allCases.map { $0.rawValue })
        return FanScaling.Mode(rawValue: name) ?? .input
    }

    /// In any case of letters; `normal` is an older name of the truncated distribution.
    private static func distribution(_ configuration: inout Configuration) throws(SNNError)
        -> FanScaling.Distribution
    {
        let truncated = FanScaling.Distribution.truncatedNormal
        let given = try configuration.string("distribution", default: truncated.rawValue)
        let name = given.lowercased()
        if name == "normal" { return truncated }
        guard let distribution = FanScaling.Distribution(rawValue: name) else {
            let names = FanScaling.Distribution.allCases.map { "'\($0.rawValue)'" }
            throw configuration.mismatch(
                "distribution", names.joined(separator: " or "), .string(given))
        }
        return distribution
    }
}
