import CKernels
import SNNCore

/// The threads that one call may use.
package struct Workers: Sendable {
    package let threads: Int
    /// A piece worth a hand-over to another thread: at least some microseconds of arithmetic.
    private static var operationsPerPiece: Int { 400_000 }

    /// `threads` 0 stands for the process's count.
    package init(threads: Int) {
        self.threads = threads > 0 ? threads : ThreadPool.defaultThreadCount
    }

    /// Calls `body` for consecutive ranges of 0 ..< count. How it is cut follows from `count` and
    /// the cost of one alone, never from the number of threads; ranges start at multiples of
    /// `granule`.
    ///
    /// - Parameters:
    ///   - cost: about how many arithmetic operations one of `count` takes.
    ///   - work: what `body` works on. It comes as an argument, and `body` captures nothing,
    ///     because a capture that another thread runs would be an allocation.
    @inline(__always)
    package func split<Work>(
        _ count: Int, cost: Int, granule: Int = 1, with work: Work,
        _ body: @escaping (_ work: Work, _ start: Int, _ count: Int) -> Void
    ) {
        let wanted = max(Workers.operationsPerPiece / max(cost, 1), 1)
        let length = (wanted &+ granule &- 1) / granule &* granule
        let pieces = (count &+ length &- 1) / length
        guard pieces > 1, threads > 1 else {
            if count > 0 { body(work, 0, count) }
            return
        }
        var pieced = PiecedWork(work: work, body: body, count: count, length: length)
        withUnsafeMutablePointer(to: &pieced) { pieced in
            ThreadPool.shared.run(tasks: pieces, threads: threads, context: pieced) {
                (context, piece) in
                context.assumingMemoryBound(to: PiecedWork<Work>.self).pointee.run(piece)
            }
        }
    }
}

extension Workers {
    /// Whether so many arithmetic operations are worth more than one thread.
    package func areWorth(_ operations: Int) -> Bool {
        threads > 1 && operations >= 2 &* Workers.operationsPerPiece
    }

    /// Of a product of a few rows it is the reading of b that takes the time: what an element of it
    /// costs.
    package static var readingCost: Int { 16 }

    /// The same of a matrix product with `rows` times its rows.
    package func areWorthProduct(of product: snnk_product, rows: Int = 1) -> Bool {
        let (m, n, k) = (Int(product.m) &* rows, Int(product.n), Int(product.k))
        return areWorth((2 &* m &+ Workers.readingCost) &* n &* k)
    }

    /// The same in at most one piece for each thread, which `body` is told the number of, so that
    /// it can have memory of its own. For work whose results do not depend on how it is cut.
    @inline(__always)
    package func share<Work>(
        _ count: Int, cost: Int, granule: Int, with work: Work,
        _ body: @escaping (_ work: Work, _ piece: Int, _ start: Int, _ count: Int) -> Void
    ) {
        let worth = max(count &* cost / Workers.operationsPerPiece, 1)
        let granules = (count &+ granule &- 1) / granule
        let pieces = min(threads, worth, granules)
        guard pieces > 1 else {
            if count > 0 { body(work, 0, 0, count) }
            return
        }
        var shared = SharedWork(
            work: work, body: body, count: count, granule: granule, granules: granules,
            pieces: pieces)
        withUnsafeMutablePointer(to: &shared) { shared in
            ThreadPool.shared.run(tasks: pieces, threads: threads, context: shared) {
                (context, piece) in
                context.assumingMemoryBound(to: SharedWork<Work>.self).pointee.run(piece)
            }
        }
    }
}

/// Work on 0 ..< count in pieces of about as many granules.
private struct SharedWork<Work> {
    let work: Work
    let body: (Work, Int, Int, Int) -> Void
    let count: Int
    let granule: Int
    let granules: Int
    let pieces: Int

    func run(_ piece: Int) {
        let start = granules &* piece / pieces &* granule
        let end = min(granules &* (piece &+ 1) / pieces &* granule, count)
        body(work, piece, start, end &- start)
    }
}

/// Work on 0 ..< count in pieces of `length`.
private struct PiecedWork<Work> {
    let work: Work
    let body: (Work, Int, Int) -> Void
    let count: Int
    let length: Int

    func run(_ piece: Int) {
        let start = piece &* length
        body(work, start, min(length, count &- start))
    }
}
