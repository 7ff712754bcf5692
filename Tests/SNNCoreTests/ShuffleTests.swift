import SNNCore
import Testing

struct ShuffleTests {
    private func order(_ count: Int, seed: UInt64, epoch: Int, salt: Int = 0) -> [Int32] {
        var indices = (0..<count).map { Int32($0) }
        indices.withUnsafeMutableBufferPointer { shuffle($0, seed: seed, epoch: epoch, salt: salt) }
        return indices
    }

    @Test func isAPermutationThatItsKeysDecide() {
        let first = order(1000, seed: 1, epoch: 0)
        #expect(first.sorted() == (0..<1000).map { Int32($0) })
        #expect(first == order(1000, seed: 1, epoch: 0))
        #expect(first != order(1000, seed: 2, epoch: 0))
        #expect(first != order(1000, seed: 1, epoch: 1))
        #expect(first != order(1000, seed: 1, epoch: 0, salt: 1))
    }

    @Test func emptyAndSingleStay() {
        #expect(order(0, seed: 1, epoch: 0) == [])
        #expect(order(1, seed: 1, epoch: 0) == [0])
    }

    @Test func everyOrderOfFourIsEquallyLikely() {
        var counts: [[Int32]: Int] = [:]
        let rounds = 24_000
        for epoch in 0..<rounds { counts[order(4, seed: 5, epoch: epoch), default: 0] += 1 }
        #expect(counts.count == 24)
        // Chi squared with 23 degrees of freedom: 49.7 is its 0.999 quantile.
        let chi = counts.values.reduce(0.0) { $0 + (Double($1) - 1000) * (Double($1) - 1000) / 1000 }
        #expect(chi < 49.7)
    }

    @Test func goldenOrder() {
        #expect(order(10, seed: 2026, epoch: 3) == [8, 5, 3, 0, 2, 6, 4, 7, 9, 1])
    }
}
