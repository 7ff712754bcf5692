import CKernels
import SNNCore
import SNNGraph
import SNNKernels

/// A loss that sums a function of prediction and target along the last axis: a row of `snnk_loss`.
final class PointwiseLoss: LossFormula {
    private let loss: snnk_loss
    /// Whether the values are means along the axis, not sums.
    private let takesMean: Bool
    /// Label smoothing moves each target to this over the number of classes (0: to one half).
    private let smoothing: Double
    private let smoothsToClasses: Bool
    /// Whether labels 0 and 1 stand for -1 and 1, as in Keras's hinge losses: where a whole batch
    /// has no others.
    private let readsSigns: Bool

    init(
        _ formula: Int32, link: Int32 = SNNK_LINK_NONE, takesMean: Bool = true, factor: Float = 1,
        smoothing: Double = 0, smoothsToClasses: Bool = false, readsSigns: Bool = false,
        a: Double = 0, b: Double = 0, c: Double = 0
    ) {
        loss = snnk_loss(
            formula: formula, link: link, targetScale: Float(1 - smoothing), targetShift: 0,
            factor: factor, a: Float(a), b: Float(b), c: Float(c))
        self.takesMean = takesMean
        self.smoothing = smoothing
        self.smoothsToClasses = smoothsToClasses
        self.readsSigns = readsSigns
    }

    func evaluate(_ batch: LabelledBatch, _ result: LossResult) throws(SNNError) {
        var loss = loss
        let width = Float(batch.width)
        if takesMean { loss.factor /= width }
        loss.targetShift = smoothsToClasses ? Float(smoothing) * (1 / width) : Float(0.5 * smoothing)
        if readsSigns, PointwiseLoss.isBinary(batch.target, batch.count) {
            loss.targetScale = 2
            loss.targetShift = -1
        }
        batch.workers.split(
            batch.vectors, cost: 40 &* batch.width, with: (loss, batch, result, batch.width)
        ) { work, start, count in
            let (parameters, batch, result, width) = work
            var loss = parameters
            batch.kernels.pointee.pointwise_loss(
                &loss, batch.prediction + start &* width, batch.target + start &* width,
                result.gradient.map { UnsafePointer($0.factors + start) }, result.values + start,
                result.gradient.map { $0.dPrediction + start &* width }, Int64(count),
                Int64(width))
        }
    }

    /// Without a branch for each number, which would be guessed wrongly half of the time.
    private static func isBinary(_ target: UnsafePointer<Float>, _ count: Int) -> Bool {
        var first = 0
        while first < count {
            let end = min(first &+ 1024, count)
            var others = 0
            while first < end {
                let t = target[first]
                others &+= t * (t - 1) == 0 ? 0 : 1
                first &+= 1
            }
            if others > 0 { return false }
        }
        return true
    }
}
