import SNNCore

/// The threads that one call may use.
package struct Workers: Sendable {
    package let threads: Int

    /// `threads` 0 stands for the process's count.
    package init(threads: Int) {
        self.threads = threads > 0 ? threads : ThreadPool.defaultThreadCount
    }

    /// Calls `body` for consecutive ranges of 0 ..< count. How it is cut follows from `count` and
    /// the cost of one alone, never from the number of threads; ranges start at multiples of
    /// `granule`.
    ///
    /// - Parameter cost: about how many arithmetic operations one of `count` takes.
    @inline(__always)
    package func split(
        _ count: Int, cost: Int, granule: Int = 1, _ body: (_ start: Int, _ count: Int) -> Void
    ) {
        // A piece worth a hand-over to another thread: some 20 µs of arithmetic.
        let operationsPerPiece = 400_000
        let wanted = max(operationsPerPiece / max(cost, 1), 1)
        let length = (wanted &+ granule &- 1) / granule &* granule
        let pieces = (count &+ length &- 1) / length
        guard pieces > 1, threads > 1 else {
            if count > 0 { body(0, count) }
            return
        }
        ThreadPool.shared.run(tasks: pieces, threads: threads) { piece in
            let start = piece &* length
            body(start, min(length, count &- start))
        }
    }
}
