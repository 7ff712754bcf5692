import CKernels
import SNNCore
import SNNKernels

/// A function between the output of a layer's arithmetic and what it returns. It has a rule for
/// shapes: most work on each number, some along an axis, and glu halves one.
package protocol Activation: AnyObject, Sendable {
    /// Keras's name, such as "relu".
    var name: String { get }

    /// What Keras writes for it in a layer's configuration.
    var json: JSON { get }

    /// Whether it is "linear", which costs nothing.
    var isIdentity: Bool { get }

    /// False for what Keras does not know by this name.
    var isKeras: Bool { get }

    func outputShape(for input: Shape) throws(SNNError) -> Shape

    /// Whether `backward` needs x as it was; it may always read y. Where not, x may share memory
    /// with y, and y be given in its place.
    var backwardReadsInput: Bool { get }

    /// The constants, where it is ReLU or one of its kin, which a product applies on the way out.
    var rectifier: snnk_rectifier? { get }

    /// y = f(x) for `rows` samples of shape `shape`.
    func forward(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, shape: Shape,
        _ context: OperationContext)

    /// dx = dy * f'(x). Where `backwardReadsInput` is false, x is y.
    func backward(
        _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
        _ dx: UnsafeMutablePointer<Float>, rows: Int, shape: Shape, _ context: OperationContext)
}

extension Activation {
    package var json: JSON { .string(name) }
    package var isIdentity: Bool { false }
    package var isKeras: Bool { true }
    package var rectifier: snnk_rectifier? { nil }
    package func outputShape(for input: Shape) throws(SNNError) -> Shape { input }
}

/// The layer operation that applies an activation alone.
package final class ActivationOperation: Operation {
    private let activation: any Activation
    private let shape: Shape
    package let needs: OperationNeeds

    package init(_ activation: any Activation, on shape: Shape) {
        self.activation = activation
        self.shape = shape
        var needs = OperationNeeds()
        needs.isView = activation.isIdentity
        needs.backwardReadsInputs = activation.backwardReadsInput
        needs.backwardReadsOutputs = true
        self.needs = needs
    }

    package func forward(_ context: OperationContext) {
        activation.forward(
            context.input(), context.output(), rows: context.rows, shape: shape, context)
    }

    package func backward(_ context: OperationContext) {
        guard let dInput = context.dInput() else { return }
        let x = activation.backwardReadsInput ? context.input() : context.output()
        activation.backward(
            x, context.output(), context.dOutput(), dInput, rows: context.rows, shape: shape,
            context)
    }
}
