import SNNCore
import SNNGraph
import SNNKernels

/// A loss that has kernels of its own: the most common ones.
final class KernelLoss: LossFormula {
    typealias Values = @convention(c) (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int64, Int64, Float
    ) -> Void
    typealias Gradient = @convention(c) (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>,
        UnsafeMutablePointer<Float>, Int64, Int64, Float
    ) -> Void
    typealias ValuesAndGradient = @convention(c) (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>,
        UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int64, Int64, Float
    ) -> Void

    struct Kernels {
        let values: Values
        let gradient: Gradient
        /// For losses that have a part of the work in common; the same bits.
        var both: ValuesAndGradient?
    }

    /// A loss's kernels out of a table, which is large: it is not copied.
    typealias Selection = @Sendable (UnsafePointer<KernelTable>) -> Kernels

    private let kernels: Selection
    private let smoothing: Float
    /// Targets are class numbers, one for each vector.
    private let takesClasses: Bool
    /// The class whose vectors count nothing.
    private let ignoredClass: Float?

    init(
        smoothing: Double = 0, takesClasses: Bool = false, ignoredClass: Int? = nil,
        _ kernels: @escaping Selection
    ) {
        self.kernels = kernels
        self.smoothing = Float(smoothing)
        self.takesClasses = takesClasses
        self.ignoredClass = ignoredClass.map { Float($0) }
    }

    func evaluate(_ batch: LabelledBatch, _ result: LossResult) throws(SNNError) {
        let work = Work(
            kernels: kernels(batch.kernels), prediction: batch.prediction, target: batch.target,
            result: result, width: batch.width, targetWidth: takesClasses ? 1 : batch.width,
            smoothing: smoothing, ignoredClass: ignoredClass)
        batch.workers.split(
            batch.vectors, cost: (result.gradient == nil ? 40 : 80) &* batch.width, with: work
        ) { work, start, count in
            work.run(start, count)
        }
    }

    private struct Work {
        let kernels: Kernels
        let prediction: UnsafePointer<Float>
        let target: UnsafePointer<Float>
        let result: LossResult
        let width: Int
        let targetWidth: Int
        let smoothing: Float
        let ignoredClass: Float?

        /// The vectors from `start`, without those that are ignored: what their target holds is no
        /// class that a kernel could look up.
        func run(_ start: Int, _ count: Int) {
            guard let ignoredClass else { return compute(start, count) }
            var first = start
            let end = start &+ count
            while first < end {
                var last = first
                while last < end, target[last] != ignoredClass { last &+= 1 }
                compute(first, last &- first)
                while last < end, target[last] == ignoredClass {
                    result.values[last] = 0
                    result.gradient.map {
                        ($0.dPrediction + last &* width).update(repeating: 0, count: width)
                    }
                    last &+= 1
                }
                first = last
            }
        }

        private func compute(_ start: Int, _ count: Int) {
            let x = prediction + start &* width
            let goal = target + start &* targetWidth
            let values = result.values + start
            let (rows, columns) = (Int64(count), Int64(width))
            guard let gradient = result.gradient else {
                return kernels.values(x, goal, values, rows, columns, smoothing)
            }
            let factors = gradient.factors + start
            let dx = gradient.dPrediction + start &* width
            if let both = kernels.both {
                both(x, goal, factors, values, dx, rows, columns, smoothing)
            } else {
                kernels.values(x, goal, values, rows, columns, smoothing)
                kernels.gradient(x, goal, factors, dx, rows, columns, smoothing)
            }
        }
    }
}
