import CSystem

/// The lock of what the whole process shares (handles, the log's receiver), for short work.
///
/// It is taken before a fork and given back after it on both sides, so that a child never inherits
/// it from a thread that it does not have.
package enum ProcessLock {
    private struct Mutex: @unchecked Sendable {
        // Sendable: a mutex is made for several threads.
        let pointer: UnsafeMutablePointer<pthread_mutex_t>
    }

    private static let mutex: Mutex = {
        let pointer = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        pthread_mutex_init(pointer, nil)
        return Mutex(pointer: pointer)
    }()

    /// Apart from `mutex`, which the handlers themselves use. Without memory for the handlers only
    /// forking is less safe.
    private static let forkHandlers: Int32 = {
        _ = mutex
        return pthread_atfork(
            { pthread_mutex_lock(ProcessLock.mutex.pointer) },
            { pthread_mutex_unlock(ProcessLock.mutex.pointer) },
            { pthread_mutex_unlock(ProcessLock.mutex.pointer) })
    }()

    package static func whileLocked<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        _ = forkHandlers
        pthread_mutex_lock(mutex.pointer)
        defer { pthread_mutex_unlock(mutex.pointer) }
        return try body()
    }
}
