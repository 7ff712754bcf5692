import SNNCore

/// R x = c for the features, as the solvers want it: without the ones, and in columns of about unit
/// norm where the options ask for that.
package struct TriangularSystem {
    let features: Int
    let outputs: Int
    private let factor: TriangularFactor
    /// [features, features], upper triangular, by columns.
    private let u: Buffer<Double>
    /// x[j] = y[j] * units[j] / the output's scale, for the solution y of u y = c.
    private let units: Buffer<Double>
    /// The smallest singular value that counts as one, relative to the largest.
    private let threshold: Double
    private(set) var rank: Int
    /// Where the rank is not full: orthonormal rows and the products with x that they must have.
    private var leastNorm: OrthogonalRows?
    private let penalized: Penalized
    /// A number for each feature.
    private let work: Buffer<Double>

    /// R with a penalty's rows; kept from one output to the next.
    private final class Penalized {
        var r: Buffer<Double>?
    }

    init(_ factor: TriangularFactor, _ options: LinearOptions) throws(SNNError) {
        self.factor = factor
        features = factor.features
        outputs = factor.outputs
        u = try Buffer(count: features * features)
        units = try Buffer(count: features)
        threshold = options.rcond ?? Double.ulpOfOne * Double(max(factor.count, factor.features))
        penalized = Penalized()
        work = try Buffer(count: features)
        rank = features
        for column in 0 ..< features { take(column, isScaled: options.scalesColumns) }
        guard !isSurelyRegular else { return }
        try findRank()
    }

    /// The singular values of X (centred where there is an intercept), largest first: there are as
    /// many as features, the last ones 0 where there are fewer samples.
    package static func singularValues(
        of factor: TriangularFactor
    ) throws(SNNError) -> Buffer<Double> {
        var options = LinearOptions()
        options.scalesColumns = false
        options.rcond = 0
        let rows = try TriangularSystem(factor, options).decompose()
        let values = try Buffer<Double>(count: rows.count)
        for row in 0 ..< rows.count { values.pointer[row] = rows.norm(row) }
        return values
    }

    /// The coefficients of an output by least squares.
    func solve(_ output: Int, into x: UnsafeMutablePointer<Double>) {
        let scale = factor.scales.pointer[features + output]
        if let leastNorm {
            for feature in 0 ..< features { x[feature] = 0 }
            for row in 0 ..< rank {
                let factor = leastNorm.extras(row)[output]
                for feature in 0 ..< features { x[feature] += factor * leastNorm[row][feature] }
            }
            for feature in 0 ..< features { x[feature] /= scale }
            return
        }
        for feature in 0 ..< features { x[feature] = target(output, feature) }
        TriangularSystem.substitute(u.pointer, stride: features, features, x)
        for feature in 0 ..< features { x[feature] = x[feature] * units.pointer[feature] / scale }
    }

    /// Makes ready for outputs with this penalty.
    func penalize(_ alpha: Double) throws(SNNError) {
        let root = alpha.squareRoot()
        let scales = factor.scales.pointer
        penalized.r = try factor.appendingDiagonal { root * scales[$0] }
    }

    /// The coefficients of an output with the penalty that `penalize` was told.
    func solvePenalized(_ output: Int, into x: UnsafeMutablePointer<Double>) {
        guard let r = penalized.r else { return }
        let first = factor.firstFeature
        let column = r.pointer + (factor.firstOutput + output) * factor.pivots + first
        for feature in 0 ..< features { x[feature] = column[feature] }
        let corner = r.pointer + first * factor.pivots + first
        TriangularSystem.substitute(corner, stride: factor.pivots, features, x)
        let scale = factor.scales.pointer[features + output]
        for feature in 0 ..< features {
            x[feature] = x[feature] * factor.scales.pointer[feature] / scale
        }
    }

    /// |c - R x|^2 of an output in its column's unit: what these coefficients miss of what could be
    /// explained.
    func misfit(_ output: Int, _ x: UnsafeMutablePointer<Double>) -> Double {
        let scale = factor.scales.pointer[features + output]
        let left = work.pointer
        for row in 0 ..< features { left[row] = target(output, row) }
        for column in 0 ..< features {
            let y = x[column] * scale / factor.scales.pointer[column]
            for row in 0 ... column { left[row] -= entry(row, column) * y }
        }
        var sum = 0.0
        for row in 0 ..< features { sum += left[row] * left[row] }
        return sum
    }

    // MARK: Steps of the above

    /// R's entry for two features, and c's for one.
    private func entry(_ row: Int, _ column: Int) -> Double {
        let first = factor.firstFeature
        return factor.r.pointer[(first + column) * factor.pivots + first + row]
    }

    private func target(_ output: Int, _ row: Int) -> Double {
        factor.r.pointer[
            (factor.firstOutput + output) * factor.pivots + factor.firstFeature + row]
    }

    private func take(_ column: Int, isScaled: Bool) {
        let scale = factor.scales.pointer[column]
        var factor = 1 / scale
        if isScaled {
            var sum = 0.0
            for row in 0 ... column { sum += entry(row, column) * entry(row, column) }
            factor = powerOfTwo(nearInverseOf: sum.squareRoot())
        }
        for row in 0 ... column {
            u.pointer[column * features + row] = entry(row, column) * factor
        }
        units.pointer[column] = scale * factor
    }

    /// x <- U^-1 x, by columns from the last.
    private static func substitute(
        _ u: UnsafeMutablePointer<Double>, stride: Int, _ count: Int,
        _ x: UnsafeMutablePointer<Double>
    ) {
        var column = count &- 1
        while column >= 0 {
            let entries = u + column &* stride
            let value = x[column] / entries[column]
            x[column] = value
            var row = 0
            while row < column {
                x[row] -= entries[row] * value
                row &+= 1
            }
            column &-= 1
        }
    }

    /// Whether |U^-1| |U| in the norm of Frobenius, which bounds the ratio of the extreme singular
    /// values, shows without a decomposition that all count.
    private var isSurelyRegular: Bool {
        let column = work.pointer
        var norm = 0.0
        var inverseNorm = 0.0
        for index in 0 ..< features {
            guard u.pointer[index * features + index] != 0 else { return false }
            for row in 0 ... index {
                let entry = u.pointer[index * features + row]
                norm += entry * entry
                column[row] = 0
            }
            column[index] = 1
            TriangularSystem.substitute(u.pointer, stride: features, index + 1, column)
            for row in 0 ... index { inverseNorm += column[row] * column[row] }
        }
        guard threshold > 0 else { return true }
        return norm.squareRoot() * inverseNorm.squareRoot() * threshold < 0.9
    }

    /// U^T W = V S: row i is S_i times the right singular vector i, its extras W_i^T c.
    private func decompose() throws(SNNError) -> OrthogonalRows {
        let rows = try OrthogonalRows(count: features, length: features, extra: outputs)
        for row in 0 ..< features {
            for column in row ..< features {
                rows[row][column] = u.pointer[column * features + row]
            }
            for output in 0 ..< outputs { rows.extras(row)[output] = target(output, row) }
        }
        rows.rotateToOrthogonal()
        return rows
    }

    private mutating func findRank() throws(SNNError) {
        let rows = try decompose()
        let largest = rows.norm(0)
        var rank = 0
        while rank < features, rows.norm(rank) > threshold * largest { rank += 1 }
        self.rank = rank
        guard rank < features else { return }
        // S_r V_r^T y = W_r^T c leaves x = units y free in the other directions; of those x the
        // shortest is a sum of the equations' own rows.
        for row in 0 ..< rank {
            rows.scale(row, by: 1 / rows.norm(row))
            for feature in 0 ..< features { rows[row][feature] /= units.pointer[feature] }
        }
        rows.orthonormalize(rows: rank)
        leastNorm = rows
    }
}
