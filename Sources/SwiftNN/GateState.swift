/// What a gate's word says: nobody, how many read, that one wants to be alone, or that one is.
///
/// It also says in which process, so that in the child of a fork the readers that are not there any
/// more are nobody, without a moment at which some thread has to write so.
struct GateState {
    // From the lowest bit: 22 bits a number, 24 bits a serial number of those who wanted to be alone,
    // so that none takes another's wish for its own, 17 bits the generation of the process, which so
    // is another's only after 131072 forks, each in the child of the last, and the sign: one wants to
    // be alone or is. The number is that of the readers, or how far the one is.
    let bits: Int

    private static let isInside = 1
    private static let isChanging = 2
    private static let numbers = 1 << 22 - 1
    private static let serial = 1 << 22
    private static let serials = (1 << 24 - 1) << 22
    private static let generationShift = 46
    private static let generations = (1 << 17 - 1) << 46

    @inline(__always)
    init(bits: Int) {
        self.bits = bits
    }

    /// One is alone, or wants to be.
    @inline(__always)
    var isAlone: Bool { bits < 0 }

    /// Whether nobody else may come in: one is alone in this process; or it was in a parent and has
    /// left a change half done.
    @inline(__always)
    func isClosed(in generation: Int) -> Bool {
        guard isAlone, bits & GateState.isInside != 0 else { return false }
        return bits & GateState.isChanging != 0 || isOf(generation)
    }

    /// Whether one may be alone.
    @inline(__always)
    func isFree(in generation: Int) -> Bool {
        guard isOf(generation) else { return !isClosed(in: generation) }
        return !isAlone && bits & GateState.numbers == 0
    }

    /// Nobody.
    @inline(__always)
    func left(in generation: Int) -> GateState {
        GateState(bits: bits & GateState.serials | GateState.shifted(generation))
    }

    /// One reader more; it goes before one who only wants to be alone.
    @inline(__always)
    func read(in generation: Int) -> GateState {
        GateState(bits: (isOf(generation) && !isAlone ? self : left(in: generation)).bits &+ 1)
    }

    /// One wants to be alone.
    @inline(__always)
    func wanted(in generation: Int) -> GateState {
        let serial = (bits &+ GateState.serial) & GateState.serials
        return GateState(bits: serial | GateState.shifted(generation) | Int.min)
    }

    /// The one who wanted is alone.
    @inline(__always)
    func entered(changing: Bool) -> GateState {
        GateState(bits: bits | GateState.isInside | (changing ? GateState.isChanging : 0))
    }

    /// Whether it was written in this process.
    @inline(__always)
    func isOf(_ generation: Int) -> Bool {
        bits & GateState.generations == GateState.shifted(generation)
    }

    @inline(__always)
    private static func shifted(_ generation: Int) -> Int {
        generation << generationShift & generations
    }
}
