import CSystem
import SNNKernels

/// The kernels as plain scalar loops. They define each result to the last bit, the order of
/// summation included, and stay the judge of every faster version.
package struct ReferenceKernels {
    /// Whether the set's multiply-add rounds once.
    package let isFused: Bool

    package init(_ set: InstructionSet) {
        isFused = set != .base
    }

    package func multiplyAdd(_ a: Float, _ b: Float, _ c: Float) -> Float {
        isFused ? fmaf(a, b, c) : a * b + c
    }

    /// a [m, k] times b [k, n], + bias [n], all contiguous.
    package func matrixProduct(
        m: Int, n: Int, k: Int, _ a: [Float], _ b: [Float], bias: [Float]?,
        addend: [Float]? = nil, rectifier: (a: Float, b: Float, c: Float)? = nil
    ) -> [Float] {
        let isSmall = k <= 16 && n <= 16
        let chunkCount = isSmall ? (k + 3) / 4 : min(16, (k + 1023) / 1024)
        let length =
            isSmall || chunkCount == 0
            ? 4 : ((k + chunkCount - 1) / chunkCount + 15) / 16 * 16
        var c = [Float](repeating: 0, count: m * n)
        for i in 0..<m {
            for j in 0..<n {
                var sums: [Float] = []
                for chunk in 0..<chunkCount {
                    var sum: Float = 0
                    for p in (chunk * length)..<min((chunk + 1) * length, k) {
                        sum = multiplyAdd(a[i * k + p], b[p * n + j], sum)
                    }
                    sums.append(sum)
                }
                c[i * n + j] = treeSum(sums)
                if let bias { c[i * n + j] += bias[j] }
                if let addend { c[i * n + j] += addend[i * n + j] }
                if let (most, slope, threshold) = rectifier {
                    let x = c[i * n + j]
                    let low = slope == 0 ? 0 : slope * (x - threshold)
                    c[i * n + j] = x >= most ? most : x <= threshold ? low : x
                }
            }
        }
        return c
    }

    /// Neighbours are added, level by level; an odd one passes up. Nothing sums to 0.
    package func treeSum(_ values: [Float]) -> Float {
        var level = values
        while level.count > 1 {
            level = stride(from: 0, to: level.count, by: 2).map { i in
                i + 1 < level.count ? level[i] + level[i + 1] : level[i]
            }
        }
        return level.first ?? 0
    }

    /// For each column the chain of `term(sum, index, column)` over the rows, upward from 0.
    package func columnChain(
        rows: Int, columns: Int, _ term: (_ sum: Float, _ index: Int, _ column: Int) -> Float
    ) -> [Float] {
        (0..<columns).map { column in
            (0..<rows).reduce(0) { sum, row in term(sum, row * columns + column, column) }
        }
    }

    package func columnDeviations(
        _ x: [Float], mean: [Float], rows: Int, columns: Int
    ) -> [Float] {
        columnChain(rows: rows, columns: columns) { sum, i, c in
            multiplyAdd(x[i] - mean[c], x[i] - mean[c], sum)
        }
    }

    package func columnCorrelations(
        _ dy: [Float], _ x: [Float], mean: [Float], rows: Int, columns: Int
    ) -> [Float] {
        columnChain(rows: rows, columns: columns) { sum, i, c in
            multiplyAdd(dy[i], x[i] - mean[c], sum)
        }
    }

    /// What comes before an optimizer's step.
    package struct Preparation: Sendable {
        package var factor: Float = 1
        package var bound: Float = .infinity
        package var decay: Float = 0

        package init() {}
    }

    /// g is g * factor, cut to [-bound, bound]; w is w - decay * w.
    package func prepare(
        _ w: inout [Float], _ g: [Float], _ before: Preparation
    ) -> [Float] {
        for i in w.indices { w[i] = multiplyAdd(0 - before.decay, w[i], w[i]) }
        return g.map { min(max($0 * before.factor, -before.bound), before.bound) }
    }

    /// The squares' sum in double: lane i % 16 upward, lanes i and i + 8 added, then 4, 2 and 1.
    package static func sumOfSquares(_ x: [Float]) -> Double {
        var lanes = [Double](repeating: 0, count: 16)
        for (i, number) in x.enumerated() { lanes[i % 16] += Double(number) * Double(number) }
        for distance in [8, 4, 2, 1] {
            for i in 0..<distance { lanes[i] += lanes[i + distance] }
        }
        return lanes[0]
    }

    /// w -= rate * g
    package func sgd(w: inout [Float], g: [Float], rate: Float) {
        for i in w.indices { w[i] = multiplyAdd(-rate, g[i], w[i]) }
    }

    /// m = momentum * m - rate * g; w += m, with Nesterov w += momentum * m - rate * g
    package func sgdMomentum(
        w: inout [Float], g: [Float], m: inout [Float], rate: Float, momentum: Float,
        isNesterov: Bool
    ) {
        for i in w.indices {
            m[i] = multiplyAdd(-rate, g[i], momentum * m[i])
            w[i] += isNesterov ? multiplyAdd(-rate, g[i], momentum * m[i]) : m[i]
        }
    }

    package struct AdamConstants {
        package var alpha: Float
        package var oneMinusBeta1: Float
        package var oneMinusBeta2: Float
        package var epsilon: Float

        package init(alpha: Float, oneMinusBeta1: Float, oneMinusBeta2: Float, epsilon: Float) {
            self.alpha = alpha
            self.oneMinusBeta1 = oneMinusBeta1
            self.oneMinusBeta2 = oneMinusBeta2
            self.epsilon = epsilon
        }
    }

    /// m += (g - m) * oneMinusBeta1; v += (g^2 - v) * oneMinusBeta2;
    /// w -= alpha * m / (sqrt(v) + epsilon), with vMaximum = max(vMaximum, v) for v where given.
    package func adam(
        w: inout [Float], g: [Float], m: inout [Float], v: inout [Float],
        vMaximum: inout [Float]?, _ constants: AdamConstants
    ) {
        for i in w.indices {
            m[i] = multiplyAdd(g[i] - m[i], constants.oneMinusBeta1, m[i])
            v[i] = multiplyAdd(multiplyAdd(g[i], g[i], -v[i]), constants.oneMinusBeta2, v[i])
            var scale = v[i]
            if let maximum = vMaximum?[i] {
                scale = max(maximum, v[i])
                vMaximum?[i] = scale
            }
            w[i] -= constants.alpha * m[i] / (sqrtf(scale) + constants.epsilon)
        }
    }
}
