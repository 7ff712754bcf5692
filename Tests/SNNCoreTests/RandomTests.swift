import Foundation
import SNNCore
import Testing

struct RandomTests {
    /// Random123's kat_vectors, philox4x32 with 10 rounds.
    @Test func philoxGivesThePublishedAnswers() {
        let zeros = Philox(seed: 0).block(0, 0, 0, 0)
        #expect(zeros == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
        let ones = Philox(seed: .max).block(.max, .max, .max, .max)
        #expect(ones == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
        let pi = Philox(seed: 0x299f_31d0_a409_3822)
            .block(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344)
        #expect(pi == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
    }

    @Test func elementIsAWordOfItsBlock() {
        let stream = RandomStream(
            seed: 42, purpose: .dropout, call: 0x1_0000_03, ordinal: -1, step: 1 << 32 | 5)
        #expect(stream.counterWords == (2 << 24 | 3, .max, 5))
        let block = Philox(seed: 42).block(2, 2 << 24 | 3, .max, 5)
        #expect(stream.word(8) == block.0 && stream.word(9) == block.1)
        #expect(stream.word(10) == block.2 && stream.word(11) == block.3)
        #expect(stream.uniform(8) == (Double(block.0) + 0.5) / 4294967296)
    }

    /// Moments of a million elements, to four standard errors.
    @Test func momentsAreThoseOfTheDistributions() {
        let stream = RandomStream(
            seed: 7, purpose: .initialization, call: 0, ordinal: 3, step: 0)
        let count = 1 << 18
        func moments(_ values: (Int) -> Double) -> (Double, Double, Double) {
            var (mean, square, cube) = (0.0, 0.0, 0.0)
            for element in 0..<count {
                let value = values(element)
                mean += value
                square += value * value
                cube += value * value * value
            }
            return (mean / Double(count), square / Double(count), cube / Double(count))
        }
        let error = 4 / Double(count).squareRoot()
        let uniform = moments(stream.uniform)
        #expect(abs(uniform.0 - 1 / 2) < error * 0.29)
        #expect(abs(uniform.1 - 1 / 3) < error * 0.3)
        let normal = moments(stream.normal)
        #expect(abs(normal.0) < error)
        #expect(abs(normal.1 - 1) < error * 2.0.squareRoot())
        #expect(abs(normal.2) < error * 15.0.squareRoot())
        let truncated = moments(stream.truncatedNormal)
        #expect(abs(truncated.0) < error * 0.88)
        #expect(abs(truncated.1 - 0.87962566 * 0.87962566) < error * 0.9)
        #expect((0..<count).allSatisfy { abs(stream.truncatedNormal($0)) <= 2 })
    }

    @Test(arguments: [
        (0.5, 0.0), (0.975, 1.959963984540054), (0.995, 2.5758293035489004),
        (0.1, -1.2815515655446004), (0.25, -0.6744897501960817), (0.001, -3.090232306167813),
        (1e-10, -6.361340902404056), (1e-20, -9.262340089798408), (0.9999, 3.719016485455709),
        (0.0227501319481792072, -2.0),
    ])
    func inverseNormalGivesKnownQuantiles(probability: Double, expected: Double) {
        #expect(abs(inverseNormal(probability) - expected) <= 4e-16 * max(1, abs(expected) * 2))
    }

    @Test func inverseNormalAgreesWithTheDistributionFunction() {
        for step in 1..<2000 {
            let probability = Double(step) / 2000
            let back = 0.5 * erfc(-inverseNormal(probability) / 2.0.squareRoot())
            #expect(abs(back - probability) < 4e-16)
        }
    }

    /// The bits of a few elements, so that no compiler or machine changes them unseen. The digest was
    /// computed apart, in Python, whose statistics.NormalDist uses AS 241 too.
    @Test func goldenBits() {
        let stream = RandomStream(
            seed: 2026, purpose: .initialization, call: 0, ordinal: 1, step: 0)
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for element in 0..<10_000 {
            for bits in [
                stream.normal(element).bitPattern, stream.truncatedNormal(element).bitPattern,
            ] {
                digest = (digest ^ bits) &* 0x100_0000_01b3
            }
        }
        #expect(digest == 13_663_868_875_865_045_178)
    }
}
