/// The indices 0 ..< count in an order, equal ones as they were.
///
/// One sort for all: the standard library's is four kilobytes for each type and comparison.
package func sortedIndices(_ count: Int, _ precedes: (_ left: Int, _ right: Int) -> Bool) -> [Int] {
    withoutActuallyEscaping(precedes) { precedes in
        let comparison = Comparison(precedes: precedes)
        return withUnsafePointer(to: comparison) { sorted(count, $0) }
    }
}

private struct Comparison {
    let precedes: (Int, Int) -> Bool
}

/// From memory: the optimizer makes a copy of this for each closure that it sees.
@inline(never)
private func sorted(_ count: Int, _ comparison: UnsafePointer<Comparison>) -> [Int] {
    (0..<count).sorted { comparison.pointee.precedes($0, $1) }
}

/// The texts in the order of their bytes.
package func inByteOrder(_ texts: [String]) -> [String] {
    sortedIndices(texts.count) { texts[$0].utf8.lexicographicallyPrecedes(texts[$1].utf8) }
        .map { texts[$0] }
}
