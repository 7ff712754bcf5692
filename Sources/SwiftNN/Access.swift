import CSystem
import SNNCore
import Synchronization

/// Who uses an object: one caller alone, or any number that only read. Nobody waits; who comes at
/// the wrong time is told that it is busy.
final class Access: Sendable {
    let gate: Gate

    /// - Parameter what: "model", for messages.
    init(_ what: StaticString) {
        gate = Gate(what)
    }

    deinit {
        gate.deallocate()
    }

    /// Runs `body` alone.
    func alone<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        try gate.alone(body)
    }

    /// Runs `body` beside others that share. Not from a callback.
    func shared<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        try gate.shared(body)
    }

    /// Runs a getter: beside others that share, or from the callback of the one that is alone.
    func reading<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        try gate.reading(body)
    }

    /// Runs a callback of the host while this thread is alone.
    func calling<Result>(_ callback: () -> Result) -> Result {
        gate.calling(callback)
    }
}

/// An access's memory, for those who keep the object that owns it: a pointer, so that passing it
/// counts no references.
struct Gate: @unchecked Sendable {
    // Sendable: its words are atomics.
    private struct Words: ~Copyable {
        /// -1: one alone; else how many read.
        let users = Atomic<Int>(0)
        /// The thread that is alone and inside a callback of the host, which may read.
        let callbackThread = Atomic<UInt>(0)
        let generation = Atomic<Int>(ForkGeneration.current)
    }

    private let words: UnsafeMutablePointer<Words>
    private let what: StaticString

    fileprivate init(_ what: StaticString) {
        self.what = what
        words = .allocate(capacity: 1)
        words.initialize(to: Words())
    }

    fileprivate func deallocate() {
        words.deinitialize(count: 1)
        words.deallocate()
    }

    /// Runs `body` alone.
    @inline(__always)
    func alone<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        forgetParentsReaders()
        let (isFree, _) = words.pointee.users.compareExchange(
            expected: 0, desired: -1, ordering: .acquiringAndReleasing)
        guard isFree else { throw busy }
        defer { words.pointee.users.store(0, ordering: .releasing) }
        return try body()
    }

    /// Runs `body` beside others that share. Not from a callback.
    @inline(__always)
    func shared<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        forgetParentsReaders()
        var seen = words.pointee.users.load(ordering: .relaxed)
        while true {
            guard seen >= 0 else { throw busy }
            let (exchanged, original) = words.pointee.users.weakCompareExchange(
                expected: seen, desired: seen + 1, ordering: .acquiringAndReleasing)
            if exchanged { break }
            seen = original
        }
        defer { words.pointee.users.wrappingSubtract(1, ordering: .releasing) }
        return try body()
    }

    /// Runs a getter: beside others that share, or from the callback of the one that is alone.
    func reading<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        if words.pointee.callbackThread.load(ordering: .relaxed) == Gate.currentThread { return try body() }
        return try shared(body)
    }

    /// Runs a callback of the host while this thread is alone.
    func calling<Result>(_ callback: () -> Result) -> Result {
        words.pointee.callbackThread.store(Gate.currentThread, ordering: .relaxed)
        defer { words.pointee.callbackThread.store(0, ordering: .relaxed) }
        return callback()
    }

    /// In the child of a fork: threads that read are not there any more. One that was alone may
    /// have left its work half done, so the object stays busy.
    @inline(__always)
    private func forgetParentsReaders() {
        let current = ForkGeneration.current
        let seen = words.pointee.generation.load(ordering: .relaxed)
        if seen != current { forgetReaders(of: seen, current) }
    }

    @inline(never)
    private func forgetReaders(of seen: Int, _ current: Int) {
        let readers = words.pointee.users.load(ordering: .relaxed)
        let (isFirst, _) = words.pointee.generation.compareExchange(
            expected: seen, desired: current, ordering: .acquiringAndReleasing)
        guard isFirst, readers > 0 else { return }
        words.pointee.users.wrappingSubtract(readers, ordering: .acquiringAndReleasing)
    }

    private var busy: SNNError {
        SNNError(.busy, "the \(what) is in use by another call")
    }

    private static var currentThread: UInt { UInt(pthread_self()) }
}
