import SNNCore
import SNNKernels
import SNNTestSupport
import Testing

struct RandomTests {
    private func words(
        _ set: InstructionSet, first: Int64, count: Int, seed: UInt64, _ c1: UInt32, _ c2: UInt32,
        _ c3: UInt32
    ) -> [UInt32] {
        var out = [UInt32](repeating: 0, count: count + 1)
        set.table.random_words(&out, first, Int64(count), seed, c1, c2, c3)
        #expect(out[count] == 0, "wrote behind its output")
        return Array(out[..<count])
    }

    /// The known answers that Random123 publishes for philox4x32-10.
    @Test(arguments: InstructionSet.supported)
    func knownAnswers(set: InstructionSet) {
        #expect(
            words(set, first: 0, count: 4, seed: 0, 0, 0, 0)
                == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        let most = UInt32.max
        #expect(
            words(set, first: 4 * Int64(most), count: 4, seed: .max, most, most, most)
                == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
        #expect(
            words(
                set, first: 4 * 0x243f_6a88, count: 4, seed: 0x299f_31d0_a409_3822, 0x85a3_08d3,
                0x1319_8a2e, 0x0370_7344)
                == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
    }

    @Test(arguments: InstructionSet.supported)
    func vectorFormEqualsTheScalarForm(set: InstructionSet) {
        let scalar = Philox(seed: 0x0123_4567_89ab_cdef)
        for first in [0, 4, 64, 4 * Int64(UInt32.max) - 32] {
            for count in [0, 1, 3, 15, 16, 17, 31, 33, 64, 65, 100, 200] {
                let expected = (0..<count).map { i in
                    let element = first + Int64(i)
                    let c0 = UInt32(truncatingIfNeeded: element / 4)
                    let block = scalar.block(c0, 1, 2, 3)
                    return [block.0, block.1, block.2, block.3][Int(element % 4)]
                }
                let words = words(
                    set, first: first, count: count, seed: 0x0123_4567_89ab_cdef, 1, 2, 3)
                #expect(words == expected)
            }
        }
    }

    @Test(arguments: InstructionSet.supported)
    func dropoutDropsBelowTheThresholdAndIsItsOwnGradient(set: InstructionSet) {
        let threshold: UInt32 = 0x4000_0000
        for count in [0, 1, 3, 15, 16, 17, 31, 33, 100] {
            let x = testNumbers(count, seed: 1)
            let words = words(set, first: 8, count: count, seed: 7, 1, 2, 3)
            let y = written(count) {
                set.table.dropout(x, $0, 8, Int64(count), 7, 1, 2, 3, threshold, 4 / 3)
            }
            #expect(y == zip(x, words).map { $1 < threshold ? 0 : $0 * (4 / 3) })
            let again = written(count, initial: x) {
                set.table.dropout($0, $0, 8, Int64(count), 7, 1, 2, 3, threshold, 4 / 3)
            }
            #expect(bits(again) == bits(y), "in place")
        }
    }

    @Test func dropoutDropsTheShareItWasAskedFor() {
        let count = 1 << 20
        let x = [Float](repeating: 1, count: count)
        let y = written(count) {
            InstructionSet.best.table.dropout(
                x, $0, 0, Int64(count), 42, 0, 0, 0, 0x4ccc_cccd, 1 / 0.7)
        }
        let dropped = Double(y.filter { $0 == 0 }.count) / Double(count)
        // Four standard deviations of a binomial share.
        #expect(abs(dropped - 0.3) < 4 * (0.21 / Double(count)).squareRoot())
    }
}
