import Glibc

/// Numbers that end where a page begins which nobody may touch: to read or write the one after the
/// last is a fatal error.
package final class GuardedNumbers {
    package let start: UnsafeMutablePointer<Float>
    private let count: Int
    private let pages: UnsafeMutableRawPointer
    private let size: Int

    package init(_ numbers: [Float]) {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let used = (numbers.count * 4 + page - 1) / page * page
        count = numbers.count
        size = used + page
        pages = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
        precondition(pages != MAP_FAILED && mprotect(pages + used, page, PROT_NONE) == 0)
        start = (pages + (used - count * 4)).assumingMemoryBound(to: Float.self)
        start.update(from: numbers, count: count)
    }

    deinit {
        munmap(pages, size)
    }

    package var numbers: [Float] {
        Array(UnsafeBufferPointer(start: start, count: count))
    }
}
