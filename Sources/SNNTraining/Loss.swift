import SNNCore
import SNNGraph
import SNNKernels

/// What training makes small: a value for each vector of an output, along its last axis, and the
/// gradient. The loss of a batch is Keras's `sum_over_batch_size`: the sum of the values, each times
/// its sample's weight, over their number.
package final class Loss: Sendable {
    package typealias Values = @convention(c) (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int64, Int64, Float
    ) -> Void
    package typealias Gradient = @convention(c) (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>,
        UnsafeMutablePointer<Float>, Int64, Int64, Float
    ) -> Void
    package typealias ValuesAndGradient = @convention(c) (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>,
        UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int64, Int64, Float
    ) -> Void

    package struct Kernels {
        let values: Values
        let gradient: Gradient
        /// For losses that have a part of the work in common; the same bits.
        var both: ValuesAndGradient?
    }

    /// A loss's kernels out of a table, which is large: it is not copied.
    package typealias Selection = @Sendable (UnsafePointer<KernelTable>) -> Kernels

    /// Keras's function name, such as "mean_squared_error".
    package let name: String
    /// Keras's serialized form.
    package let json: JSON
    /// Whether targets are class numbers, one for each vector of the output.
    package let takesClasses: Bool
    private let smoothing: Float
    private let kernels: Selection

    init(
        name: String, json: JSON, takesClasses: Bool, smoothing: Float,
        kernels: @escaping Selection
    ) {
        self.name = name
        self.json = json
        self.takesClasses = takesClasses
        self.smoothing = smoothing
        self.kernels = kernels
    }

    /// Numbers that a sample's target has. Throws when `target` does not go with `output`.
    package func checkTarget(_ target: Shape, for output: Shape) throws(SNNError) {
        let expected =
            takesClasses
            ? try Shape(rank: output.rank - 1) { (axis) throws(SNNError) in output[axis] } : output
        guard target.agrees(with: expected) else {
            let kind = takesClasses ? "class numbers" : "targets"
            throw SNNError(
                .shape,
                "\(name): expected \(kind) of shape \(expected.batchText) for an output of shape "
                    + "\(output.batchText), received \(target.batchText)")
        }
    }

    /// Class numbers must be whole and within the output's width.
    package func checkClasses(
        _ target: UnsafePointer<Float>, count: Int, output: Shape
    ) throws(SNNError) {
        guard takesClasses else { return }
        let width = Float(output.last)
        var index = 0
        while index < count {
            let label = target[index]
            guard label >= 0, label < width, label.rounded(.towardZero) == label else {
                throw SNNError(
                    .argument,
                    "\(name): expected classes from 0 to \(output.last - 1), received \(label)")
            }
            index &+= 1
        }
    }

    /// - Parameters:
    ///   - vectors: rows times the output's extents but the last.
    ///   - values: one for each vector.
    package func values(
        _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
        into values: UnsafeMutablePointer<Float>, vectors: Int, width: Int,
        kernels table: UnsafePointer<KernelTable>, workers: Workers
    ) {
        let run = kernels(table).values
        let targetWidth = takesClasses ? 1 : width
        workers.split(
            vectors, cost: 40 &* width,
            with: (run, prediction, target, values, width, targetWidth, smoothing)
        ) { work, start, count in
            let (run, prediction, target, values, width, targetWidth, smoothing) = work
            run(
                prediction + start &* width, target + start &* targetWidth, values + start,
                Int64(count), Int64(width), smoothing)
        }
    }

    /// The values, and dPrediction = factors[vector] * d value / d prediction, vector by vector.
    package func valuesAndGradient(
        _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
        factors: UnsafePointer<Float>, into values: UnsafeMutablePointer<Float>,
        _ dPrediction: UnsafeMutablePointer<Float>, vectors: Int, width: Int,
        kernels table: UnsafePointer<KernelTable>, workers: Workers
    ) {
        let targetWidth = takesClasses ? 1 : width
        workers.split(
            vectors, cost: 80 &* width,
            with: (
                kernels(table), prediction, target, factors, values, dPrediction, width,
                targetWidth, smoothing
            )
        ) { work, start, count in
            let (
                run, prediction, target, factors, values, dPrediction, width, targetWidth, smoothing
            ) = work
            let x = prediction + start &* width
            let goal = target + start &* targetWidth
            let dx = dPrediction + start &* width
            if let both = run.both {
                both(
                    x, goal, factors + start, values + start, dx, Int64(count), Int64(width),
                    smoothing)
            } else {
                run.values(x, goal, values + start, Int64(count), Int64(width), smoothing)
                run.gradient(x, goal, factors + start, dx, Int64(count), Int64(width), smoothing)
            }
        }
    }
}
