import SNNCore
import SNNGraph
import SNNKernels

/// The gradient of a part as an optimizer without a kernel of its own reads it: multiplied and cut.
struct PreparedGradient {
    private let pointer: UnsafePointer<Float>
    private let factor: Float
    private let bound: Float

    init(_ pointer: UnsafePointer<Float>, factor: Float, bound: Float) {
        self.pointer = pointer
        self.factor = factor
        self.bound = bound
    }

    subscript(index: Int) -> Float {
        let value = pointer[index] * factor
        return value > bound ? bound : value < -bound ? -bound : value
    }
}

extension OptimizerStep {
    /// Lets the part's weights decay and gives its gradient: what comes before a step, for an
    /// optimizer without a kernel of its own.
    func preparedGradient(_ rule: UpdateRule, decay: Float) -> PreparedGradient {
        let first = part.range.lowerBound
        if decay != 0 {
            // w - decay w
            workers.split(
                part.range.count, cost: 4, granule: 16, with: (kernels, parameters + first, decay)
            ) { work, start, count in
                let w = work.1 + start
                work.0.pointee.sgd(w, w, Int64(count), work.2, 1, .infinity, 0)
            }
        }
        return PreparedGradient(gradients + first, factor: factor, bound: rule.bound)
    }
}
