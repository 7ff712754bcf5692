/// Up to sixteen neighbouring numbers of a row: sixteen but in the row's last block.
struct Block {
    let first: Int
    let count: Int
    /// Constant wherever `forEachBlock` is inlined, so that whole blocks are plain loads and stores.
    let isWhole: Bool

    @inline(__always)
    func load(_ row: UnsafePointer<Float>) -> Vector {
        isWhole ? Vector(at: row + first) : Vector(at: row + first, count: count)
    }

    @inline(__always)
    func store(_ vector: Vector, _ row: UnsafeMutablePointer<Float>) {
        if isWhole {
            vector.store(at: row + first)
        } else {
            vector.store(at: row + first, count: count)
        }
    }
}

/// Calls `body` for each block of a row of `count` numbers, from the left.
@inline(__always)
func forEachBlock(from start: Int = 0, _ count: Int64, _ body: (Block) -> Void) {
    let count = Int(count)
    var first = start
    while first &+ 16 <= count {
        body(Block(first: first, count: 16, isWhole: true))
        first &+= 16
    }
    if first < count {
        body(Block(first: first, count: count &- first, isWhole: false))
    }
}

/// The same with one body for whole blocks and for the part, half the code: for what is rare, or waits
/// for memory anyway.
@inline(__always)
func forEachBlockAlike(from start: Int = 0, _ count: Int64, _ body: (Block) -> Void) {
    var first = start
    while first < Int(count) {
        body(Block(first: first, count: min(16, Int(count) &- first), isWhole: false))
        first &+= 16
    }
}

/// The same, four whole blocks in a turn: for bodies of a few instructions, of which the loop's own
/// would be half.
@inline(__always)
func forEachBlockInFours(_ count: Int64, _ body: (Block) -> Void) {
    let fours = Int(count) & ~63
    var first = 0
    while first < fours {
        body(Block(first: first, count: 16, isWhole: true))
        body(Block(first: first &+ 16, count: 16, isWhole: true))
        body(Block(first: first &+ 32, count: 16, isWhole: true))
        body(Block(first: first &+ 48, count: 16, isWhole: true))
        first &+= 64
    }
    forEachBlock(from: first, count, body)
}
