import SNNCore
import Testing

@testable import SNNGraph

/// Against Keras 3 itself: `Golden/initializers.json`.
@Suite(.enabled(if: InitializerGolden.exists("initializers.json"), "the golden file is not there"))
struct InitializerGoldenTests {
    @Test func namesAreThoseOfKeras() throws {
        let names = try #require(InitializerGolden.read("initializers.json")["aliases"]?.members)
        #expect(names.count == Initializers.rows.reduce(0) { $0 + 1 + $1.aliases.count })
        for name in names {
            let initializer = try Initializers.make(.string(name.name), for: "test")
            #expect(.string(initializer.className) == name.value)
        }
    }

    @Test func valuesWithoutChanceAreThoseOfKeras() throws {
        let rows = try #require(InitializerGolden.read("initializers.json")["exact"]?.elements)
        #expect(rows.count >= 19)
        for row in rows {
            let shape = try #require(row["values"]?["shape"]?.goldenIntegers)
            let expected = try #require(row["values"]?["data"]?.goldenNumbers)
            // Keras's configuration of Identity lacks the gain: its values there tell it.
            var config = try #require(row["config"])
            if row["class_name"] == "Identity" { config = .object(("gain", .number(expected[0]))) }
            let values = try initialized(try make(row, config), shape)
            // Keras multiplies time, frequency and π as float32: angles up to 22 here, off by 2e-6.
            let tolerance = row["class_name"] == "STFT" ? 2e-6 : 1e-7
            for (value, number) in zip(values, expected) {
                #expect(
                    abs(Double(value) - number) <= tolerance * max(1, abs(number)),
                    "\(row.shortText)")
            }
        }
    }

    @Test func distributionsAreThoseOfKeras() throws {
        let rows = try #require(InitializerGolden.read("initializers.json")["random"]?.elements)
        #expect(rows.count >= 88)
        for row in rows {
            let shape = try #require(row["shape"]?.goldenIntegers)
            let config = try #require(row["config"])
            let initializer = try make(row, config)
            #expect(JSON.object(initializer.configuration).means(config))
            var values: [Float] = []
            for ordinal in 0..<max(1, 20_000 / shape.reduce(1, *)) {
                values += try initialized(initializer, shape, ordinal: ordinal)
            }
            let moments = InitializerMoments(values)
            let mean = try #require(row["mean"]?.doubleValue)
            let deviation = try #require(row["standard_deviation"]?.doubleValue)
            let noise = 5 / Double(values.count).squareRoot()
            #expect(abs(moments.mean - mean) < noise * deviation, "\(row.shortText)")
            #expect(abs(moments.standardDeviation / deviation - 1) < noise, "\(row.shortText)")
            if let lower = row["lower"]?.doubleValue, let upper = row["upper"]?.doubleValue {
                let slack = 1e-6 * (upper - lower)
                #expect(moments.least >= lower - slack && moments.greatest <= upper + slack)
            }
        }
    }

    private func make(_ row: JSON, _ config: JSON) throws -> any Initializer {
        try Initializers.make(
            .object(("class_name", row["class_name"] ?? .null), ("config", config)), for: "test")
    }
}
