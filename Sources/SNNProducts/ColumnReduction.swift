import SNNCore
import SNNGraph
import SNNKernels

/// A sum over the rows of [rows, columns], for each column: chunks of a fixed number of rows side
/// by side, and their results added pairwise, so that the order of summation follows from the shape
/// alone.
package struct ColumnReduction {
    /// What is summed.
    private enum Terms {
        case values(UnsafePointer<Float>)
        case deviations(UnsafePointer<Float>, mean: UnsafePointer<Float>)
        /// And the values of the first, whose chunks' sums come behind the others.
        case correlations(
            UnsafePointer<Float>, UnsafePointer<Float>, mean: UnsafePointer<Float>)

        var resultCount: Int {
            if case .correlations = self { 2 } else { 1 }
        }
    }

    private static let rowsPerChunk = SummationOrder.rowsPerChunk

    private let terms: Terms
    private let rows: Int
    private let columns: Int
    /// As many floats as `scratch(outer:columns:)` says, twice that for two results.
    private let scratch: UnsafeMutablePointer<Float>
    private let kernels: UnsafePointer<KernelTable>
    private let workers: Workers

    /// Scratch for `outer` rows of `columns` for each row of the batch.
    package static func scratch(outer: Int, columns: Int) -> FloatCount {
        FloatCount(perRow: (outer * columns + rowsPerChunk - 1) / rowsPerChunk, fixed: columns)
    }

    /// sum of x
    package static func sum(
        _ x: UnsafePointer<Float>, rows: Int, columns: Int, scratch: UnsafeMutablePointer<Float>,
        into out: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        ColumnReduction(.values(x), rows, columns, scratch, context).run(into: out)
    }

    /// sum of (x - mean)^2
    package static func deviations(
        _ x: UnsafePointer<Float>, from mean: UnsafePointer<Float>, rows: Int, columns: Int,
        scratch: UnsafeMutablePointer<Float>, into out: UnsafeMutablePointer<Float>,
        _ context: OperationContext
    ) {
        ColumnReduction(.deviations(x, mean: mean), rows, columns, scratch, context).run(into: out)
    }

    /// sum of dy, and behind it sum of dy * (x - mean)
    package static func sumAndCorrelations(
        _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, from mean: UnsafePointer<Float>,
        rows: Int, columns: Int, scratch: UnsafeMutablePointer<Float>,
        into out: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        ColumnReduction(.correlations(dy, x, mean: mean), rows, columns, scratch, context)
            .run(into: out)
    }

    private init(
        _ terms: Terms, _ rows: Int, _ columns: Int, _ scratch: UnsafeMutablePointer<Float>,
        _ context: OperationContext
    ) {
        self.terms = terms
        self.rows = rows
        self.columns = columns
        self.scratch = scratch
        kernels = context.kernels
        workers = context.workers
    }

    private func run(into out: UnsafeMutablePointer<Float>) {
        let rowsPerChunk = ColumnReduction.rowsPerChunk
        workers.split(chunks, cost: 2 &* rowsPerChunk &* columns, with: self) {
            reduction, first, count in
            var chunk = first
            while chunk < first &+ count {
                reduction.addUp(chunk)
                chunk &+= 1
            }
        }
        var result = 0
        while result < terms.resultCount {
            let sums = scratch + result &* chunks &* columns
            kernels.pointee.tree_sum(sums, Int64(chunks), Int64(columns))
            (out + result &* columns).copy(from: sums, count: columns)
            result &+= 1
        }
    }

    private var chunks: Int {
        (rows &+ ColumnReduction.rowsPerChunk &- 1) / ColumnReduction.rowsPerChunk
    }

    private func addUp(_ chunk: Int) {
        let start = chunk &* ColumnReduction.rowsPerChunk
        let offset = start &* columns
        let count = Int64(min(ColumnReduction.rowsPerChunk, rows &- start))
        let sums = scratch + chunk &* columns
        switch terms {
        case .values(let x):
            kernels.pointee.column_sums(x + offset, count, Int64(columns), sums)
        case .deviations(let x, let mean):
            kernels.pointee.column_deviations(x + offset, mean, count, Int64(columns), sums)
        case .correlations(let dy, let x, let mean):
            kernels.pointee.column_sums_and_correlations(
                dy + offset, x + offset, mean, count, Int64(columns), sums,
                sums + chunks &* columns)
        }
    }
}
