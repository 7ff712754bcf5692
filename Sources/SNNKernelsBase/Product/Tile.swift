import CVector

/// Rows of c that are summed in registers, one `Lanes` wide. A tile is built from its halves, so
/// that its height is a type and every number of it has a register.
protocol Tile {
    associatedtype Columns: Lanes

    static var rows: Int { get }

    /// Zeros.
    init()

    init(at pointer: UnsafePointer<Float>, rowStride: Int, count: Int)

    func store(at pointer: UnsafeMutablePointer<Float>, rowStride: Int, count: Int)

    /// Adds the products of a column of a (its first row at `a`) and a row of b.
    mutating func multiplyAdd(_ a: UnsafePointer<Float>, rowStride: Int, _ b: Columns)

    /// Adds the same to every row.
    mutating func add(_ row: Columns)
    mutating func add(_ other: Self)
    mutating func rectify(_ rectifier: Rectifier)
}

struct Row<Columns: Lanes>: Tile {
    private var columns: Columns

    static var rows: Int {
        @inline(__always) get { 1 }
    }

    @inline(__always)
    init() {
        columns = Columns()
    }

    @inline(__always)
    init(at pointer: UnsafePointer<Float>, rowStride: Int, count: Int) {
        columns = Columns(at: pointer, count: count)
    }

    @inline(__always)
    func store(at pointer: UnsafeMutablePointer<Float>, rowStride: Int, count: Int) {
        columns.store(at: pointer, count: count)
    }

    @inline(__always)
    mutating func multiplyAdd(_ a: UnsafePointer<Float>, rowStride: Int, _ b: Columns) {
        columns.multiplyAdd(Vector(a.pointee), b)
    }

    @inline(__always)
    mutating func add(_ row: Columns) {
        columns.add(row)
    }

    @inline(__always)
    mutating func add(_ other: Row) {
        columns.add(other.columns)
    }

    @inline(__always)
    mutating func rectify(_ rectifier: Rectifier) {
        columns.rectify(rectifier)
    }
}

struct Stack<Upper: Tile, Lower: Tile>: Tile where Upper.Columns == Lower.Columns {
    private var upper: Upper
    private var lower: Lower

    static var rows: Int {
        @inline(__always) get { Upper.rows &+ Lower.rows }
    }

    @inline(__always)
    init() {
        upper = Upper()
        lower = Lower()
    }

    @inline(__always)
    init(at pointer: UnsafePointer<Float>, rowStride: Int, count: Int) {
        upper = Upper(at: pointer, rowStride: rowStride, count: count)
        lower = Lower(
            at: pointer + Upper.rows &* rowStride, rowStride: rowStride, count: count)
    }

    @inline(__always)
    func store(at pointer: UnsafeMutablePointer<Float>, rowStride: Int, count: Int) {
        upper.store(at: pointer, rowStride: rowStride, count: count)
        lower.store(at: pointer + Upper.rows &* rowStride, rowStride: rowStride, count: count)
    }

    @inline(__always)
    mutating func multiplyAdd(
        _ a: UnsafePointer<Float>, rowStride: Int, _ b: Upper.Columns
    ) {
        upper.multiplyAdd(a, rowStride: rowStride, b)
        let next = a + Upper.rows &* rowStride
        // The compiler adds up a tile's twelve addresses, each from the one before: twelve cycles,
        // where one vector's multiply-adds take six. Not told where this half begins, it adds up each
        // part's by itself: 64x16x784 takes 6.8 us, not 10.9 (AVX-512). Two vectors' multiply-adds
        // take the twelve cycles anyway, and three parts' addresses at once would cost them registers:
        // 208 GFLOP/s, not 264.
        let isShown = Upper.rows >= 4 && Columns.width == 16
        lower.multiplyAdd(isShown ? snnv_apart(next) : next, rowStride: rowStride, b)
    }

    @inline(__always)
    mutating func add(_ row: Upper.Columns) {
        upper.add(row)
        lower.add(row)
    }

    @inline(__always)
    mutating func add(_ other: Stack) {
        upper.add(other.upper)
        lower.add(other.lower)
    }

    @inline(__always)
    mutating func rectify(_ rectifier: Rectifier) {
        upper.rectify(rectifier)
        lower.rectify(rectifier)
    }
}

typealias Rows2<Columns: Lanes> = Stack<Row<Columns>, Row<Columns>>
typealias Rows3<Columns: Lanes> = Stack<Rows2<Columns>, Row<Columns>>
typealias Rows4<Columns: Lanes> = Stack<Rows2<Columns>, Rows2<Columns>>
typealias Rows5<Columns: Lanes> = Stack<Rows4<Columns>, Row<Columns>>
typealias Rows6<Columns: Lanes> = Stack<Rows4<Columns>, Rows2<Columns>>
typealias Rows8<Columns: Lanes> = Stack<Rows4<Columns>, Rows4<Columns>>
typealias Rows12<Columns: Lanes> = Stack<Rows8<Columns>, Rows4<Columns>>
