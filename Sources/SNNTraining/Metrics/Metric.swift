import SNNCore
import SNNGraph
import SNNKernels

/// How a reported number, or several of them, comes about: sums that batches are added to, and a
/// result of the sums.
/// Results do not depend on the number of threads.
package protocol MetricFormula: AnyObject, Sendable {
    /// How many sums there are. They begin at 0, and are all that a resumed training needs.
    var sumCount: Int { get }

    /// How many numbers the result is: 1, or one for each class or threshold.
    var resultCount: Int { get }

    /// Values that `add` works with, for at most so many rows.
    func valueCount(rows: Int, shape: Shape) -> Int

    /// Further numbers that `add` takes to work with.
    func scratchCount(rows: Int, shape: Shape) -> Int

    func add(
        _ batch: LabelledBatch, _ memory: Loss.Memory, to sums: UnsafeMutablePointer<Double>
    ) throws(SNNError)

    /// Writes `resultCount` numbers, which are 0 before the first batch.
    func result(_ sums: UnsafePointer<Double>, _ results: UnsafeMutablePointer<Double>)
}

extension MetricFormula {
    package var resultCount: Int { 1 }
    package func valueCount(rows: Int, shape: Shape) -> Int { rows &* shape.outerCount }
    package func scratchCount(rows: Int, shape: Shape) -> Int { 0 }
}

/// What training reports, by the name under which it does.
package struct Metric: Sendable {
    package let name: String
    /// Whether it takes class numbers, one for each vector, where no loss decides.
    package let takesClasses: Bool
    /// Whether Keras has it.
    package let isKnownToKeras: Bool
    package let direction: MetricDirection
    package let formula: any MetricFormula

    package init(
        name: String, takesClasses: Bool = false, isKnownToKeras: Bool = true,
        direction: MetricDirection, _ formula: any MetricFormula
    ) {
        self.name = name
        self.takesClasses = takesClasses
        self.isKnownToKeras = isKnownToKeras
        self.direction = direction
        self.formula = formula
    }
}

/// 0 where the divisor is, as TensorFlow's divide_no_nan.
func quotient(_ dividend: Double, _ divisor: Double) -> Double {
    divisor == 0 ? 0 : dividend / divisor
}
