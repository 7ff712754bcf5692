import SNNCore
import SNNGraph
import SNNKernels

/// A reduction over the rows of [rows, columns], for each column: chunks of a fixed number of rows
/// side by side, and their results added pairwise, so that the order of summation follows from the
/// shape alone.
enum ColumnReduction {
    private static let rowsPerChunk = SummationOrder.rowsPerChunk

    /// Scratch for `outer` rows of `columns` for each row of the batch.
    static func scratch(outer: Int, columns: Int) -> FloatCount {
        FloatCount(perRow: (outer * columns + rowsPerChunk - 1) / rowsPerChunk, fixed: columns)
    }

    /// - Parameters:
    ///   - scratch: as many floats as `scratch(outer:columns:)` says.
    ///   - chunk: reduces `rows` rows that begin at row `start` into `sums`.
    static func run(
        rows: Int, columns: Int, scratch: UnsafeMutablePointer<Float>,
        into out: UnsafeMutablePointer<Float>, _ context: OperationContext,
        _ chunk: (_ start: Int, _ rows: Int64, _ sums: UnsafeMutablePointer<Float>) -> Void
    ) {
        let chunks = (rows &+ rowsPerChunk &- 1) / rowsPerChunk
        context.workers.split(chunks, cost: 2 &* rowsPerChunk &* columns) { first, count in
            var index = first
            while index < first &+ count {
                let start = index &* rowsPerChunk
                let length = min(rowsPerChunk, rows &- start)
                chunk(start, Int64(length), scratch + index &* columns)
                index &+= 1
            }
        }
        context.kernels.pointee.tree_sum(scratch, Int64(chunks), Int64(columns))
        out.update(from: scratch, count: columns)
    }
}
