import SNNCore
import Testing

@testable import SNNGraph

@Suite struct InitializerSeedTests {
    /// The expected bits come from a second implementation, `Golden/initializer_bits.py`.
    @Test func bitsAreTheSameOnEveryMachine() throws {
        let golden = try InitializerGolden.read("initializer_bits.json")
        let seed = UInt64(try #require(golden["seed"]?.integerValue))
        let ordinal = try #require(golden["ordinal"]?.integerValue)
        let rows = try #require(golden["rows"]?.elements)
        #expect(rows.count == 8)
        for row in rows {
            let shape = try #require(row["shape"]?.goldenIntegers)
            let values = try initialized(
                Initializers.make(
                    .object(
                        ("class_name", row["class_name"] ?? .null),
                        ("config", row["config"] ?? .null)), for: "test"),
                shape, seed: seed, ordinal: ordinal)
            let bits = try #require(row["bits"]?.goldenIntegers)
            #expect(values.map { Int($0.bitPattern) } == bits, "\(row.shortText)")
        }
    }

    @Test func layersAndSeedsDiffer() throws {
        for name in ["normal", "uniform", "glorot_uniform", "he_normal", "orthogonal"] {
            let values = try initialized("'\(name)'", [4, 4], seed: 1, ordinal: 0)
            #expect(try initialized("'\(name)'", [4, 4], seed: 1, ordinal: 0) == values)
            #expect(try initialized("'\(name)'", [4, 4], seed: 2, ordinal: 0) != values)
            #expect(try initialized("'\(name)'", [4, 4], seed: 1, ordinal: 1) != values)
        }
    }

    @Test func anIntegerSeedTakesThePlaceOfTheModels() throws {
        for name in [
            "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "HeNormal",
            "Orthogonal",
        ] {
            let seeded = "{class_name: '\(name)', config: {seed: 5}}"
            let values = try initialized(seeded, [4, 4], seed: 1, ordinal: 2)
            #expect(try initialized(seeded, [4, 4], seed: 9, ordinal: 2) == values)
            #expect(try initialized("'\(name)'", [4, 4], seed: 5, ordinal: 2) == values)
            #expect(try initialized(seeded, [4, 4], seed: 1, ordinal: 3) != values)
            let generator = """
                {class_name: '\(name)', config: {seed:
                 {class_name: 'SeedGenerator', config: {seed: 5}}}}
                """
            #expect(try initialized(generator, [4, 4], seed: 1, ordinal: 2) == values)
        }
    }
}
