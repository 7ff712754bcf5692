import SNNKernels
import SNNTestSupport
import Testing

struct ColumnReductionTests {
    @Test(arguments: InstructionSet.supported)
    func reductionsOverRowsEqualTheReferenceBitForBit(set: InstructionSet) {
        let kernels = set.kernels.pointee
        let reference = ReferenceKernels(set)
        for columns in kernelCounts {
            for rows in [0, 1, 2, 3, 37, 256] {
                let x = testNumbers(rows * columns, seed: 1)
                let dy = testNumbers(rows * columns, seed: 2)
                let mean = testNumbers(columns, seed: 3)
                let (r, c) = (Int64(rows), Int64(columns))

                let sums = written(columns) { kernels.column_sums(x, r, c, $0) }
                let expected = reference.columnChain(rows: rows, columns: columns) { sum, i, _ in
                    sum + x[i]
                }
                #expect(bits(sums) == bits(expected))

                let deviations = written(columns) { kernels.column_deviations(x, mean, r, c, $0) }
                #expect(
                    bits(deviations)
                        == bits(
                            reference.columnDeviations(x, mean: mean, rows: rows, columns: columns))
                )

                var correlations: [Float] = []
                let dySums = written(columns) { sums in
                    correlations = written(columns) {
                        kernels.column_sums_and_correlations(dy, x, mean, r, c, sums, $0)
                    }
                }
                let expectedSums = reference.columnChain(rows: rows, columns: columns) {
                    sum, i, _ in sum + dy[i]
                }
                #expect(bits(dySums) == bits(expectedSums))
                #expect(
                    bits(correlations)
                        == bits(
                            reference.columnCorrelations(
                                dy, x, mean: mean, rows: rows, columns: columns)))
            }
        }
    }

    @Test(arguments: InstructionSet.supported)
    func treeSumAddsNeighboursLevelByLevel(set: InstructionSet) {
        let reference = ReferenceKernels(set)
        for columns in kernelCounts {
            for count in 1...20 {
                let x = testNumbers(count * columns, seed: UInt64(count))
                let expected = (0..<columns).map { column in
                    reference.treeSum((0..<count).map { x[$0 * columns + column] })
                }
                let rows = written(x.count, initial: x) {
                    set.kernels.pointee.tree_sum($0, Int64(count), Int64(columns))
                }
                #expect(bits(Array(rows[..<columns])) == bits(expected))
            }
            _ = written(0) { set.kernels.pointee.tree_sum($0, 0, Int64(columns)) }
        }
    }

    /// ((1e8 + 1) + (-1e8 + 1)) + 1 = 1; a chain would give 2.
    @Test(arguments: InstructionSet.supported)
    func oddRowPassesUpUnchanged(set: InstructionSet) {
        let rows = written(5, initial: [1e8, 1, -1e8, 1, 1]) {
            set.kernels.pointee.tree_sum($0, 5, 1)
        }
        #expect(rows[0] == 1)
    }
}
