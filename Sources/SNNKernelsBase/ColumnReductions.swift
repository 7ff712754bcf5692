import CKernels
import CVector

/// out[c] = sum over r of x[r, c]
@c @implementation
public func snnk_column_sums(
    _ x: UnsafePointer<Float>, _ rows: Int64, _ columns: Int64, _ out: UnsafeMutablePointer<Float>
) {
    forEachBlock(columns) { block in
        var sum = Vector(repeating: 0)
        forEachRow(rows, columns) { row in
            sum += block.load(x + row)
        }
        block.store(sum, out)
    }
}

/// out[c] = sum over r of (x[r, c] - mean[c])^2
@c @implementation
public func snnk_column_deviations(
    _ x: UnsafePointer<Float>, _ mean: UnsafePointer<Float>, _ rows: Int64, _ columns: Int64,
    _ out: UnsafeMutablePointer<Float>
) {
    forEachBlock(columns) { block in
        let mean = block.load(mean)
        var sum = Vector(repeating: 0)
        forEachRow(rows, columns) { row in
            let deviation = block.load(x + row) - mean
            sum = snnv_madd(deviation, deviation, sum)
        }
        block.store(sum, out)
    }
}

/// out[c] = sum over r of dy[r, c] * (x[r, c] - mean[c])
@c @implementation
public func snnk_column_correlations(
    _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ mean: UnsafePointer<Float>,
    _ rows: Int64, _ columns: Int64, _ out: UnsafeMutablePointer<Float>
) {
    forEachBlock(columns) { block in
        let mean = block.load(mean)
        var sum = Vector(repeating: 0)
        forEachRow(rows, columns) { row in
            sum = snnv_madd(block.load(dy + row), block.load(x + row) - mean, sum)
        }
        block.store(sum, out)
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
