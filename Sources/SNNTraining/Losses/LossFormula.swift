import SNNCore
import SNNGraph
import SNNKernels

/// What a loss computes from a batch, before it is weighted and reduced: values, and their gradient.
/// Results do not depend on the number of threads.
package protocol LossFormula: AnyObject, Sendable {
    /// How many values a batch has: one for each vector, unless the formula says otherwise. Where
    /// no samples are coupled they are a multiple of the rows.
    func valueCount(rows: Int, shape: Shape) -> Int

    /// Whether a value belongs to the batch and not to one sample.
    func couplesSamples(_ shape: Shape) -> Bool

    /// Numbers that `evaluate` takes to work with, for at most so many rows.
    func scratchCount(rows: Int, shape: Shape) -> Int

    /// Whether Keras has it.
    var isKnownToKeras: Bool { get }

    /// Throws when the formula has no meaning for an output of this shape.
    func check(_ output: Shape) throws(SNNError)

    /// Writes the values and, where asked for, dPrediction = the sum over the values of
    /// factors[value] * d value / d prediction. Where it throws, what it wrote is undefined.
    func evaluate(_ batch: LabelledBatch, _ result: LossResult) throws(SNNError)
}

extension LossFormula {
    package func valueCount(rows: Int, shape: Shape) -> Int { rows &* shape.outerCount }
    package func couplesSamples(_ shape: Shape) -> Bool { false }
    package func scratchCount(rows: Int, shape: Shape) -> Int { 0 }
    package var isKnownToKeras: Bool { true }
    package func check(_ output: Shape) throws(SNNError) {}
}

/// Where a formula writes, and the memory that it was promised.
package struct LossResult {
    let values: UnsafeMutablePointer<Float>
    /// nil when no gradient is wanted.
    var gradient: (factors: UnsafePointer<Float>, dPrediction: UnsafeMutablePointer<Float>)?
    let scratch: UnsafeMutablePointer<Double>
}
