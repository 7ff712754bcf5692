import SNNCore
import SNNGraph

/// Mixup (Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018) as its authors' code does
/// it: a step draws one lambda from Beta(alpha, alpha) and a permutation of its batch, and trains with
/// lambda * sample + (1 - lambda) * the permuted one, inputs, targets and sample weights alike.
///
/// Draws follow from the model's seed and the step alone, with products, quotients and roots only:
/// the same bits everywhere.
package final class Mixup {
    package static let alphas = Double.leastNonzeroMagnitude ... 1e6

    private let alpha: Double
    private let seed: UInt64
    private let sizes: [Int]
    /// The batch as it was.
    private let before: Buffer<Float>
    private let order: Buffer<Int32>

    init(
        alpha: Double, seed: UInt64, _ objective: Objective, _ dataset: any SampleSource,
        capacity: Int
    ) throws(SNNError) {
        for term in objective.terms where term.loss.takesClasses {
            throw SNNError(
                .unsupported,
                "mixup: class numbers cannot be mixed; use one-hot targets, with "
                    + "categorical_crossentropy in place of \(term.loss.name)")
        }
        self.alpha = alpha
        self.seed = seed
        sizes = dataset.columns.map { $0.shape.count }
        let largest = sizes.max() ?? 1
        let (count, overflows) = capacity.multipliedReportingOverflow(by: largest)
        guard !overflows else {
            throw SNNError(.limit, "a batch of \(capacity) samples is too large")
        }
        before = try Buffer(count: count)
        order = try Buffer(count: capacity)
    }

    func apply(to batch: Batch, rows: Int, step: Int64) {
        var draws = MixupDraws(seed: seed, step: step)
        let lambda = draws.beta(alpha)
        let own = Float(lambda)
        let other = Float(1 - lambda)
        let order = UnsafeMutableBufferPointer(start: order.pointer, count: rows)
        for row in order.indices { order[row] = Int32(truncatingIfNeeded: row) }
        shuffle(
            order,
            RandomStream(seed: seed, purpose: .mixup, call: 1, ordinal: 0, step: step))
        var column = 0
        while column < sizes.count {
            mix(batch.column(column), sizes[column], order, own, other)
            column &+= 1
        }
    }

    private func mix(
        _ values: UnsafeMutablePointer<Float>, _ size: Int,
        _ order: UnsafeMutableBufferPointer<Int32>, _ own: Float, _ other: Float
    ) {
        let before = before.pointer
        before.copy(from: values, count: order.count &* size)
        var row = 0
        while row < order.count {
            let target = values + row &* size
            let partner = before + Int(order[row]) &* size
            var index = 0
            while index < size {
                target[index] = own * target[index] + other * partner[index]
                index &+= 1
            }
            row &+= 1
        }
    }
}

/// The random numbers of one step, one after the other.
package struct MixupDraws {
    private let stream: RandomStream
    private var element = 0

    package init(seed: UInt64, step: Int64) {
        stream = RandomStream(seed: seed, purpose: .mixup, call: 0, ordinal: 0, step: step)
    }

    private mutating func uniform() -> Double {
        defer { element += 1 }
        return stream.uniform(element)
    }

    private mutating func normal() -> Double {
        defer { element += 1 }
        return stream.normal(element)
    }

    /// A number of Beta(alpha, alpha), from 0 to 1. Below 1 by Johnk's method (Metrika 8, 1964) with
    /// logarithms, else as a ratio of two gamma variates.
    package mutating func beta(_ alpha: Double) -> Double {
        guard alpha < 1 else {
            let first = gamma(alpha)
            return first / (first + gamma(alpha))
        }
        while true {
            let x = naturalLogarithm(uniform()) / alpha
            let y = naturalLogarithm(uniform()) / alpha
            // u^(1/alpha) + v^(1/alpha) <= 1, with the larger power taken out: both may be 0.
            let larger = max(x, y)
            let sum = exponential(x - larger) + exponential(y - larger)
            if larger + naturalLogarithm(sum) <= 0 { return exponential(x - larger) / sum }
        }
    }

    /// A gamma variate of shape `alpha` >= 1: Marsaglia and Tsang, "A simple method for generating
    /// gamma variables", ACM TOMS 26 (2000).
    private mutating func gamma(_ alpha: Double) -> Double {
        let d = alpha - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let root = 1 + c * x
            let u = uniform()
            guard root > 0 else { continue }
            let v = root * root * root
            if naturalLogarithm(u) < 0.5 * x * x + d * (1 - v + naturalLogarithm(v)) { return d * v }
        }
    }
}
