import CKernels
import SNNKernels
import SNNTestSupport

extension KernelCase {
    /// Three rows of `count` numbers, and `count` rows of a few.
    static let normalizations = [
        KernelCase("normalize_rows") { table, numbers in
            [(3, numbers.count), (numbers.count, 5)].flatMap { rows, length in
                [true, false].flatMap { centers in
                    normalize(table, numbers, rows: rows, length: length, centers: centers)
                }
            }
        }
    ]

    /// What is normalized, the statistics, and the gradients.
    private static func normalize(
        _ table: KernelTable, _ numbers: KernelNumbers, rows: Int, length: Int, centers: Bool
    ) -> [Float] {
        let x = numbers(1, rows * length)
        let (gamma, beta) = (numbers(2, length), numbers(3, length))
        let dy = numbers(4, rows * length)
        return gamma.withUnsafeBufferPointer { gamma in
            beta.withUnsafeBufferPointer { beta in
                // An empty array has a place, too.
                let none = UnsafePointer<Float>(bitPattern: 4).unsafelyUnwrapped
                var normalization = snnk_normalization(
                    length: Int64(length), gamma: gamma.baseAddress ?? none,
                    beta: beta.baseAddress ?? none, divisor: Double(max(length, 1)),
                    epsilon: centers ? 0.001 : 0, most: centers ? .infinity : 3,
                    centers: centers ? 1 : 0)
                var statistics: [Float] = []
                let y = written(rows * length) { y in
                    statistics = written(2 * rows) {
                        table.normalize_rows(&normalization, x, y, $0, Int64(rows))
                    }
                }
                var sums: [Float] = []
                let dx = written(rows * length) { dx in
                    sums = written(2 * length) {
                        table.normalize_rows_gradient(
                            &normalization, x, dy, statistics, dx, $0, $0 + length, Int64(rows))
                    }
                }
                return y + statistics + dx + sums
            }
        }
    }
}
