import CKernels
import SNNCore
import SNNGraph
import SNNKernels

/// The sums of a layer (of products, mostly) on their way through its activation: where they are
/// kept, and which part of the activation the product itself applies.
package struct ActivatedSums {
    package let activation: any Activation
    /// What the activation gets, per sample.
    package let shape: Shape
    /// What the product applies: sums are then not needed apart.
    package let end: ProductEnd
    /// Whether they still have to go through the activation.
    package let activatesLater: Bool
    private let place: Place
    private let mode: Mode

    private enum Place {
        case output
        case saved
        case scratch
    }

    /// - Parameter count: of the output, half of the sums' for an activation that halves.
    package init(_ activation: any Activation, _ shape: Shape, output count: Int, mode: Mode) {
        self.activation = activation
        self.shape = shape
        self.mode = mode
        switch mode {
        case .training where activation.backwardReadsInput: place = .saved
        case .inference where count != shape.count: place = .scratch
        default: place = .output
        }
        end = ProductEnd(place == .output ? activation.rectifier : nil)
        activatesLater = end.rectifies == 0 && (place != .output || !activation.isIdentity)
    }

    /// For each row: room for sums, or for their gradient, at the beginning of the scratch.
    package var scratchCount: Int {
        let needsRoom = mode == .training ? !activation.isIdentity : place == .scratch
        return needsRoom ? shape.count : 0
    }

    /// Asks for what is kept for the backward pass.
    package func extend(_ needs: inout OperationNeeds) {
        if place == .saved { needs.saved = FloatCount(perRow: shape.count) }
        if !activation.isIdentity { needs.backwardReadsOutputs = true }
    }

    /// Whether a product alone is all that there is to do.
    package var areOutput: Bool { place == .output && !activatesLater }

    package func target(_ context: OperationContext) -> UnsafeMutablePointer<Float> {
        switch place {
        case .output: context.output()
        case .saved: context.saved
        case .scratch: context.scratch
        }
    }

    /// After the sums are at `target`.
    package func activate(_ context: OperationContext) {
        guard activatesLater else { return }
        activation.forward(
            target(context), context.output(), rows: context.rows, shape: shape, context)
    }

    /// The gradient before the activation.
    package func gradient(_ context: OperationContext) -> UnsafePointer<Float> {
        guard !activation.isIdentity else { return UnsafePointer(context.dOutput()) }
        activation.backward(
            target(context), context.output(), context.dOutput(), context.scratch,
            rows: context.rows, shape: shape, context)
        return UnsafePointer(context.scratch)
    }
}
