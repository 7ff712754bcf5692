import CKernels
import CVector

/// out[c] = sum over r of x[r, c]
@c @implementation
public func snnk_column_sums(
    _ x: UnsafePointer<Float>, _ rows: Int64, _ columns: Int64, _ out: UnsafeMutablePointer<Float>
) {
    reduceColumns(rows, columns, out) { _ in
        Vector(0)
    } adding: { sum, _, block, row in
        sum + block.load(x + row)
    }
}

/// out[c] = sum over r of (x[r, c] - mean[c])^2
@c @implementation
public func snnk_column_deviations(
    _ x: UnsafePointer<Float>, _ mean: UnsafePointer<Float>, _ rows: Int64, _ columns: Int64,
    _ out: UnsafeMutablePointer<Float>
) {
    reduceColumns(rows, columns, out) { block in
        block.load(mean)
    } adding: { sum, mean, block, row in
        let deviation = block.load(x + row) - mean
        return snnv_madd(deviation, deviation, sum)
    }
}

/// sums[c] = sum over r of dy[r, c], and correlations[c] = sum over r of
/// dy[r, c] * (x[r, c] - mean[c]).
@c @implementation
public func snnk_column_sums_and_correlations(
    _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ mean: UnsafePointer<Float>,
    _ rows: Int64, _ columns: Int64, _ sums: UnsafeMutablePointer<Float>,
    _ correlations: UnsafeMutablePointer<Float>
) {
    let twos = Int(columns) & ~31
    var first = 0
    while first < twos {
        let block0 = Block(first: first, count: 16, isWhole: true)
        let block1 = Block(first: first &+ 16, count: 16, isWhole: true)
        let (mean0, mean1) = (block0.load(mean), block1.load(mean))
        var (sum0, sum1) = (Vector(0), Vector(0))
        var (correlation0, correlation1) = (Vector(0), Vector(0))
        forEachRow(rows, columns) { row in
            let (dy0, dy1) = (block0.load(dy + row), block1.load(dy + row))
            sum0 += dy0
            sum1 += dy1
            correlation0 = snnv_madd(dy0, block0.load(x + row) - mean0, correlation0)
            correlation1 = snnv_madd(dy1, block1.load(x + row) - mean1, correlation1)
        }
        block0.store(sum0, sums)
        block1.store(sum1, sums)
        block0.store(correlation0, correlations)
        block1.store(correlation1, correlations)
        first &+= 32
    }
    forEachBlock(from: first, columns) { block in
        let mean = block.load(mean)
        var (sum, correlation) = (Vector(0), Vector(0))
        forEachRow(rows, columns) { row in
            let dy = block.load(dy + row)
            sum += dy
            correlation = snnv_madd(dy, block.load(x + row) - mean, correlation)
        }
        block.store(sum, sums)
        block.store(correlation, correlations)
    }
}

/// rows[0] = the sum of `count` rows by the tree of neighbours; the other rows are destroyed.
@c @implementation
public func snnk_tree_sum(_ rows: UnsafeMutablePointer<Float>, _ count: Int64, _ columns: Int64) {
    var distance = 1
    while distance < Int(count) {
        var row = 0
        while row &+ distance < Int(count) {
            let sum = rows + row &* Int(columns)
            map(sum, rows + (row &+ distance) &* Int(columns), sum, columns) { a, b in a + b }
            row &+= 2 &* distance
        }
        distance &*= 2
    }
}

/// out[c] = the chain of `adding(sum, constant, block, row)` over the rows, from 0, for each block of
/// columns and what `constant` gives for it. A row's place is its offset.
///
/// Four blocks go side by side, because one chain waits for each of its additions; a row's
/// neighbours are then also read together.
@inline(__always)
private func reduceColumns(
    _ rows: Int64, _ columns: Int64, _ out: UnsafeMutablePointer<Float>,
    _ constant: (Block) -> Vector, adding: (Vector, Vector, Block, Int) -> Vector
) {
    let fours = Int(columns) & ~63
    var first = 0
    while first < fours {
        let block0 = Block(first: first, count: 16, isWhole: true)
        let block1 = Block(first: first &+ 16, count: 16, isWhole: true)
        let block2 = Block(first: first &+ 32, count: 16, isWhole: true)
        let block3 = Block(first: first &+ 48, count: 16, isWhole: true)
        let (c0, c1, c2, c3) = (
            constant(block0), constant(block1), constant(block2), constant(block3)
        )
        var (sum0, sum1, sum2, sum3) = (Vector(0), Vector(0), Vector(0), Vector(0))
        forEachRow(rows, columns) { row in
            sum0 = adding(sum0, c0, block0, row)
            sum1 = adding(sum1, c1, block1, row)
            sum2 = adding(sum2, c2, block2, row)
            sum3 = adding(sum3, c3, block3, row)
        }
        block0.store(sum0, out)
        block1.store(sum1, out)
        block2.store(sum2, out)
        block3.store(sum3, out)
        first &+= 64
    }
    forEachBlock(from: first, columns) { block in
        let c = constant(block)
        var sum = Vector(0)
        forEachRow(rows, columns) { row in sum = adding(sum, c, block, row) }
        block.store(sum, out)
    }
}

/// Calls `body` with the offset of each row.
@inline(__always)
private func forEachRow(_ rows: Int64, _ columns: Int64, _ body: (Int) -> Void) {
    var row = 0
    var offset = 0
    while row < Int(rows) {
        body(offset)
        offset &+= Int(columns)
        row &+= 1
    }
}
