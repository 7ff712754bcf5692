import SNNCore

/// `VarianceScaling` under the names of its inventors: scale, mode and distribution are fixed.
final class FanPreset: Initializer {
    struct Kind: Sendable {
        let name: String
        let alias: String
        let scaling: FanScaling

        /// ±√(6 / (fan-in + fan-out)); Glorot and Bengio, 2010.
        static let glorotUniform = Kind(
            name: "GlorotUniform", alias: "glorot_uniform",
            scaling: FanScaling(scale: 1, mode: .average, distribution: .uniform))
        /// √(2 / (fan-in + fan-out)).
        static let glorotNormal = Kind(
            name: "GlorotNormal", alias: "glorot_normal",
            scaling: FanScaling(scale: 1, mode: .average, distribution: .truncatedNormal))
        /// √(2 / fan-in); He, Zhang, Ren and Sun, 2015.
        static let heNormal = Kind(
            name: "HeNormal", alias: "he_normal",
            scaling: FanScaling(scale: 2, mode: .input, distribution: .truncatedNormal))
        /// ±√(6 / fan-in).
        static let heUniform = Kind(
            name: "HeUniform", alias: "he_uniform",
            scaling: FanScaling(scale: 2, mode: .input, distribution: .uniform))
        /// √(1 / fan-in); LeCun and others, 1998; Klambauer and others, 2017.
        static let lecunNormal = Kind(
            name: "LecunNormal", alias: "lecun_normal",
            scaling: FanScaling(scale: 1, mode: .input, distribution: .truncatedNormal))
        /// ±√(3 / fan-in).
        static let lecunUniform = Kind(
            name: "LecunUniform", alias: "lecun_uniform",
            scaling: FanScaling(scale: 1, mode: .input, distribution: .uniform))
    }

    static let rows = [
        row(.glorotUniform), row(.glorotNormal), row(.heNormal), row(.heUniform),
        row(.lecunNormal), row(.lecunUniform),
    ]

    private let kind: Kind
    private let seed: InitializerSeed
    private let axes: FanAxes

    init(_ kind: Kind, seed: InitializerSeed = .ofModel, axes: FanAxes = .ofShape) {
        self.kind = kind
        self.seed = seed
        self.axes = axes
    }

    var className: String { kind.name }
    var configuration: [JSON.Member] { [seed.member] + axes.members }

    func fill(_ values: UnsafeMutableBufferPointer<Float>, shape: Shape, random: RandomStream)
        throws(SNNError)
    {
        let fans = try axes.fans(of: shape, for: className)
        kind.scaling.fill(values, fans: fans, random: seed.stream(for: random))
    }

    private static func row(_ kind: Kind) -> InitializerRow {
        InitializerRow(kind.name, [kind.alias]) {
            (configuration) throws(SNNError) in
            FanPreset(
                kind, seed: try InitializerSeed(&configuration),
                axes: try FanAxes(&configuration))
        }
    }
}
