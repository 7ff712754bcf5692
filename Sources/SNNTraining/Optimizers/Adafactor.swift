import SNNCore

/// Adafactor (Shazeer and Stern 2018), Keras's form, by variable: with
/// rho = min(rate, 1 / sqrt(t)), alpha = max(epsilon_2, rms(w)) rho, beta = 1 - t^beta_2_decay and
/// s = g^2 + epsilon_1, a matrix keeps the means of s along its last axis, r = beta r + (1 - beta) mean s,
/// and along the last but one, c likewise, and v = r / mean(r) c; a vector keeps
/// v = beta v + (1 - beta) s. u = g / sqrt(v), w -= alpha u / max(1, rms(u) / clip_threshold).
///
/// Means are sums in double, upward, so that they depend on no thread and no instruction set. (Keras's
/// `relative_step` changes nothing: rho is bounded likewise.)
final class Adafactor: Optimizer {
    let className = "Adafactor"
    var learningRate: LearningRate
    let rule: UpdateRule
    private let beta2Decay: Double
    private let epsilon1: Double
    private let epsilon2: Double
    private let clipThreshold: Double
    private let isRelative: Bool

    init(_ options: inout Configuration) throws(SNNError) {
        learningRate = try LearningRate(&options, default: 0.001)
        rule = try UpdateRule(&options)
        beta2Decay = try options.number(
            "beta_2_decay", default: -0.8, in: -LearningRate.range.upperBound ... 0)
        epsilon1 = try options.number("epsilon_1", default: 1e-30, in: LearningRate.range)
        epsilon2 = try options.number("epsilon_2", default: 1e-3, in: LearningRate.range)
        clipThreshold = try options.number("clip_threshold", default: 1, in: .positive)
        isRelative = try options.bool("relative_step", default: true)
    }

    var ownConfiguration: [JSON.Member] {
        [
            .init("beta_2_decay", .number(beta2Decay)), .init("epsilon_1", .number(epsilon1)),
            .init("epsilon_2", .number(epsilon2)),
            .init("clip_threshold", .number(clipThreshold)),
            .init("relative_step", .bool(isRelative)),
        ]
    }

    /// A matrix's r and c stand at the begin of its place.
    var slots: [OptimizerSlot] {
        [OptimizerSlot("r"), OptimizerSlot("c"), OptimizerSlot("velocity")]
    }

    var worksByVariable: Bool { true }

    func update(_ step: OptimizerStep) {
        let shape = step.part.shape
        let gradient = step.preparedGradient(rule, decay: step.decay(rule.weightDecay))
        let w = step.parameters + step.part.range.lowerBound
        let v = step.slot(2)
        let t = Double(step.iteration &+ 1)
        let rho = min(step.rate, 1 / t.squareRoot())
        let size = rootOfMean(shape.count) { Double(w[$0]) }
        let alpha = max(epsilon2, size) * rho
        let beta = 1 - power(t, beta2Decay)
        if shape.rank >= 2 {
            factor(gradient, step, beta: beta)
        } else {
            for index in 0 ..< shape.count {
                let g = Double(gradient[index])
                v[index] = Float(beta * Double(v[index]) + (1 - beta) * (g * g + epsilon1))
            }
        }
        let direction = { (index: Int) in
            Double(gradient[index]) / Double(v[index]).squareRoot()
        }
        let scale = alpha / max(1, rootOfMean(shape.count, direction) / clipThreshold)
        for index in 0 ..< shape.count {
            w[index] = Float(Double(w[index]) - scale * direction(index))
        }
    }

    /// Sets r, c and v of a matrix, or of each of a stack of matrices.
    private func factor(_ gradient: PreparedGradient, _ step: OptimizerStep, beta: Double) {
        let shape = step.part.shape
        let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
        for matrix in 0 ..< shape.count / (rows * columns) {
            let first = matrix * rows * columns
            let r = step.slot(0) + matrix * rows
            let c = step.slot(1) + matrix * columns
            let v = step.slot(2) + first
            let square = { (row: Int, column: Int) in
                let g = Double(gradient[first + row * columns + column])
                return g * g + self.epsilon1
            }
            for row in 0 ..< rows {
                var sum = 0.0
                for column in 0 ..< columns { sum += square(row, column) }
                r[row] = Float(beta * Double(r[row]) + (1 - beta) * (sum / Double(columns)))
            }
            for column in 0 ..< columns {
                var sum = 0.0
                for row in 0 ..< rows { sum += square(row, column) }
                c[column] = Float(beta * Double(c[column]) + (1 - beta) * (sum / Double(rows)))
            }
            var mean = 0.0
            for row in 0 ..< rows { mean += Double(r[row]) }
            mean /= Double(rows)
            for row in 0 ..< rows {
                let share = Double(r[row]) / mean
                for column in 0 ..< columns {
                    v[row * columns + column] = Float(share * Double(c[column]))
                }
            }
        }
    }

    private func rootOfMean(_ count: Int, _ value: (Int) -> Double) -> Double {
        var sum = 0.0
        for index in 0 ..< count { sum += value(index) * value(index) }
        return (sum / Double(count)).squareRoot()
    }
}
