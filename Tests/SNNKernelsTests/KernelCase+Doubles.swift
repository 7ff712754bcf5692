import SNNKernels
import SNNTestSupport

extension KernelCase {
    /// The kernels on columns of doubles: `count` of them, rounded up to what they ask for.
    static let columnsOfDoubles = [
        KernelCase("column_products") { table, numbers in
            let columns = DoubleColumns(numbers)
            var c = [Double](repeating: 7, count: columns.n * (columns.m + 1))
            table.column_products(
                columns.a, columns.b, &c, Int64(columns.m), Int64(columns.n),
                Int64(columns.rows), Int64(columns.stride), Int64(columns.m + 1))
            return asNumbers(c)
        },
        KernelCase("subtract_columns") { table, numbers in
            let columns = DoubleColumns(numbers)
            var b = columns.b
            table.subtract_columns(
                columns.a, columns.w, &b, Int64(columns.m), Int64(columns.n),
                Int64(columns.rows), Int64(columns.stride), Int64(columns.m + 1))
            return asNumbers(b)
        },
    ]
}

/// Matrices by columns, with numbers that float32 does not hold.
struct DoubleColumns {
    let m: Int
    let n: Int
    let rows: Int
    let stride: Int
    let a: [Double]
    let b: [Double]
    let w: [Double]

    init(_ numbers: KernelNumbers) {
        // Up to 32 columns, all the rows that the rest of the count gives.
        let (m, n) = (1 + numbers.count % 33, 4 * (1 + numbers.count % 5))
        let rows = (numbers.count + 15) / 16 * 16
        let stride = rows + 3
        func doubles(_ seed: UInt64, _ count: Int) -> [Double] {
            zip(numbers(seed, count), numbers(seed + 10, count)).map {
                Double($0) * (1 + 1e-9 * Double($1))
            }
        }
        a = doubles(2, m * stride)
        b = doubles(3, n * stride)
        w = doubles(4, n * (m + 1))
        self.m = m
        self.n = n
        self.rows = rows
        self.stride = stride
    }
}

/// Each double as two numbers, which have all but the last of its bits.
private func asNumbers(_ doubles: [Double]) -> [Float] {
    doubles.flatMap { [Float($0), Float($0 - Double(Float($0)))] }
}
