import SNNCore

/// The value that a callback watches, and when it counts as better: Keras's `MonitorCallback`.
struct Monitor {
    let name: String
    private let mode: String
    private let minDelta: Double
    private let owner: String
    /// Found by `check` where the mode is "auto".
    private var isLessBetter = true

    /// Reads `monitor`, `mode` and, where it has one, `min_delta`.
    init(_ options: inout Configuration, minDelta: Double? = nil) throws(SNNError) {
        owner = options.owner
        name = try options.string("monitor", default: "val_loss")
        mode = try options.choice("mode", default: "auto", among: ["auto", "min", "max"])
        // Keras takes the absolute value.
        self.minDelta =
            if let minDelta { abs(try options.number("min_delta", default: minDelta)) } else { 0 }
    }

    /// Throws when the fit does not report the value, or nobody knows which direction is better.
    mutating func check(_ fit: FitMoment, also extra: [String] = []) throws(SNNError) {
        let names = fit.names + extra
        guard names.contains(name) else {
            let hint =
                if let near = nearestName(to: name, among: names) {
                    "; did you mean '\(near)'?"
                } else if name.utf8.starts(with: "val_".utf8),
                    !names.contains(where: { $0.utf8.starts(with: "val_".utf8) })
                {
                    "; there is no validation data"
                } else { "" }
            throw SNNError(
                .configuration,
                "\(owner): 'monitor' must be a value that this fit reports ("
                    + names.map { "'\($0)'" }.joined(separator: ", ")
                    + "), received '\(name)'\(hint)")
        }
        switch mode {
        case "min": isLessBetter = true
        case "max": isLessBetter = false
        default:
            guard let isUp = MetricDirection.isUp(name) else {
                throw SNNError(
                    .configuration,
                    "\(owner): 'mode' must be 'min' or 'max' for '\(name)': it is not known which "
                        + "is better")
            }
            isLessBetter = !isUp
        }
    }

    func isImprovement(_ value: Double, over reference: Double?) -> Bool {
        guard let reference else { return true }
        return isLessBetter ? value + minDelta < reference : value - minDelta > reference
    }
}

/// Whether more of a metric is better, by its name.
enum MetricDirection {
    /// Parts of the names of Keras's metrics whose direction is up.
    private static let up = [
        "acc", "auc", "precision", "recall", "f1_score", "fbeta_score", "iou", "r2_score",
        "sensitivity", "specificity", "cosine_similarity", "pearson", "concordance",
        "true_positives", "true_negatives",
    ]
    /// And of those, with the losses, whose direction is down.
    private static let down = [
        "loss", "error", "mse", "mae", "mape", "msle", "crossentropy", "hinge", "divergence",
        "log_cosh", "logcosh", "huber", "poisson", "false_positives", "false_negatives", "dice",
        "tversky", "learning_rate",
    ]

    /// nil when the name does not tell.
    static func isUp(_ name: String) -> Bool? {
        // ASCII only: a name's case does not matter.
        let bytes = name.utf8.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
        func holds(_ part: String) -> Bool {
            let part = Array(part.utf8)
            guard bytes.count >= part.count else { return false }
            return (0 ... bytes.count - part.count).contains { start in
                part.indices.allSatisfy { bytes[start + $0] == part[$0] }
            }
        }
        if down.contains(where: holds) { return false }
        return up.contains(where: holds) ? true : nil
    }
}
