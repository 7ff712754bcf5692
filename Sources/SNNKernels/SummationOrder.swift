import CKernels

/// Constants of the contract on the order of summation; see CKernels.h.
package enum SummationOrder {
    /// Rows that one call of a reduction over rows adds up.
    package static let rowsPerChunk = Int(SNNK_ROWS_PER_CHUNK)
    /// Numbers that one call of a sum of squares adds up.
    package static let squaresPerChunk = Int(SNNK_SQUARES_PER_CHUNK)
}

/// Neighbours are added, level by level; an odd one passes up. Destroys the values.
package func treeSum(_ values: UnsafeMutablePointer<Double>, _ count: Int) -> Double {
    var distance = 1
    while distance < count {
        var index = 0
        while index &+ distance < count {
            values[index] += values[index &+ distance]
            index &+= 2 &* distance
        }
        distance &*= 2
    }
    return count > 0 ? values[0] : 0
}
