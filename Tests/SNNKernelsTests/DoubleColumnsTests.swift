import SNNKernels
import SNNTestSupport
import Testing

struct DoubleColumnsTests {
    @Test(arguments: InstructionSet.supported)
    func productsAndDifferencesAreThoseOfTheFormulas(set: InstructionSet) {
        let kernels = set.kernels.pointee
        for count in [0, 1, 15, 16, 17, 33, 64, 100] {
            let columns = DoubleColumns(KernelNumbers(count: count))
            let (m, n, stride) = (columns.m, columns.n, columns.stride)
            var c = [Double](repeating: 7, count: n * (m + 1))
            kernels.column_products(
                columns.a, columns.b, &c, Int64(m), Int64(n), Int64(columns.rows), Int64(stride),
                Int64(m + 1))
            var b = columns.b
            kernels.subtract_columns(
                columns.a, columns.w, &b, Int64(m), Int64(n), Int64(columns.rows), Int64(stride),
                Int64(m + 1))
            for j in 0 ..< n {
                for i in 0 ..< m {
                    let sum = (0 ..< columns.rows).reduce(0) {
                        $0 + columns.a[i * stride + $1] * columns.b[j * stride + $1]
                    }
                    #expect(abs(c[j * (m + 1) + i] - sum) < 1e-13)
                }
                #expect(c[j * (m + 1) + m] == 7, "nothing else is written")
                for r in 0 ..< stride {
                    let before = columns.b[j * stride + r]
                    let sum = (0 ..< m).reduce(0) {
                        $0 + columns.a[$1 * stride + r] * columns.w[j * (m + 1) + $1]
                    }
                    let expected = r < columns.rows ? before - sum : before
                    #expect(abs(b[j * stride + r] - expected) < 1e-13)
                }
            }
        }
    }
}
