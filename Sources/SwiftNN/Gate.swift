import SNNCore
import Synchronization

/// The owner of a gate.
final class GateOwner: Sendable {
    let gate: Gate

    /// - Parameter what: "model", for messages.
    init(_ what: StaticString) {
        gate = Gate(what)
    }

    deinit {
        gate.deallocate()
    }
}

/// Who uses an object: one caller alone, or any number that only read. Nobody waits; who comes at
/// the wrong time is told that it is busy.
///
/// A pointer, so that passing it counts no references; who uses it keeps the owner.
struct Gate: @unchecked Sendable {
    // Sendable: its words are atomics.
    private struct Words: ~Copyable {
        /// A `GateState`.
        let state = Atomic<Int>(0)
        /// Of readers that are not counted in `state`.
        let marks = CallMarks()
        let markCount = Atomic<Int>(0)
        /// The number of the thread that is alone and inside a callback of the host, which may read.
        let callbackThread = Atomic<Int>(0)
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
    ///
    /// - Parameter changing: whether it changes the object, which then stays busy in the child of a
    ///   fork meanwhile.
    @inline(__always)
    func alone<Result>(
        changing: Bool = true, _ body: () throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        let inside = try enter(changing: changing)
        defer { leave(inside, changing: changing) }
        return try body()
    }

    private func enter(changing: Bool) throws(SNNError) -> GateState {
        let generation = ForkGeneration.current
        let wanted = try exchange { (state) in
            state.isFree(in: generation) ? state.wanted(in: generation) : nil
        }
        let inside = wanted.entered(changing: changing)
        guard !isMarked, exchange(wanted, inside) else {
            // A reader may have been faster and the state be its own.
            _ = exchange(wanted, wanted.left(in: generation))
            throw busy()
        }
        return inside
    }

    // Once in the library, not once for each result.
    @inline(never)
    private func leave(_ inside: GateState, changing: Bool) {
        let left = inside.left(in: ForkGeneration.current)
        if changing {
            words.pointee.state.store(left.bits, ordering: .releasing)
        } else {
            // Where a callback forked, other threads of the child may have come in.
            _ = exchange(inside, left)
        }
    }

    /// Runs `body` beside others that share. Not from a callback.
    @inline(__always)
    func shared<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        let generation = ForkGeneration.current
        _ = try exchange { (state) in
            state.isClosed(in: generation) ? nil : state.read(in: generation)
        }
        defer {
            // Where a callback forked, the child does not count this reader.
            if ForkGeneration.current == generation {
                words.pointee.state.wrappingSubtract(1, ordering: .releasing)
            }
        }
        return try body()
    }

    /// Replaces the state by what follows it, and gives that, or throws where nothing does.
    @inline(__always)
    private func exchange(
        _ next: (GateState) -> GateState?
    ) throws(SNNError) -> GateState {
        var seen = words.pointee.state.load(ordering: .relaxed)
        while true {
            guard let next = next(GateState(bits: seen)) else { throw busy() }
            let (exchanged, original) = words.pointee.state.compareExchange(
                expected: seen, desired: next.bits, ordering: .sequentiallyConsistent)
            if exchanged { return next }
            seen = original
        }
    }

    @inline(__always)
    private func exchange(_ expected: GateState, _ desired: GateState) -> Bool {
        words.pointee.state.compareExchange(
            expected: expected.bits, desired: desired.bits, ordering: .sequentiallyConsistent
        ).exchanged
    }

    // MARK: Readers with a mark

    /// Lets the reader go on whose mark, one of `add(_:)`, was set just now with sequential
    /// consistency; it ends its reading by clearing the mark, with a release.
    ///
    /// Of a reader's two operations (mark set, state read) and those of one who wants to be alone
    /// (state set, marks read) each side's first comes before its second in one order of all, so
    /// that at least one sees the other. Where both do, the reader has it: it takes the other's wish
    /// back, whose entering then fails. This spares the reader two locked operations, and the one who
    /// wants to be alone a word for each session to read.
    @inline(__always)
    func besideMark() throws(SNNError) {
        let seen = GateState(bits: words.pointee.state.load(ordering: .sequentiallyConsistent))
        if seen.isAlone { try prevail(seen) }
    }

    @inline(never)
    private func prevail(_ first: GateState) throws(SNNError) {
        let generation = ForkGeneration.current
        var seen = first
        while seen.isAlone {
            guard !seen.isClosed(in: generation) else { throw busy() }
            if exchange(seen, seen.left(in: generation)) { return }
            seen = GateState(bits: words.pointee.state.load(ordering: .sequentiallyConsistent))
        }
    }

    /// Before the mark's first use, by who holds the process's lock.
    func add(_ mark: CallMark) -> CallMarks.Place {
        let place = words.pointee.marks.add(mark)
        words.pointee.markCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
        return place
    }

    /// Before the mark's word serves somebody else. It takes the process's lock.
    func remove(_ place: CallMarks.Place) {
        ProcessLock.whileLocked { words.pointee.marks.remove(place) }
        words.pointee.markCount.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }

    /// Whether any mark is set.
    @inline(__always)
    private var isMarked: Bool {
        words.pointee.markCount.load(ordering: .sequentiallyConsistent) > 0
            && words.pointee.marks.isAnySet
    }

    // MARK: Callbacks

    /// Runs a getter: beside others that share, or from the callback of the one that is alone.
    @inline(__always)
    func reading<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        let generation = try beginReading()
        defer { endReading(generation) }
        return try body()
    }

    /// nil in a callback.
    @inline(never)
    private func beginReading() throws(SNNError) -> Int? {
        if isCalledBack { return nil }
        let generation = ForkGeneration.current
        _ = try exchange { (state) in
            state.isClosed(in: generation) ? nil : state.read(in: generation)
        }
        return generation
    }

    @inline(never)
    private func endReading(_ generation: Int?) {
        // Where a callback forked, the child does not count this reader.
        if let generation, ForkGeneration.current == generation {
            words.pointee.state.wrappingSubtract(1, ordering: .releasing)
        }
    }

    /// Runs a change that a callback of the one that is alone may make too; for others alone.
    func aloneOrCalled<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
        if isCalledBack { return try body() }
        return try alone(body)
    }

    /// Whether this thread is alone and inside a callback.
    private var isCalledBack: Bool {
        let thread = words.pointee.callbackThread.load(ordering: .relaxed)
        return thread != 0 && thread == ThreadNumber.current
    }

    /// Runs a callback of the host while this thread is alone.
    func calling<Result>(_ callback: () -> Result) -> Result {
        words.pointee.callbackThread.store(ThreadNumber.current, ordering: .relaxed)
        defer { words.pointee.callbackThread.store(0, ordering: .relaxed) }
        return callback()
    }

    @inline(never)
    private func busy() -> SNNError {
        SNNError(.busy, "the \(what) is in use by another call")
    }
}
