import SNNCore
import SNNKernels

/// What holds for a variable after each step of the optimizer. Immutable: one object may serve any
/// number of variables.
package protocol Constraint: AnyObject, Sendable {
    /// Keras's class name.
    var className: String { get }

    /// Keras's `get_config()`, in Keras's order.
    var configuration: [JSON.Member] { get }

    /// Throws what was expected where it cannot take a variable of this shape.
    func check(_ shape: Shape) throws(SNNError)

    /// Doubles of memory that `apply` takes for this shape.
    func sums(_ shape: Shape) -> Int

    /// Changes the values so that it holds. The bits do not depend on the instruction set.
    func apply(
        to values: UnsafeMutablePointer<Float>, _ shape: Shape,
        sums: UnsafeMutablePointer<Double>, kernels: UnsafePointer<KernelTable>)
}

extension Constraint {
    package func check(_ shape: Shape) throws(SNNError) {}
    package func sums(_ shape: Shape) -> Int { 0 }
}

/// The constraints of Keras 3.
package enum Constraints {
    package static let registry = PartRegistry<any Constraint>(
        "constraint", [NormConstraint.maxNorm, NonNeg.row, NormConstraint.unitNorm,
            NormConstraint.minMaxNorm])

    /// As Keras writes it.
    package static func json(_ constraint: any Constraint) -> JSON {
        PartRegistry<any Constraint>.json(
            module: "keras.constraints", constraint.className, constraint.configuration)
    }
}
