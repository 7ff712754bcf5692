import CSystem
import Synchronization

/// The words on which the threads of a pool sleep, each on a cache line of its own. Never freed:
/// workers live as long as the process.
struct ThreadPoolWords {
    private static let stride = 16
    /// The tasks of the running loop that are not done.
    let pending: UnsafeMutablePointer<Atomic<UInt32>>

    /// nil when memory has run out.
    init?() {
        let count = ThreadPool.maximumThreads * ThreadPoolWords.stride
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, 64, count * MemoryLayout<UInt32>.stride) == 0, let memory
        else { return nil }
        pending = memory.bindMemory(to: Atomic<UInt32>.self, capacity: count)
        for index in 0..<count { (pending + index).initialize(to: Atomic(0)) }
    }

    /// The generation of the last loop that a worker was called to.
    private func ticketPointer(_ worker: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
        pending + (worker + 1) * ThreadPoolWords.stride
    }

    private func isAsleep(_ worker: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
        ticketPointer(worker) + 1
    }

    func ticket(_ worker: Int) -> UInt32 {
        ticketPointer(worker).pointee.load(ordering: .acquiring)
    }

    /// For a new worker in this place.
    func reset(_ worker: Int) {
        ticketPointer(worker).pointee.store(0, ordering: .relaxed)
        isAsleep(worker).pointee.store(0, ordering: .relaxed)
    }

    // Both sides write their own word and then read the other's, all sequentially consistent: one
    // of them sees the other, so no call is lost.

    func hand(_ generation: UInt32, to worker: Int) {
        ticketPointer(worker).pointee.store(generation, ordering: .sequentiallyConsistent)
        if isAsleep(worker).pointee.load(ordering: .sequentiallyConsistent) != 0 {
            snnsys_futex_wake(ticketPointer(worker))
        }
    }

    /// Sleeps as long as the worker's ticket is `last`.
    func sleep(_ worker: Int, while last: UInt32) {
        isAsleep(worker).pointee.store(1, ordering: .sequentiallyConsistent)
        while ticketPointer(worker).pointee.load(ordering: .sequentiallyConsistent) == last {
            snnsys_futex_wait(ticketPointer(worker), last)
        }
        isAsleep(worker).pointee.store(0, ordering: .relaxed)
    }
}
