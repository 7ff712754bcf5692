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
        let names = fit.reported + extra
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
        try fit.requireOneNumber(name, "\(owner): 'monitor'")
        switch mode {
        case "min": isLessBetter = true
        case "max": isLessBetter = false
        default:
            guard let direction = fit.direction(of: name) else {
                throw SNNError(
                    .configuration,
                    "\(owner): 'mode' must be 'min' or 'max' for '\(name)': it is not known which "
                        + "is better")
            }
            isLessBetter = direction == .down
        }
    }

    func isImprovement(_ value: Double, over reference: Double?) -> Bool {
        guard let reference else { return true }
        return isLessBetter ? value + minDelta < reference : value - minDelta > reference
    }
}
