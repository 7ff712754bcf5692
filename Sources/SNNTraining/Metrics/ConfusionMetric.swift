import SNNCore
import SNNGraph
import SNNKernels

/// What is made of the counts of right and wrong decisions at thresholds: precision, recall, AUC ...
///
/// A prediction decides for "yes" at every threshold below it. The sums are two histograms for each
/// label, of the predictions whose target is yes (not 0) and no: how many lie above threshold i and
/// not above the next, and in the first place how many lie above none.
final class ConfusionMetric: MetricFormula {
    enum Result: Sendable {
        case ofAll(@Sendable (ConfusionCounts) -> Double)
        /// One for each threshold, from the lowest; it goes to the place that the list says.
        case ofEach(@Sendable (ConfusionCounts.Point) -> Double, places: [Int])
    }

    /// What a prediction is compared with.
    enum Thresholds: Sendable {
        /// Ascending.
        case list([Float])
        /// i / (count - 1), found without a search, by Keras's arithmetic. With `isOpen` the first
        /// is a little below 0 and the last a little above 1.
        case even(count: Int, isOpen: Bool)

        var count: Int {
            switch self {
            case .list(let thresholds): thresholds.count
            case .even(let count, _): count
            }
        }

        /// How many thresholds the prediction is above; none for a NaN.
        func countBelow(_ prediction: Float) -> Int {
            switch self {
            case .list(let thresholds):
                var count = 0
                while count < thresholds.count, prediction > thresholds[count] { count &+= 1 }
                return count
            case .even(let count, let isOpen):
                let clipped = prediction > 0 ? min(prediction, 1) : 0
                let place = Int((clipped * Float(count &- 1)).rounded(.up))
                return isOpen ? max(place, 1) : place
            }
        }
    }

    struct Options: Sendable {
        var thresholds: Thresholds
        /// Only the k largest numbers of a vector decide for yes.
        var topK: Int?
        /// Only this number of a vector is looked at.
        var classID: Int?
        var fromLogits = false
        /// 1, or the number of labels that are counted apart.
        var labels = 1
        /// What each number of a vector counts.
        var labelWeights: [Double]?
    }

    private let options: Options
    private let finish: Result

    init(_ options: Options, _ finish: Result) {
        self.options = options
        self.finish = finish
    }

    var sumCount: Int { options.labels * 2 * (options.thresholds.count + 1) }

    var resultCount: Int { if case .ofEach(_, let places) = finish { places.count } else { 1 } }

    func add(
        _ batch: LabelledBatch, _ memory: Loss.Memory, to sums: UnsafeMutablePointer<Double>
    ) throws(SNNError) {
        let share = batch.shape.outerCount
        for vector in 0 ..< batch.vectors {
            let weight = batch.weight(ofRow: vector / share)
            let first = vector &* batch.width
            if let classID = options.classID {
                add(batch, first, classID, weight, to: sums)
            } else {
                for index in 0 ..< batch.width { add(batch, first, index, weight, to: sums) }
            }
        }
    }

    private func add(
        _ batch: LabelledBatch, _ first: Int, _ index: Int, _ weight: Double,
        to sums: UnsafeMutablePointer<Double>
    ) {
        let places = options.thresholds.count &+ 1
        let isYes = batch.target[first &+ index] != 0
        let label = options.labels > 1 ? index : 0
        var place = 0
        if isAmongTop(batch.prediction + first, index, batch.width) {
            var prediction = batch.prediction[first &+ index]
            if options.fromLogits {
                var logit = prediction
                batch.kernels.pointee.sigmoid(&logit, &prediction, 1, 0, 0, 0)
            }
            place = options.thresholds.countBelow(prediction)
        }
        // Weights of labels that are counted apart come with the result.
        let labelWeight = options.labels > 1 ? 1 : options.labelWeights.map { $0[index] } ?? 1
        sums[(2 &* label &+ (isYes ? 0 : 1)) &* places &+ place] += weight * labelWeight
    }

    /// The first of equals are larger.
    private func isAmongTop(_ x: UnsafePointer<Float>, _ index: Int, _ width: Int) -> Bool {
        guard let topK = options.topK else { return true }
        var larger = 0
        for other in 0 ..< width
        where x[other] > x[index] || (x[other] == x[index] && other < index) {
            larger &+= 1
            if larger >= topK { return false }
        }
        return true
    }

    func result(_ sums: UnsafePointer<Double>, _ results: UnsafeMutablePointer<Double>) {
        let places = options.thresholds.count + 1
        switch finish {
        case .ofAll(let finish): results[0] = mean(sums, places, finish)
        case .ofEach(let number, let order):
            var index = order.count
            ConfusionCounts(sums, places).forEachPoint { point in
                index &-= 1
                results[order[index]] = number(point)
            }
        }
    }

    /// Over the labels.
    private func mean(
        _ sums: UnsafePointer<Double>, _ places: Int, _ finish: (ConfusionCounts) -> Double
    ) -> Double {
        guard options.labels > 1 else { return finish(ConfusionCounts(sums, places)) }
        var (sum, weight) = (0.0, 0.0)
        for label in 0 ..< options.labels {
            let labelWeight = options.labelWeights.map { $0[label] } ?? 1
            sum += labelWeight * finish(ConfusionCounts(sums + 2 * label * places, places))
            weight += labelWeight
        }
        return quotient(sum, weight)
    }
}

/// The decisions of one label at each threshold, out of its two histograms.
struct ConfusionCounts {
    private let sums: UnsafePointer<Double>
    private let places: Int

    init(_ sums: UnsafePointer<Double>, _ places: Int) {
        self.sums = sums
        self.places = places
    }

    /// At one threshold.
    struct Point {
        fileprivate(set) var truePositives = 0.0
        fileprivate(set) var falsePositives = 0.0
        fileprivate(set) var trueNegatives = 0.0
        fileprivate(set) var falseNegatives = 0.0

        var positives: Double { truePositives + falsePositives }
        var precision: Double { quotient(truePositives, truePositives + falsePositives) }
        var recall: Double { quotient(truePositives, truePositives + falseNegatives) }
        var specificity: Double { quotient(trueNegatives, trueNegatives + falsePositives) }
        var fallOut: Double { quotient(falsePositives, falsePositives + trueNegatives) }
    }

    /// From the highest threshold to the lowest.
    func forEachPoint(_ body: (Point) -> Void) {
        var point = Point()
        for place in 0 ..< places {
            point.falseNegatives += sums[place]
            point.trueNegatives += sums[places &+ place]
        }
        var place = places &- 1
        while place > 0 {
            point.truePositives += sums[place]
            point.falseNegatives -= sums[place]
            point.falsePositives += sums[places &+ place]
            point.trueNegatives -= sums[places &+ place]
            body(point)
            place &-= 1
        }
    }

    /// The largest `dependent` where `constrained` is at least `least`; 0 where it nowhere is.
    func largest(
        _ dependent: (Point) -> Double, where constrained: (Point) -> Double, isAtLeast least: Double
    ) -> Double {
        var most = 0.0
        // In Keras's precision, because quotients meet the bound exactly.
        forEachPoint { if Float(constrained($0)) >= Float(least) { most = max(most, dependent($0)) } }
        return most
    }
}
