import CSystem
import SNNCore

/// The area under a curve of confusion counts, as Keras's AUC adds it up.
struct AreaUnderCurve: Sendable {
    enum Curve: String, Sendable {
        case roc = "ROC"
        case precisionRecall = "PR"
        case precisionRecallGain = "PRGAIN"
    }

    enum Summation: String, Sendable {
        case interpolation, majoring, minoring
    }

    let curve: Curve
    let summation: Summation

    func callAsFunction(_ counts: ConfusionCounts) -> Double {
        if curve == .precisionRecall, summation == .interpolation { return interpolated(counts) }
        var area = 0.0
        var higher: (x: Double, y: Double)?
        counts.forEachPoint { point in
            let here = position(point)
            if let higher { area += (here.x - higher.x) * height(here.y, higher.y) }
            higher = here
        }
        return area
    }

    private func height(_ a: Double, _ b: Double) -> Double {
        switch summation {
        case .interpolation: (a + b) / 2
        case .minoring: min(a, b)
        case .majoring: max(a, b)
        }
    }

    private func position(_ point: ConfusionCounts.Point) -> (x: Double, y: Double) {
        switch curve {
        case .roc: return (point.fallOut, point.recall)
        case .precisionRecall: return (point.recall, point.precision)
        case .precisionRecallGain:
            // Flach and Kull 2015.
            guard point.truePositives != 0 else { return (0, 1) }
            let scale = quotient(
                point.truePositives + point.falseNegatives,
                point.trueNegatives + point.falsePositives)
            let recallGain = 1 - scale * point.falseNegatives / point.truePositives
            return (max(recallGain, 0), 1 - scale * point.falsePositives / point.truePositives)
        }
    }

    /// Precision and recall, with the true positives linear in the positives between two
    /// thresholds (Davis and Goadrich 2006).
    private func interpolated(_ counts: ConfusionCounts) -> Double {
        var area = 0.0
        var above: ConfusionCounts.Point?
        counts.forEachPoint { point in
            if let above {
                let change = point.truePositives - above.truePositives
                let slope = quotient(change, max(point.positives - above.positives, 0))
                let intercept = above.truePositives - slope * above.positives
                let ratio = point.positives > 0 && above.positives > 0
                    ? point.positives / above.positives : 1
                area += quotient(
                    slope * (change + intercept * log(ratio)),
                    max(above.truePositives + above.falseNegatives, 0))
            }
            above = point
        }
        return area
    }
}
