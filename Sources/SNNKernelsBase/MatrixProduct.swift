import CKernels
import CVector

/// c = a b + bias in tiles of four rows by sixteen columns with k inside, for any shape and strides;
/// the order of summation is the one of SNNKernelList.h.
///
/// A row's bits depend on neither m nor its place in a tile: each row of a tile goes through the
/// same operations, and the rows that a last tile lacks repeat its last one and are not stored.
@c @implementation
public func snnk_matrix_product(
    _ m: Int64, _ n: Int64, _ k: Int64,
    _ a: UnsafePointer<Float>, _ aRowStride: Int64, _ aColumnStride: Int64,
    _ b: UnsafePointer<Float>, _ bRowStride: Int64, _ bColumnStride: Int64,
    _ c: UnsafeMutablePointer<Float>, _ cRowStride: Int64, _ bias: UnsafePointer<Float>?
) {
    let chunks = Chunks(k: Int(k))
    forEachBlock(n) { block in
        var biasBlock = Vector(repeating: 0)
        if let bias { biasBlock = block.load(bias) }
        var i = 0
        while i < Int(m) {
            let row = { (r: Int) in a + min(i &+ r, Int(m) &- 1) &* Int(aRowStride) }
            let operands = TileOperands(
                a0: row(0), a1: row(1), a2: row(2), a3: row(3), aColumnStride: Int(aColumnStride),
                b: b + block.first &* Int(bColumnStride), bRowStride: Int(bRowStride),
                bColumnStride: Int(bColumnStride), columns: block.count)
            var tile = sum(operands, chunks, first: 0, count: chunks.count)
            // Only where it is given: adding 0 would turn -0 into 0.
            if bias != nil { tile.add(biasBlock) }

            let cRow = { (r: Int) in c + (i &+ r) &* Int(cRowStride) }
            block.store(tile.row0, cRow(0))
            if i &+ 1 < Int(m) { block.store(tile.row1, cRow(1)) }
            if i &+ 2 < Int(m) { block.store(tile.row2, cRow(2)) }
            if i &+ 3 < Int(m) { block.store(tile.row3, cRow(3)) }
            i &+= 4
        }
    }
}

/// The pieces of k that are summed in sequence.
private struct Chunks {
    let k: Int
    let count: Int
    let length: Int

    init(k: Int) {
        self.k = k
        let wanted = (k &+ Int(SNNK_PRODUCT_CHUNK) &- 1) / Int(SNNK_PRODUCT_CHUNK)
        count = max(1, min(Int(SNNK_PRODUCT_CHUNKS), wanted))
        length = (((k &+ count &- 1) / count) &+ 15) & ~15
    }
}

/// Where a tile's four rows of a and sixteen (or fewer) columns of b begin.
private struct TileOperands {
    let a0: UnsafePointer<Float>
    let a1: UnsafePointer<Float>
    let a2: UnsafePointer<Float>
    let a3: UnsafePointer<Float>
    let aColumnStride: Int
    let b: UnsafePointer<Float>
    let bRowStride: Int
    let bColumnStride: Int
    let columns: Int
}

private struct Tile {
    var row0 = Vector(repeating: 0)
    var row1 = Vector(repeating: 0)
    var row2 = Vector(repeating: 0)
    var row3 = Vector(repeating: 0)

    @inline(__always)
    mutating func add(_ other: Tile) {
        row0 += other.row0
        row1 += other.row1
        row2 += other.row2
        row3 += other.row3
    }

    @inline(__always)
    mutating func add(_ bias: Vector) {
        row0 += bias
        row1 += bias
        row2 += bias
        row3 += bias
    }
}

/// The tile's sum over `count` chunks from `first`. Pairing neighbours level by level, with an odd
/// one passing up, is the same tree as splitting at the largest power of two below the count.
private func sum(_ operands: TileOperands, _ chunks: Chunks, first: Int, count: Int) -> Tile {
    if count <= 1 {
        let start = first &* chunks.length
        return chunkSum(operands, start, min(start &+ chunks.length, chunks.k))
    }
    var left = 1
    while left &* 2 < count {
        left &*= 2
    }
    var tile = sum(operands, chunks, first: first, count: left)
    tile.add(sum(operands, chunks, first: first &+ left, count: count &- left))
    return tile
}

/// The tile's sum over p in start ..< end, upward.
@inline(never)
private func chunkSum(_ operands: TileOperands, _ start: Int, _ end: Int) -> Tile {
    let columns = operands.columns
    let stride = operands.bColumnStride
    if stride == 1 && columns == 16 {
        return chunkSum(operands, start, end) { row in Vector(at: row) }
    }
    if columns == 16 {
        return chunkSum(operands, start, end) { row in snnv_gather(row, Int64(stride)) }
    }
    return chunkSum(operands, start, end) { row in
        snnv_gather_first(row, Int64(stride), Int64(columns), 0)
    }
}

@inline(__always)
private func chunkSum(
    _ operands: TileOperands, _ start: Int, _ end: Int,
    _ loadRow: (UnsafePointer<Float>) -> Vector
) -> Tile {
    var tile = Tile()
    var p = start
    while p < end {
        let row = loadRow(operands.b + p &* operands.bRowStride)
        let column = p &* operands.aColumnStride
        tile.row0 = snnv_madd(Vector(repeating: operands.a0[column]), row, tile.row0)
        tile.row1 = snnv_madd(Vector(repeating: operands.a1[column]), row, tile.row1)
        tile.row2 = snnv_madd(Vector(repeating: operands.a2[column]), row, tile.row2)
        tile.row3 = snnv_madd(Vector(repeating: operands.a3[column]), row, tile.row3)
        p &+= 1
    }
    return tile
}
