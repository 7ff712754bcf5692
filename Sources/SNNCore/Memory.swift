import CSystem
import Synchronization

/// Where everything model-sized comes from: weights, arenas, data, file images.
///
/// Unlike the runtime's own allocations, which trap, these fail with `SNNError`: when the machine
/// has none left, when the process's limit is reached, or when a test asks for it.
package enum Memory {
    package static let alignment = 64

    private static let current = Atomic<Int>(0)
    private static let peak = Atomic<Int>(0)
    private static let allocationCount = Atomic<Int>(0)
    private static let limit = Atomic<Int>(0)
    /// Test hook: fails the allocation with this number counted from when it was set; 0 is off.
    private static let failingAllocation = Atomic<Int>(0)

    package struct Usage {
        package let bytes: Int
        package let peakBytes: Int
        package let allocations: Int
    }

    package static var usage: Usage {
        Usage(
            bytes: current.load(ordering: .relaxed), peakBytes: peak.load(ordering: .relaxed),
            allocations: allocationCount.load(ordering: .relaxed))
    }

    /// The most bytes in use at a time; 0 is no limit. What is in use already stays.
    package static func setLimit(_ bytes: Int) {
        limit.store(bytes, ordering: .relaxed)
    }

    /// For tests: the `number`-th allocation from now on fails; 0 ends it.
    package static func failAllocation(_ number: Int) {
        failingAllocation.store(number, ordering: .relaxed)
    }

    /// Memory of `count` bytes, aligned to a cache line, not initialized. Give it back with
    /// `deallocate` and the same count.
    package static func allocate(_ count: Int) throws(SNNError) -> UnsafeMutableRawPointer {
        guard count >= 0 else {
            throw SNNError(.limit, "expected a count of bytes of at least 0, received \(count)")
        }
        let inUse = try reserve(count)
        var memory: UnsafeMutableRawPointer?
        if takesFailure() || posix_memalign(&memory, alignment, max(count, alignment)) != 0 {
            memory = nil
        }
        guard let memory else {
            current.wrappingSubtract(count, ordering: .relaxed)
            throw SNNError(.memory, "the system has no memory for \(count) bytes")
        }
        allocationCount.wrappingAdd(1, ordering: .relaxed)
        raisePeak(to: inUse)
        return memory
    }

    package static func deallocate(_ memory: UnsafeMutableRawPointer, count: Int) {
        free(memory)
        current.wrappingSubtract(count, ordering: .relaxed)
    }

    /// Counts the bytes as used, unless that would pass the limit; how many are used then.
    private static func reserve(_ count: Int) throws(SNNError) -> Int {
        var seen = current.load(ordering: .relaxed)
        while true {
            let limit = limit.load(ordering: .relaxed)
            let (sum, overflows) = seen.addingReportingOverflow(count)
            guard !overflows, limit <= 0 || sum <= limit else {
                throw SNNError(
                    .memory,
                    limit <= 0
                        ? "the system has no memory for \(count) bytes"
                        : "\(count) bytes are needed, \(seen) are in use, and the limit is \(limit)")
            }
            let (exchanged, original) = current.weakCompareExchange(
                expected: seen, desired: sum, ordering: .relaxed)
            if exchanged { return sum }
            seen = original
        }
    }

    private static func takesFailure() -> Bool {
        guard failingAllocation.load(ordering: .relaxed) > 0 else { return false }
        return failingAllocation.wrappingSubtract(1, ordering: .relaxed).newValue == 0
    }

    private static func raisePeak(to bytes: Int) {
        var seen = peak.load(ordering: .relaxed)
        while bytes > seen {
            let (exchanged, original) = peak.weakCompareExchange(
                expected: seen, desired: bytes, ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }
}
