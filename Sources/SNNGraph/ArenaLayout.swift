import SNNCore

/// Assigns places in one block of memory to buffers that live for a while, so that buffers whose
/// times do not overlap share it.
struct ArenaLayout {
    /// Alive from time `first` to time `last`, both included.
    struct Request {
        let count: Int
        let first: Int
        let last: Int
    }

    /// For each request its offset, in floats, a multiple of 16.
    let offsets: [Int]
    /// Floats in all.
    let count: Int

    /// Goes through time once: what ended is merged into the free list, and what begins takes the
    /// smallest free piece that holds it, or extends the block.
    init(_ requests: [Request]) {
        var offsets = [Int](repeating: 0, count: requests.count)
        var free = FreeList()
        let byStart = sortedIndices(requests.count) { requests[$0].first < requests[$1].first }
        let byEnd = sortedIndices(requests.count) { requests[$0].last < requests[$1].last }
        var ended = 0
        for index in byStart {
            while requests[byEnd[ended]].last < requests[index].first {
                let past = byEnd[ended]
                free.give(offsets[past], ArenaLayout.padded(requests[past].count))
                ended += 1
            }
            offsets[index] = free.take(ArenaLayout.padded(requests[index].count))
        }
        self.offsets = offsets
        self.count = free.end
    }

    private static func padded(_ count: Int) -> Int { (count + 15) / 16 * 16 }

    private struct FreeList {
        /// Free pieces in order of offset, never adjacent.
        private var pieces: [Range<Int>] = []
        private(set) var end = 0

        mutating func take(_ count: Int) -> Int {
            guard count > 0 else { return 0 }
            var best: Int?
            for (index, piece) in pieces.enumerated()
            where piece.count >= count && best.map({ piece.count < pieces[$0].count }) ?? true {
                best = index
            }
            if let best {
                let start = pieces[best].lowerBound
                pieces[best] = start + count ..< pieces[best].upperBound
                if pieces[best].isEmpty { pieces.remove(at: best) }
                return start
            }
            if let last = pieces.last, last.upperBound == end {
                pieces.removeLast()
                end = last.lowerBound + count
                return last.lowerBound
            }
            end += count
            return end - count
        }

        mutating func give(_ start: Int, _ count: Int) {
            guard count > 0 else { return }
            var range = start ..< start + count
            var index = pieces.firstIndex { $0.lowerBound > start } ?? pieces.count
            if index < pieces.count, pieces[index].lowerBound == range.upperBound {
                range = range.lowerBound ..< pieces[index].upperBound
                pieces.remove(at: index)
            }
            if index > 0, pieces[index - 1].upperBound == range.lowerBound {
                index -= 1
                range = pieces[index].lowerBound ..< range.upperBound
                pieces.remove(at: index)
            }
            pieces.insert(range, at: index)
        }
    }
}
