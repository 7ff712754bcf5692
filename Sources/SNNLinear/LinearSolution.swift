import SNNCore

/// The linear model that fits best: y = coefficients · x + intercept.
package final class LinearSolution {
    /// [outputs, features]
    package let coefficients: Buffer<Double>
    /// [outputs]; zeros without an intercept
    package let intercept: Buffer<Double>
    /// The sum of the weighted squares of what the model leaves, for each output. The penalty does
    /// not count.
    package let residualSumsOfSquares: Buffer<Double>
    package let features: Int
    package let outputs: Int
    /// How many of the features' directions the samples tell apart.
    package let rank: Int
    /// Whether other coefficients fit as well: then these are the ones of least norm.
    package let isOneOfMany: Bool

    /// Solves for what a factor knows.
    package init(_ factor: TriangularFactor, _ options: LinearOptions) throws(SNNError) {
        features = factor.features
        outputs = factor.outputs
        try options.check(outputs: outputs)
        guard factor.weightSum > 0 else {
            throw SNNError(
                .argument, "sample_weight: expected at least one weight greater than 0")
        }
        coefficients = try Buffer(count: outputs * features)
        intercept = try Buffer(count: outputs)
        residualSumsOfSquares = try Buffer(count: outputs)
        let system = try TriangularSystem(factor, options)
        rank = system.rank
        var isOneOfMany = false
        var solved: Double?
        for output in 0 ..< outputs {
            let alpha = options.alpha(output)
            if alpha == 0 {
                if rank < features { isOneOfMany = true }
                system.solve(output, into: coefficients.pointer + output * features)
            } else {
                if solved != alpha { try system.penalize(alpha) }
                solved = alpha
                system.solvePenalized(output, into: coefficients.pointer + output * features)
            }
        }
        self.isOneOfMany = isOneOfMany
        for output in 0 ..< outputs { finish(output, system, factor) }
        try checkFinite()
    }

    /// predictions[row, output] = coefficients · inputs + intercept
    package func predict(
        _ inputs: LinearColumn, rows: Range<Int>, into predictions: UnsafeMutablePointer<Double>
    ) {
        let first = rows.lowerBound
        for row in rows {
            for output in 0 ..< outputs {
                let weights = coefficients.pointer + output * features
                var sum = 0.0
                inputs.forEach(row ..< row + 1) { _, index, number in
                    sum += weights[index] * number
                }
                predictions[(row - first) * outputs + output] = sum + intercept.pointer[output]
            }
        }
    }

    private func finish(
        _ output: Int, _ system: TriangularSystem, _ factor: TriangularFactor
    ) {
        let own = coefficients.pointer + output * features
        let scale = factor.scales.pointer[features + output]
        residualSumsOfSquares.pointer[output] =
            (factor.rest.pointer[output] + system.misfit(output, own)) / scale / scale
        guard factor.hasIntercept else { return }
        // Means, from the row of the ones.
        let r = factor.r.pointer
        func mean(_ column: Int, _ unit: Int) -> Double {
            factor.shifts.pointer[unit]
                + r[column * factor.pivots] / r[0] / factor.scales.pointer[unit]
        }
        var sum = CompensatedSum(mean(factor.firstOutput + output, features + output))
        for feature in 0 ..< features {
            sum.subtract(own[feature], times: mean(factor.firstFeature + feature, feature))
        }
        intercept.pointer[output] = sum.value
    }

    private func checkFinite() throws(SNNError) {
        var sum = 0.0
        for index in 0 ..< coefficients.count { sum += coefficients.pointer[index] * 0 }
        for index in 0 ..< outputs {
            sum += intercept.pointer[index] * 0 + residualSumsOfSquares.pointer[index] * 0
        }
        guard sum == 0 else {
            throw SNNError(.numeric, "the coefficients are not finite: the inputs are too small")
        }
    }
}

/// A sum of products in twice the precision (Ogita, Rump and Oishi 2005).
private struct CompensatedSum {
    private var sum: Double
    private var error = 0.0

    init(_ sum: Double) { self.sum = sum }

    var value: Double { sum + error }

    mutating func subtract(_ a: Double, times b: Double) {
        let product = -a * b
        let productError = (-a).multipliedExactly(by: b, rounded: product)
        let next = sum + product
        let part = next - sum
        error += (sum - (next - part)) + (product - part) + productError
        sum = next
    }
}

extension Double {
    /// a b - rounded, exactly, by Dekker's halves of 26 bits (1971).
    fileprivate func multipliedExactly(by other: Double, rounded: Double) -> Double {
        let (a, b) = (halves, other.halves)
        return ((a.high * b.high - rounded) + a.high * b.low + a.low * b.high) + a.low * b.low
    }

    private var halves: (high: Double, low: Double) {
        let high = Double(bitPattern: bitPattern & ~0x7ff_ffff)
        return (high, self - high)
    }
}
