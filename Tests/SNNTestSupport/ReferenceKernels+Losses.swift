import CSystem

/// Softmax, its relatives and the losses over one row, in double arithmetic.
package enum ReferenceRow {
    package static func softmax(_ x: [Double]) -> [Double] {
        let most = x.max() ?? 0
        let e = x.map { exp($0 - most) }
        let sum = e.reduce(0, +)
        return e.map { $0 / sum }
    }

    package static func logSoftmax(_ x: [Double]) -> [Double] {
        let most = x.max() ?? 0
        let scale = log(x.map { exp($0 - most) }.reduce(0, +))
        return x.map { $0 - most - scale }
    }

    /// By sorting (Martins and Astudillo 2016, algorithm 1).
    package static func sparsemax(_ x: [Double]) -> [Double] {
        var sum = 0.0
        var tau = 0.0
        for (i, z) in x.sorted(by: >).enumerated() {
            sum += z
            if 1 + Double(i + 1) * z > sum { tau = (sum - 1) / Double(i + 1) }
        }
        return x.map { max($0 - tau, 0) }
    }

    /// Keras's epsilon as the float it is rounded to, and its complement.
    private static func clipped(_ p: Double) -> Double {
        min(max(p, Double(Float(1e-7))), Double(Float(0.9999999)))
    }

    /// A loss by the kernel's name. For the sparse ones target[0] is the class number.
    package static func loss(
        _ name: String, _ prediction: [Double], _ target: [Double], _ smoothing: Double
    ) -> Double {
        let width = Double(prediction.count)
        let isBinary = name.hasPrefix("binary")
        let isSparse = name.hasPrefix("sparse")
        let smooth = target.map { $0 * (1 - smoothing) + smoothing / (isBinary ? 2 : width) }
        let t =
            isSparse ? prediction.indices.map { Double($0) == target[0] ? 1 : 0 } : smooth
        let pairs = zip(prediction, t)
        switch name {
        case "mean_squared_error":
            return zip(prediction, target).map { ($1 - $0) * ($1 - $0) }.reduce(0, +) / width
        case "mean_absolute_error":
            return zip(prediction, target).map { abs($1 - $0) }.reduce(0, +) / width
        case "binary_crossentropy":
            return pairs.map { p, t in
                -(t * log(clipped(p)) + (1 - t) * log(1 - clipped(p)))
            }.reduce(0, +) / width
        case "binary_crossentropy_logits":
            return pairs.map { x, t in t * log1p(exp(-x)) + (1 - t) * log1p(exp(x)) }
                .reduce(0, +) / width
        case "categorical_crossentropy", "sparse_categorical_crossentropy":
            let sum = prediction.reduce(0, +)
            return pairs.map { p, t in -t * log(clipped(p / sum)) }.reduce(0, +)
        default:
            return zip(logSoftmax(prediction), t).map { -$0 * $1 }.reduce(0, +)
        }
    }
}
