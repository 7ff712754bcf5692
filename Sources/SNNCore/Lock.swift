import CSystem

/// A mutual exclusion for short work; never held while foreign code runs.
package final class Lock: @unchecked Sendable {
    // Sendable: the mutex is what makes it so.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    package init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func whileLocked<Result>(
        _ body: () throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }
}
