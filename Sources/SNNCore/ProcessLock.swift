import CFork

/// The lock of what the whole process shares (handles, the log's receiver), for short work.
///
/// It is taken before a fork and free after it on both sides, so that a child inherits nothing that
/// another thread had half changed.
package enum ProcessLock {
    package static func whileLocked<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        snnf_lock(Int32(SNNF_PROCESS))
        defer { snnf_unlock(Int32(SNNF_PROCESS)) }
        return try body()
    }
}
