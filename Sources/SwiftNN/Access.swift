import CSystem
import SNNCore
import Synchronization

/// Who uses an object: one caller alone, or any number that only read. Nobody waits; who comes at
/// the wrong time is told that it is busy.
final class Access: Sendable {
    private let what: StaticString
    /// -1: one alone; else how many read.
    private let users = Atomic<Int>(0)
    /// The thread that is alone and inside a callback of the host, which may read.
    private let callbackThread = Atomic<UInt>(0)
    private let generation = Atomic<Int>(ForkGeneration.current)

    /// - Parameter what: "model", for messages.
    init(_ what: StaticString) {
        self.what = what
    }

    /// Runs `body` alone.
    @inline(__always)
    func alone<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        forgetParentsReaders()
        let (isFree, _) = users.compareExchange(
            expected: 0, desired: -1, ordering: .acquiringAndReleasing)
        guard isFree else { throw busy }
        defer { users.store(0, ordering: .releasing) }
        return try body()
    }

    /// Runs `body` beside others that share. Not from a callback.
    @inline(__always)
    func shared<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        forgetParentsReaders()
        var seen = users.load(ordering: .relaxed)
        while true {
            guard seen >= 0 else { throw busy }
            let (exchanged, original) = users.weakCompareExchange(
                expected: seen, desired: seen + 1, ordering: .acquiringAndReleasing)
            if exchanged { break }
            seen = original
        }
        defer { users.wrappingSubtract(1, ordering: .releasing) }
        return try body()
    }

    /// Runs a getter: beside others that share, or from the callback of the one that is alone.
    func reading<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        if callbackThread.load(ordering: .relaxed) == Access.currentThread { return try body() }
        return try shared(body)
    }

    /// Runs a callback of the host while this thread is alone.
    func calling<Result>(_ callback: () -> Result) -> Result {
        callbackThread.store(Access.currentThread, ordering: .relaxed)
        defer { callbackThread.store(0, ordering: .relaxed) }
        return callback()
    }

    /// In the child of a fork: threads that read are not there any more. One that was alone may
    /// have left its work half done, so the object stays busy.
    @inline(__always)
    private func forgetParentsReaders() {
        let current = ForkGeneration.current
        let seen = generation.load(ordering: .relaxed)
        if seen != current { forgetReaders(of: seen, current) }
    }

    @inline(never)
    private func forgetReaders(of seen: Int, _ current: Int) {
        let readers = users.load(ordering: .relaxed)
        let (isFirst, _) = generation.compareExchange(
            expected: seen, desired: current, ordering: .acquiringAndReleasing)
        guard isFirst, readers > 0 else { return }
        users.wrappingSubtract(readers, ordering: .acquiringAndReleasing)
    }

    private var busy: SNNError {
        SNNError(.busy, "the \(what) is in use by another call")
    }

    private static var currentThread: UInt { UInt(pthread_self()) }
}
