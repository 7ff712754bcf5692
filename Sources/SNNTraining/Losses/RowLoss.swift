import SNNCore
import SNNGraph
import SNNKernels

/// A loss of whole vectors in plain arithmetic: a value for each vector along the last axis.
final class RowLoss: LossFormula {
    /// A vector's value; with `dPrediction` also its gradient times `factor`.
    typealias Function = @Sendable (
        _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>, _ width: Int,
        _ factor: Float, _ dPrediction: UnsafeMutablePointer<Float>?
    ) -> Float

    private let function: Function

    init(_ function: @escaping Function) { self.function = function }

    func evaluate(_ batch: LabelledBatch, _ result: LossResult) throws(SNNError) {
        let work = Work(function: function, batch: batch, result: result)
        batch.workers.split(batch.vectors, cost: 8 &* batch.width, with: work) {
            work, start, count in
            work.run(start, count)
        }
    }

    /// A struct, because a function in a tuple would be wrapped, which takes memory.
    private struct Work {
        let function: Function
        let batch: LabelledBatch
        let result: LossResult

        func run(_ start: Int, _ count: Int) {
            let width = batch.width
            for vector in start ..< start &+ count {
                result.values[vector] = function(
                    batch.prediction + vector &* width, batch.target + vector &* width, width,
                    result.gradient.map { $0.factors[vector] } ?? 0,
                    result.gradient.map { $0.dPrediction + vector &* width })
            }
        }
    }

    /// -cos of the angle between both; a vector shorter than 1e-7 counts as one of that length times
    /// its own (Keras's normalize).
    @Sendable static func cosineSimilarity(
        _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>, _ width: Int,
        _ factor: Float, _ dPrediction: UnsafeMutablePointer<Float>?
    ) -> Float {
        var (dot, squares, targetSquares) = (0.0, 0.0, 0.0)
        for index in 0 ..< width {
            let (p, t) = (Double(prediction[index]), Double(target[index]))
            dot += p * t
            squares += p * p
            targetSquares += t * t
        }
        let most = 1e7
        let inverse = min(1 / squares.squareRoot(), most)
        let targetInverse = min(1 / targetSquares.squareRoot(), most)
        let cosine = dot * inverse * targetInverse
        guard let dPrediction else { return Float(-cosine) }
        // A vector that is too short is not divided by its length.
        let projection = inverse < most ? cosine * inverse : 0
        for index in 0 ..< width {
            let slope =
                Double(target[index]) * targetInverse - Double(prediction[index]) * projection
            dPrediction[index] = -factor * Float(slope * inverse)
        }
        return Float(-cosine)
    }

    /// max(neg - pos + 1, 0): pos the sum of t p, neg the largest (1 - t) p. Where several are the
    /// largest, they share its gradient.
    @Sendable static func categoricalHinge(
        _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>, _ width: Int,
        _ factor: Float, _ dPrediction: UnsafeMutablePointer<Float>?
    ) -> Float {
        var right = 0.0
        var wrong = -Float.infinity
        var isWrong = 0
        for index in 0 ..< width {
            let (p, t) = (prediction[index], target[index])
            right += Double(t * p)
            let other = (1 - t) * p
            // A NaN must come through; it is in `right` already.
            if other > wrong { (wrong, isWrong) = (other, 0) }
            if other == wrong { isWrong &+= 1 }
        }
        let margin = Float(Double(wrong) - right + 1)
        let value = margin < 0 ? 0 : margin
        guard let dPrediction else { return value }
        let share = 1 / Float(max(isWrong, 1))
        for index in 0 ..< width {
            let t = target[index]
            var slope = -t
            if (1 - t) * prediction[index] == wrong { slope += share * (1 - t) }
            dPrediction[index] = margin > 0 ? factor * slope : 0
        }
        return value
    }
}
