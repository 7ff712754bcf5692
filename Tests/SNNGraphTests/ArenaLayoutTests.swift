import SNNTestSupport
import Testing

@testable import SNNGraph

@Suite struct ArenaLayoutTests {
    private typealias Request = ArenaLayout.Request

    /// Compares all pairs.
    private func expectSound(_ requests: [Request], _ layout: ArenaLayout) {
        for (index, request) in requests.enumerated() where request.count > 0 {
            let start = layout.offsets[index]
            #expect(start >= 0 && start % 16 == 0 && start + request.count <= layout.count)
            for other in 0 ..< index where requests[other].count > 0 {
                let lives = request.first <= requests[other].last
                    && requests[other].first <= request.last
                let overlaps = start < layout.offsets[other] + requests[other].count
                    && layout.offsets[other] < start + request.count
                #expect(!(lives && overlaps), "\(other) and \(index)")
            }
        }
    }

    @Test func liveBuffersNeverOverlap() {
        for seed in 0 ..< 150 as Range<UInt64> {
            let numbers = testNumbers(240, seed: seed).map { Int(($0 + 1) * 500) }
            let requests = (0 ..< 80).map { index in
                let first = numbers[3 * index] / 25
                return Request(
                    // Some are empty, some small.
                    count: seed % 3 == 0 ? numbers[3 * index + 1] % 40 : numbers[3 * index + 1],
                    first: first, last: first + numbers[3 * index + 2] / (seed % 2 == 0 ? 400 : 60))
            }
            expectSound(requests, ArenaLayout(requests))
        }
    }

    @Test func memoryIsUsedAgain() {
        // A chain: each buffer lives until the next one is made.
        let chain = (0 ..< 50).map { Request(count: 100, first: $0, last: $0 + 1) }
        let layout = ArenaLayout(chain)
        expectSound(chain, layout)
        #expect(layout.count == 3 * 112 || layout.count == 2 * 112)
        // Two small neighbours make room for a large one.
        let merging = [
            Request(count: 16, first: 0, last: 1), Request(count: 16, first: 0, last: 1),
            Request(count: 16, first: 0, last: 9), Request(count: 32, first: 2, last: 3),
        ]
        #expect(ArenaLayout(merging).count == 48)
        // The smallest piece that holds it is taken.
        let best = [
            Request(count: 64, first: 0, last: 0), Request(count: 16, first: 0, last: 9),
            Request(count: 32, first: 0, last: 0), Request(count: 16, first: 0, last: 9),
            Request(count: 32, first: 1, last: 1),
        ]
        #expect(ArenaLayout(best).offsets[4] == 80)
    }

    @Test func nothingNeedsNothing() {
        #expect(ArenaLayout([]).count == 0)
        let empty = ArenaLayout([Request(count: 0, first: 0, last: 5)])
        #expect(empty.count == 0 && empty.offsets == [0])
    }

    @Test func whatLivesAtOneTimeIsTheLeastThatFits() {
        // All alive at once: no gap but for the padding.
        let requests = (1 ... 20).map { Request(count: $0 * 7, first: 20 - $0, last: 40) }
        let layout = ArenaLayout(requests)
        expectSound(requests, layout)
        #expect(layout.count == requests.reduce(0) { $0 + ($1.count + 15) / 16 * 16 })
    }
}
