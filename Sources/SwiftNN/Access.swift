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

    /// Runs a change that a callback of the one that is alone may make too; for others alone.
    func aloneOrCalled<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        try gate.aloneOrCalled(body)
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
        /// How many read, or one of `Alone`.
        let users = Atomic<Int>(0)
        /// Of readers that are not counted in `users`.
        let marks = CallMarks()
        let markCount = Atomic<Int>(0)
        /// The thread that is alone and inside a callback of the host, which may read.
        let callbackThread = Atomic<UInt>(0)
        let generation = Atomic<Int>(ForkGeneration.current)
    }

    /// What `users` is when nobody is counted.
    private enum Alone {
        /// One is alone.
        static let entered = -1
        /// One wants to be and looks whether a mark is set.
        static let wanted = -2
        /// The same, but a reader with a mark was faster.
        static let refused = -3
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
            expected: 0, desired: Alone.wanted, ordering: .sequentiallyConsistent)
        guard isFree, !isMarked, enter() else { throw busy(leaving: isFree) }
        defer { words.pointee.users.store(0, ordering: .releasing) }
        return try body()
    }

    /// Runs `body` beside others that share. Not from a callback.
    @inline(__always)
    func shared<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        forgetParentsReaders()
        var seen = words.pointee.users.load(ordering: .relaxed)
        while true {
            guard seen >= 0 else { throw busy() }
            let (exchanged, original) = words.pointee.users.weakCompareExchange(
                expected: seen, desired: seen + 1, ordering: .acquiringAndReleasing)
            if exchanged { break }
            seen = original
        }
        defer { words.pointee.users.wrappingSubtract(1, ordering: .releasing) }
        return try body()
    }

    // MARK: Readers with a mark

    /// Lets the reader go on whose mark, one of `add(_:)`, was set just now with sequential
    /// consistency; it ends its reading by clearing the mark, with a release.
    ///
    /// Of a reader's two operations (mark set, `users` read) and those of one who wants to be alone
    /// (`users` set, marks read) each side's first comes before its second in one order of all, so
    /// that at least one sees the other. Where both do, the reader has it: it turns the other's
    /// `wanted` into `refused`. This spares the reader two locked operations, and the one who wants to
    /// be alone a word for each session to read.
    @inline(__always)
    func besideMark() throws(SNNError) {
        let seen = words.pointee.users.load(ordering: .sequentiallyConsistent)
        if seen < 0 { try prevail(seen) }
    }

    @inline(never)
    private func prevail(_ first: Int) throws(SNNError) {
        var seen = first
        while seen == Alone.wanted {
            let (exchanged, original) = words.pointee.users.compareExchange(
                expected: seen, desired: Alone.refused, ordering: .sequentiallyConsistent)
            if exchanged { return }
            seen = original
        }
        guard seen != Alone.entered else { throw busy() }
    }

    /// Before the mark's first use.
    func add(_ mark: CallMark) throws(SNNError) {
        let count = try words.pointee.marks.change { $0.append(mark) }
        words.pointee.markCount.wrappingAdd(count, ordering: .sequentiallyConsistent)
    }

    /// Before the mark's word serves somebody else.
    func remove(_ mark: CallMark) {
        let count = (try? words.pointee.marks.change { $0.removeAll { $0.isSame(as: mark) } }) ?? 0
        words.pointee.markCount.wrappingAdd(count, ordering: .sequentiallyConsistent)
    }

    /// Whether any mark is set.
    @inline(__always)
    private var isMarked: Bool {
        words.pointee.markCount.load(ordering: .sequentiallyConsistent) > 0
            && words.pointee.marks.isAnySet
    }

    private func enter() -> Bool {
        words.pointee.users.compareExchange(
            expected: Alone.wanted, desired: Alone.entered, ordering: .sequentiallyConsistent
        ).exchanged
    }

    // MARK: Callbacks

    /// Runs a getter: beside others that share, or from the callback of the one that is alone.
    func reading<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        if words.pointee.callbackThread.load(ordering: .relaxed) == Gate.currentThread { return try body() }
        return try shared(body)
    }

    /// Runs a change that a callback of the one that is alone may make too; for others alone.
    func aloneOrCalled<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        if words.pointee.callbackThread.load(ordering: .relaxed) == Gate.currentThread { return try body() }
        return try alone(body)
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
        // One that only wanted to be alone has done nothing yet.
        guard isFirst, readers != Alone.entered else { return }
        words.pointee.users.wrappingSubtract(readers, ordering: .acquiringAndReleasing)
    }

    /// - Parameter leaving: whether this call had announced that it wants to be alone.
    @inline(never)
    private func busy(leaving: Bool = false) -> SNNError {
        if leaving { words.pointee.users.store(0, ordering: .releasing) }
        return SNNError(.busy, "the \(what) is in use by another call")
    }

    private static var currentThread: UInt { UInt(pthread_self()) }
}
