import CFork
import SNNCore
import SwiftNN
import Synchronization

/// What kind of object a handle stands for.
enum HandleKind: UInt, Sendable {
    case model = 1
    case session = 2
    case dataset = 3
    case trainer = 4
    case linear = 5

    var name: StaticString {
        switch self {
        case .model: "model"
        case .session: "session"
        case .dataset: "dataset"
        case .trainer: "trainer"
        case .linear: "linear model"
        }
    }
}

/// The objects behind the host's handles.
///
/// A handle is a number, never an address: a generation, a kind and the index of a slot. A handle
/// that was freed, is of another kind, or never was one, is found out and refused. Looking one up
/// takes no lock: a slot is pinned while its object is in use, and `remove` during that leaves
/// the release to the last pin. Of a session the pin is the turn as well: there is one at a time,
/// and it is the mark by which the model sees that the session predicts.
enum HandleTable {
    // A handle, from the lowest bit: 4 bits zero, 24 bits index, 4 bits kind, 32 bits generation.
    private static let indexShift: UInt = 4
    private static let kindShift: UInt = 28
    private static let generationShift: UInt = 32

    // A slot's state, from the lowest bit: 16 bits pins, 1 bit removal, 1 bit life, 32 bits
    // generation from bit 32 on.
    private static let removal: UInt64 = 1 << 16
    private static let life: UInt64 = 1 << 17
    private static let pins = CallMark.calls

    private struct Slot: ~Copyable {
        // First, so that its address is the slot's.
        let state = Atomic<UInt64>(0)
        var kind: HandleKind = .model
        let index: UInt32
        var object: UnsafeMutableRawPointer?
        /// The thread whose call has the object to itself, for the child that it may fork; 0 before
        /// and after, so that it never names one that had it once.
        var thread: UInt = 0
    }

    private static let slotsPerChunk = 1 << 10
    private static let chunkCount = 1 << 14
    /// The address of the addresses of chunks of slots, which are made when needed and stay. A number,
    /// since what Swift makes at its first use costs a call at each.
    private static let chunks = Atomic<UInt>(0)

    /// Whether handles were freed that calls of a parent's threads kept.
    private static let hasAbandoned = Atomic<Bool>(false)

    /// Registered once, before there is a handle.
    private static let childHook: Bool = {
        snnf_add_child_hook { HandleTable.abandonParentsCalls() }
        return true
    }()

    /// Slots that were used before; guarded by the process's lock.
    nonisolated(unsafe) private static var free: [Int] = []
    /// Slots that exist; guarded likewise.
    nonisolated(unsafe) private static var count = 0

    /// A handle for `object`, which it retains.
    ///
    /// - Parameter announce: is given the mark that is set while `usingAlone` runs.
    static func insert(
        _ object: some AnyObject, _ kind: HandleKind,
        _ announce: (CallMark) -> Void = { _ in }
    ) throws(SNNError) -> OpaquePointer {
        let raw = Unmanaged.passRetained(object).toOpaque()
        do throws(SNNError) {
            return try insert(raw, kind, announce)
        } catch {
            Unmanaged<AnyObject>.fromOpaque(raw).release()
            throw error
        }
    }

    /// Once for all kinds.
    @inline(never)
    private static func insert(
        _ raw: UnsafeMutableRawPointer, _ kind: HandleKind,
        _ announce: (CallMark) -> Void
    ) throws(SNNError) -> OpaquePointer {
        try ProcessLock.whileLocked { () throws(SNNError) in
            let index = try freeIndex()
            guard let slot = slot(index) else { throw full }
            _ = childHook
            let word = UnsafeMutableRawPointer(slot)
            announce(CallMark(word.assumingMemoryBound(to: Atomic<UInt64>.self)))
            let before = slot.pointee.state.load(ordering: .relaxed) >> 32
            // Never 0, so that no handle is NULL.
            let generation = before >= UInt64(UInt32.max) ? 1 : before &+ 1
            slot.pointee.kind = kind
            slot.pointee.object = raw
            slot.pointee.state.store(generation << 32 | life, ordering: .releasing)
            let bits =
                UInt(generation) << generationShift | kind.rawValue << kindShift
                | UInt(bitPattern: index) << indexShift
            guard let handle = OpaquePointer(bitPattern: bits) else { throw full }
            return handle
        }
    }

    /// The object of a handle, retained.
    static func object<Object: AnyObject>(
        _ handle: OpaquePointer?, _ kind: HandleKind, as type: Object.Type
    ) throws(SNNError) -> Object {
        try using(handle, kind, as: type) { (object) throws(SNNError) in object }
    }

    /// Runs `body` with the object of a handle, which the slot's pin keeps alive meanwhile.
    @inline(__always)
    static func using<Object: AnyObject, Result>(
        _ handle: OpaquePointer?, _ kind: HandleKind, as type: Object.Type,
        _ body: (Object) throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        guard let handle, let (slot, generation) = find(handle, kind), pin(slot, generation) else {
            throw refused(handle, kind)
        }
        return try using(pinned: slot, handle, kind, body)
    }

    /// The same for a kind that serves one call at a time; throws `.busy` to a second one. All uses
    /// of such a kind must come this way.
    @inline(__always)
    static func usingAlone<Object: AnyObject, Result>(
        _ handle: OpaquePointer?, _ kind: HandleKind, as type: Object.Type,
        _ body: (Object) throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        guard let handle, let (slot, generation) = find(handle, kind) else {
            throw refused(handle, kind)
        }
        // The order that `Gate.besideMark` asks for.
        let (exchanged, seen) = slot.pointee.state.compareExchange(
            expected: generation << 32 | life, desired: (generation << 32 | life) &+ 1,
            ordering: .sequentiallyConsistent)
        guard exchanged else { throw refusedAlone(handle, kind, generation, seen) }
        return try using(pinned: slot, handle, kind) { (object: Object) throws(SNNError) in
            slot.pointee.thread = snnf_self()
            defer { slot.pointee.thread = 0 }
            return try body(object)
        }
    }

    @inline(__always)
    private static func using<Object: AnyObject, Result>(
        pinned slot: UnsafeMutablePointer<Slot>, _ handle: OpaquePointer, _ kind: HandleKind,
        _ body: (Object) throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        defer { unpin(slot) }
        guard slot.pointee.kind == kind, let raw = slot.pointee.object else {
            throw refused(handle, kind)
        }
        // The standard function's closure cannot throw a typed error.
        let result = Unmanaged<Object>.fromOpaque(raw)._withUnsafeGuaranteedRef {
            (object) -> Swift.Result<Result, SNNError> in
            do throws(SNNError) {
                return .success(try body(object))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Ends a handle; its object goes when no call uses it any more. NULL is fine.
    static func remove(_ handle: OpaquePointer?, _ kind: HandleKind) throws(SNNError) {
        guard let handle else { return }
        if hasAbandoned.load(ordering: .relaxed) { endAbandoned() }
        guard let (slot, generation) = find(handle, kind) else { throw refused(handle, kind) }
        var seen = slot.pointee.state.load(ordering: .relaxed)
        while true {
            guard seen >> 32 == generation, seen & life != 0, seen & removal == 0 else {
                throw refused(handle, kind)
            }
            let isUnused = seen & pins == 0
            let (exchanged, original) = slot.pointee.state.weakCompareExchange(
                expected: seen, desired: isUnused ? seen & ~life : seen | removal,
                ordering: .acquiringAndReleasing)
            if exchanged {
                if isUnused { end(slot) }
                return
            }
            seen = original
        }
    }

    // MARK: Slots

    @inline(__always)
    private static func find(
        _ handle: OpaquePointer, _ kind: HandleKind
    ) -> (UnsafeMutablePointer<Slot>, UInt64)? {
        let bits = UInt(bitPattern: handle)
        guard bits & 0xf == 0, (bits >> kindShift) & 0xf == kind.rawValue else { return nil }
        let generation = UInt64(bits >> generationShift)
        guard generation != 0, let slot = slot(Int((bits >> indexShift) & 0xff_ffff)) else {
            return nil
        }
        return (slot, generation)
    }

    @inline(__always)
    private static func slot(_ index: Int) -> UnsafeMutablePointer<Slot>? {
        guard let address = chunk(index / slotsPerChunk)?.pointee.load(ordering: .acquiring) else {
            return nil
        }
        return UnsafeMutablePointer<Slot>(bitPattern: address).map { $0 + index % slotsPerChunk }
    }

    /// Where the address of a chunk of slots stands.
    @inline(__always)
    private static func chunk(_ number: Int) -> UnsafeMutablePointer<Atomic<UInt>>? {
        guard number < chunkCount else { return nil }
        let table = chunks.load(ordering: .acquiring)
        return UnsafeMutablePointer<Atomic<UInt>>(bitPattern: table).map { $0 + number }
    }

    private static func pin(_ slot: UnsafeMutablePointer<Slot>, _ generation: UInt64) -> Bool {
        var seen = slot.pointee.state.load(ordering: .relaxed)
        while true {
            guard seen >> 32 == generation, seen & life != 0, seen & removal == 0,
                seen & pins != pins
            else { return false }
            let (exchanged, original) = slot.pointee.state.weakCompareExchange(
                expected: seen, desired: seen &+ 1, ordering: .acquiringAndReleasing)
            if exchanged { return true }
            seen = original
        }
    }

    /// The last one out of a removed slot releases the object and gives the slot back.
    @inline(__always)
    private static func unpin(_ slot: UnsafeMutablePointer<Slot>) {
        let now = slot.pointee.state.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
        if now & removal != 0 { endRemoved(slot, now) }
    }

    @inline(never)
    private static func endRemoved(_ slot: UnsafeMutablePointer<Slot>, _ now: UInt64) {
        guard now & pins == 0, now & life != 0 else { return }
        let ended = now & ~(life | removal | pins)
        let (exchanged, _) = slot.pointee.state.compareExchange(
            expected: now, desired: ended, ordering: .acquiringAndReleasing)
        if exchanged { end(slot) }
    }

    /// Releases the object of a slot that no handle leads to any more. The object goes first: a
    /// session's mark must not be another's yet.
    private static func end(_ slot: UnsafeMutablePointer<Slot>) {
        guard let raw = slot.pointee.object else { return }
        slot.pointee.object = nil
        Unmanaged<AnyObject>.fromOpaque(raw).release()
        giveBack(slot)
    }

    /// In the child of a fork, before anything else runs there: no other thread's call goes on. What
    /// such a call was the last to use goes when the child frees something: here the host's code, or
    /// the memory's, might wait for a thread that is not there.
    private static func abandonParentsCalls() {
        let thread = snnf_self()
        forEachSlot { slot in
            let state = slot.pointee.state.load(ordering: .relaxed)
            guard state & pins != 0, slot.pointee.thread != thread else { return }
            slot.pointee.thread = 0
            slot.pointee.state.store(state & ~pins, ordering: .relaxed)
            if state & removal != 0 { hasAbandoned.store(true, ordering: .relaxed) }
        }
    }

    @inline(never)
    private static func endAbandoned() {
        guard hasAbandoned.exchange(false, ordering: .relaxed) else { return }
        forEachSlot { slot in
            let state = slot.pointee.state.load(ordering: .acquiring)
            if state & removal != 0 { endRemoved(slot, state) }
        }
    }

    private static func forEachSlot(_ body: (UnsafeMutablePointer<Slot>) -> Void) {
        for chunk in 0 ..< chunkCount {
            guard let first = slot(chunk &* slotsPerChunk) else { return }
            for index in 0 ..< slotsPerChunk { body(first + index) }
        }
    }

    private static func giveBack(_ slot: UnsafeMutablePointer<Slot>) {
        ProcessLock.whileLocked { free.append(Int(slot.pointee.index)) }
    }

    /// With the lock held.
    private static func freeIndex() throws(SNNError) -> Int {
        if let index = free.popLast() { return index }
        guard count < slotsPerChunk &* chunkCount else { throw full }
        if count % slotsPerChunk == 0 { addChunk() }
        count &+= 1
        return count &- 1
    }

    private static func addChunk() {
        if count == 0 {
            let table = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: chunkCount)
            for chunk in 0 ..< chunkCount { (table + chunk).initialize(to: Atomic(0)) }
            chunks.store(UInt(bitPattern: table), ordering: .releasing)
        }
        let slots = UnsafeMutablePointer<Slot>.allocate(capacity: slotsPerChunk)
        for index in 0 ..< slotsPerChunk {
            (slots + index).initialize(to: Slot(index: UInt32(truncatingIfNeeded: count &+ index)))
        }
        chunk(count / slotsPerChunk)?.pointee.store(UInt(bitPattern: slots), ordering: .releasing)
    }

    private static var full: SNNError {
        SNNError(.limit, "there are \(slotsPerChunk * chunkCount) handles already")
    }

    @inline(never)
    private static func refusedAlone(
        _ handle: OpaquePointer, _ kind: HandleKind, _ generation: UInt64, _ state: UInt64
    ) -> SNNError {
        guard state >> 32 == generation, state & life != 0, state & removal == 0 else {
            return refused(handle, kind)
        }
        return SNNError(.busy, "the \(kind.name) is in use by another call")
    }

    @inline(never)
    private static func refused(_ handle: OpaquePointer?, _ kind: HandleKind) -> SNNError {
        guard let handle else {
            return SNNError(.argument, "expected a \(kind.name), received NULL")
        }
        let bits = UInt(bitPattern: handle)
        let other = HandleKind(rawValue: (bits >> kindShift) & 0xf)
        let isOther = bits & 0xf == 0 && bits >> generationShift != 0 && other != nil && other != kind
        return SNNError(
            .handle,
            isOther
                ? "expected a \(kind.name), received a handle of another kind"
                : "expected a \(kind.name), received a handle that was freed or never was one")
    }
}
