import CFork
import CSystem
import Synchronization

/// A mutual exclusion for short work; never held while foreign code runs.
///
/// After a fork the child finds it free, whatever thread of the parent had it.
package final class Lock: @unchecked Sendable {
    // Sendable: the mutex is what makes it so.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let generation = Atomic<Int>(ForkGeneration.current)

    package init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func whileLocked<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        renewAfterFork()
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// One thread of the child does so, and the others see it done.
    private func renewAfterFork() {
        let current = ForkGeneration.current
        guard generation.load(ordering: .acquiring) != current else { return }
        snnf_lock(Int32(SNNF_ONCE))
        defer { snnf_unlock(Int32(SNNF_ONCE)) }
        guard generation.load(ordering: .relaxed) != current else { return }
        pthread_mutex_init(mutex, nil)
        generation.store(current, ordering: .releasing)
    }
}
