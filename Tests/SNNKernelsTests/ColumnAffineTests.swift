import SNNKernels
import SNNTestSupport
import Testing

struct ColumnAffineTests {
    @Test(arguments: InstructionSet.supported)
    func affineAndItsGradientEqualTheirFormulasBitForBit(set: InstructionSet) {
        let kernels = set.kernels.pointee
        let reference = ReferenceKernels(set)
        for columns in kernelCounts {
            for rows in [0, 1, 5, 11] {
                let count = rows * columns
                let x = testNumbers(count, seed: 1)
                let dy = testNumbers(count, seed: 2)
                let mean = testNumbers(columns, seed: 3)
                let a = testNumbers(columns, seed: 4)
                let b = testNumbers(columns, seed: 5)
                let c = testNumbers(columns, seed: 6)
                let (r, n) = (Int64(rows), Int64(columns))

                let y = written(count) { kernels.column_affine(x, a, b, $0, r, n) }
                let expected = x.indices.map { i in
                    reference.multiplyAdd(x[i], a[i % columns], b[i % columns])
                }
                #expect(bits(y) == bits(expected))
                let inPlace = written(count, initial: x) {
                    kernels.column_affine($0, a, b, $0, r, n)
                }
                #expect(bits(inPlace) == bits(expected))

                let dx = written(count) {
                    kernels.column_affine_gradient(dy, x, mean, a, b, c, $0, r, n)
                }
                let expectedGradient = x.indices.map { i in
                    let column = i % columns
                    let inner = reference.multiplyAdd(x[i] - mean[column], b[column], c[column])
                    return reference.multiplyAdd(dy[i], a[column], inner)
                }
                #expect(bits(dx) == bits(expectedGradient))
            }
        }
    }
}
