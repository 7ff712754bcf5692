import CVector

/// Neighbouring columns of a row of a tile: one vector, a part of one, or several side by side.
protocol Lanes {
    /// Columns, or the most that they can be.
    static var width: Int { get }

    /// Whether `count` columns are all that they can be, and need no masks.
    static func isWhole(_ count: Int) -> Bool

    /// Zeros.
    init()

    /// - Parameters:
    ///   - count: how many columns there are, where that is not `width`.
    ///   - panelStride: from one panel of b to the next, for lanes that reach over several.
    init(at pointer: UnsafePointer<Float>, count: Int, panelStride: Int)

    func store(at pointer: UnsafeMutablePointer<Float>, count: Int)

    /// self += a * b
    mutating func multiplyAdd(_ a: Vector, _ b: Self)
    mutating func add(_ other: Self)
    mutating func rectify(_ rectifier: Rectifier)
}

extension Lanes {
    /// From a row whose columns are neighbours.
    @inline(__always)
    init(at pointer: UnsafePointer<Float>, count: Int) {
        self.init(at: pointer, count: count, panelStride: Panels.width)
    }
}

/// Sixteen columns.
struct WholeLanes: Lanes {
    private var vector: Vector

    static var width: Int {
        @inline(__always) get { 16 }
    }

    @inline(__always)
    static func isWhole(_ count: Int) -> Bool { true }

    @inline(__always)
    init() {
        vector = Vector(0)
    }

    @inline(__always)
    init(at pointer: UnsafePointer<Float>, count: Int, panelStride: Int) {
        vector = Vector(at: pointer)
    }

    @inline(__always)
    func store(at pointer: UnsafeMutablePointer<Float>, count: Int) {
        vector.store(at: pointer)
    }

    @inline(__always)
    mutating func multiplyAdd(_ a: Vector, _ b: WholeLanes) {
        vector = snnv_madd(a, b.vector, vector)
    }

    @inline(__always)
    mutating func add(_ other: WholeLanes) {
        vector += other.vector
    }

    @inline(__always)
    mutating func rectify(_ rectifier: Rectifier) {
        vector = rectifier(vector)
    }
}

/// The columns at the right edge, up to sixteen.
struct PartLanes: Lanes {
    private var vector: Vector

    static var width: Int {
        @inline(__always) get { 16 }
    }

    /// On the other sets, which have `WholeLanes` for sixteen, never.
    @inline(__always)
    static func isWhole(_ count: Int) -> Bool {
        #if SNNK_REGISTERS_32X512
            count == width
        #else
            false
        #endif
    }

    @inline(__always)
    init() {
        vector = Vector(0)
    }

    @inline(__always)
    init(at pointer: UnsafePointer<Float>, count: Int, panelStride: Int) {
        vector = Vector(at: pointer, count: count)
    }

    @inline(__always)
    func store(at pointer: UnsafeMutablePointer<Float>, count: Int) {
        vector.store(at: pointer, count: count)
    }

    @inline(__always)
    mutating func multiplyAdd(_ a: Vector, _ b: PartLanes) {
        vector = snnv_madd(a, b.vector, vector)
    }

    @inline(__always)
    mutating func add(_ other: PartLanes) {
        vector += other.vector
    }

    @inline(__always)
    mutating func rectify(_ rectifier: Rectifier) {
        vector = rectifier(vector)
    }
}

/// Neighbours within a panel; only the right ones may be in part.
struct PairOfLanes<Left: Lanes, Right: Lanes>: Lanes {
    private var left: Left
    private var right: Right

    static var width: Int {
        @inline(__always) get { Left.width &+ Right.width }
    }

    @inline(__always)
    static func isWhole(_ count: Int) -> Bool { Right.isWhole(count &- Left.width) }

    @inline(__always)
    init() {
        left = Left()
        right = Right()
    }

    @inline(__always)
    init(at pointer: UnsafePointer<Float>, count: Int, panelStride: Int) {
        left = Left(at: pointer, count: Left.width, panelStride: panelStride)
        right = Right(
            at: pointer + Left.width, count: count &- Left.width, panelStride: panelStride)
    }

    @inline(__always)
    func store(at pointer: UnsafeMutablePointer<Float>, count: Int) {
        left.store(at: pointer, count: Left.width)
        right.store(at: pointer + Left.width, count: count &- Left.width)
    }

    @inline(__always)
    mutating func multiplyAdd(_ a: Vector, _ b: PairOfLanes) {
        left.multiplyAdd(a, b.left)
        right.multiplyAdd(a, b.right)
    }

    @inline(__always)
    mutating func add(_ other: PairOfLanes) {
        left.add(other.left)
        right.add(other.right)
    }

    @inline(__always)
    mutating func rectify(_ rectifier: Rectifier) {
        left.rectify(rectifier)
        right.rectify(rectifier)
    }
}

/// Two groups of panels: the right one begins half of the panels later.
struct PairOfPanels<Half: Lanes>: Lanes {
    private var left: Half
    private var right: Half

    static var width: Int {
        @inline(__always) get { 2 &* Half.width }
    }

    @inline(__always)
    static func isWhole(_ count: Int) -> Bool { true }

    @inline(__always)
    init() {
        left = Half()
        right = Half()
    }

    @inline(__always)
    init(at pointer: UnsafePointer<Float>, count: Int, panelStride: Int) {
        left = Half(at: pointer, count: count, panelStride: panelStride)
        right = Half(
            at: pointer + Half.width / Panels.width &* panelStride, count: count,
            panelStride: panelStride)
    }

    @inline(__always)
    func store(at pointer: UnsafeMutablePointer<Float>, count: Int) {
        left.store(at: pointer, count: count)
        right.store(at: pointer + Half.width, count: count)
    }

    @inline(__always)
    mutating func multiplyAdd(_ a: Vector, _ b: PairOfPanels) {
        left.multiplyAdd(a, b.left)
        right.multiplyAdd(a, b.right)
    }

    @inline(__always)
    mutating func add(_ other: PairOfPanels) {
        left.add(other.left)
        right.add(other.right)
    }

    @inline(__always)
    mutating func rectify(_ rectifier: Rectifier) {
        left.rectify(rectifier)
        right.rectify(rectifier)
    }
}
