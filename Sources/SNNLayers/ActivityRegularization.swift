import SNNCore
import SNNGraph

/// Its output is its input, on which the loss gets the penalty l1 * sum |x| + l2 * sum x^2, divided
/// by the rows of the batch (Keras's `ActivityRegularization`).
final class ActivityRegularization: Layer {
    let className = "ActivityRegularization"
    let configuration: [JSON.Member]
    private let regularizer: any Regularizer

    init(_ options: inout Configuration) throws(SNNError) {
        regularizer = try Regularizers.l1l2(&options)
        configuration = regularizer.configuration
    }

    var activityRegularizer: (any Regularizer)? { regularizer }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] { [try soleInput(inputs)] }

    func operation(for call: LayerCall) -> any Operation { IdentityOperation() }
}
