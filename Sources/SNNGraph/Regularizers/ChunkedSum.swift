import SNNKernels

/// Sums over many numbers in double: chunks of a fixed length side by side, and their sums added
/// pairwise, so that the order follows from the count alone.
struct ChunkedSum {
    enum Terms {
        case magnitudes
        case squares
    }

    private static let length = SummationOrder.squaresPerChunk

    /// Doubles of memory that a sum of `count` numbers takes.
    static func chunks(_ count: Int) -> Int { (count &+ length &- 1) / length }

    static func run(
        _ terms: Terms, of x: UnsafePointer<Float>, count: Int, _ memory: PenaltyMemory
    ) -> Double {
        let chunks = chunks(count)
        memory.workers.split(
            chunks, cost: 4 &* length,
            with: (memory.kernels, x, count, memory.sums, terms == .squares)
        ) { work, first, chunks in
            let (kernels, x, count, sums, squares) = work
            var chunk = first
            while chunk < first &+ chunks {
                let start = chunk &* length
                let length = Int64(min(length, count &- start))
                sums[chunk] =
                    squares
                    ? kernels.pointee.sum_of_squares(x + start, length)
                    : kernels.pointee.sum_of_magnitudes(x + start, length)
                chunk &+= 1
            }
        }
        return treeSum(memory.sums, chunks)
    }
}
