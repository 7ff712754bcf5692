import CKernels

/// Constants of the contract on the order of summation; see CKernels.h.
package enum SummationOrder {
    /// Rows that one call of a reduction over rows adds up.
    package static let rowsPerChunk = Int(SNNK_ROWS_PER_CHUNK)
    /// Numbers that one call of a sum of squares adds up.
    package static let squaresPerChunk = Int(SNNK_SQUARES_PER_CHUNK)
}
