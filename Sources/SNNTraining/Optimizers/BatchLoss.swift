import SNNCore
import SNNGraph
import SNNKernels

/// The loss of the batch of a step as a function of the parameters, for an optimizer that evaluates it
/// several times. Every evaluation has the same random numbers (dropout masks).
package protocol BatchLoss: AnyObject {
    /// The parameters, to be changed between evaluations, and the gradients of the last one.
    var parameters: UnsafeMutablePointer<Float> { get }
    var gradients: UnsafePointer<Float> { get }

    /// The loss at the present parameters, `gradients` being set; nil where one of them is not
    /// finite.
    func evaluate() -> Double?
}
