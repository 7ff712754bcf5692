/// Makes the columns of a matrix orthonormal, after Householder.
enum Orthonormalization {
    /// Replaces the `rows` × `columns` matrix, column by column in memory, rows ≥ columns ≥ 1, by
    /// the Q of its factorization QR in which the diagonal of R is positive; that Q is unique, and
    /// of normal numbers it is uniformly distributed. `scratch` holds 2 · columns numbers.
    ///
    /// About 4 rows columns² operations.
    static func run(
        _ matrix: UnsafeMutablePointer<Double>, rows: Int, columns: Int,
        scratch: UnsafeMutablePointer<Double>
    ) {
        let factors = scratch
        let signs = scratch + columns
        for column in 0..<columns {
            let pivot = matrix + column * rows + column
            (factors[column], signs[column]) = makeReflector(pivot, count: rows - column)
            reflectColumns(
                behind: column, of: matrix, rows: rows, columns: columns, factor: factors[column])
        }
        for column in stride(from: columns - 1, through: 0, by: -1) {
            reflectColumns(
                behind: column, of: matrix, rows: rows, columns: columns, factor: factors[column])
            expandReflector(
                matrix + column * rows, pivot: column, factor: factors[column],
                sign: signs[column], count: rows)
        }
    }

    /// Reflects the columns after `column` along the v that stands in it from its diagonal on.
    private static func reflectColumns(
        behind column: Int, of matrix: UnsafeMutablePointer<Double>, rows: Int, columns: Int,
        factor: Double
    ) {
        var other = column + 1
        while other < columns {
            reflect(
                matrix + other * rows + column, along: matrix + column * rows + column,
                factor: factor, count: rows - column)
            other += 1
        }
    }

    /// Turns x into the v of the reflection I − factor · v vᵀ that maps x to (r, 0, …, 0); v[0] is
    /// 1 and not stored. Returns the factor and the sign of r.
    private static func makeReflector(_ x: UnsafeMutablePointer<Double>, count: Int) -> (
        factor: Double, sign: Double
    ) {
        let first = x[0]
        let norm = (first * first + dot(x + 1, x + 1, count: count - 1)).squareRoot()
        guard norm > 0 else { return (0, 1) }
        // Of the two reflections, the one whose subtraction cancels nothing.
        let r = first > 0 ? -norm : norm
        let scale = 1 / (first - r)
        for index in 1..<max(count, 1) { x[index] *= scale }
        return ((r - first) / r, r > 0 ? 1 : -1)
    }

    /// y −= factor · (vᵀ y) · v.
    private static func reflect(
        _ y: UnsafeMutablePointer<Double>, along v: UnsafeMutablePointer<Double>, factor: Double,
        count: Int
    ) {
        let length = factor * (y[0] + dot(v + 1, y + 1, count: count - 1))
        y[0] -= length
        for index in 1..<max(count, 1) { y[index] -= length * v[index] }
    }

    /// Replaces v, which starts at `pivot` of its column, by sign · (I − factor · v vᵀ) e_pivot.
    private static func expandReflector(
        _ column: UnsafeMutablePointer<Double>, pivot: Int, factor: Double, sign: Double, count: Int
    ) {
        for index in 0..<pivot { column[index] = 0 }
        column[pivot] = sign * (1 - factor)
        for index in (pivot + 1)..<max(count, pivot + 1) { column[index] *= -sign * factor }
    }

    /// Four sums side by side, added up as (0 + 1) + (2 + 3): a fixed order, so fixed bits.
    private static func dot(
        _ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>, count: Int
    ) -> Double {
        var (sum0, sum1, sum2, sum3) = (0.0, 0.0, 0.0, 0.0)
        var index = 0
        while index + 4 <= count {
            sum0 += a[index] * b[index]
            sum1 += a[index + 1] * b[index + 1]
            sum2 += a[index + 2] * b[index + 2]
            sum3 += a[index + 3] * b[index + 3]
            index += 4
        }
        while index < count {
            sum0 += a[index] * b[index]
            index += 1
        }
        return (sum0 + sum1) + (sum2 + sum3)
    }
}
