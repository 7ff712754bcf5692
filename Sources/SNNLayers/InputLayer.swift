import SNNCore
import SNNGraph

/// An input of a model. Its options: `shape` without the batch, or Keras's `batch_shape` (Keras 2's
/// `batch_input_shape`), whose first extent is null.
final class InputLayer: Layer {
    let className = "InputLayer"
    let isInput = true
    private let shape: Shape

    init(_ options: inout Configuration) throws(SNNError) {
        shape = try InputLayer.shape(from: &options)
        try options.refuse("sparse", unless: [.null, false], because: "inputs are dense")
        try options.refuse("ragged", unless: [.null, false], because: "inputs are dense")
        try options.refuse("optional", unless: [.null, false], because: "inputs must be given")
        options.ignore("batch_size", "input_tensor")
    }

    var configuration: [JSON.Member] {
        [
            .init("batch_input_shape", .array([.null] + shape.extents.map { .integer(Int64($0)) })),
            .init("sparse", false),
            .init("ragged", false),
        ]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        guard inputs.isEmpty else {
            throw SNNError(.argument, "expected no input, received \(inputs.count)")
        }
        return [shape]
    }

    func operation(for call: LayerCall) -> any Operation { IdentityOperation() }

    private static func shape(from options: inout Configuration) throws(SNNError) -> Shape {
        let extents = options.json("shape")
        let batchExtents = options.json("batch_shape") ?? options.json("batch_input_shape")
        options.ignore("batch_shape", "batch_input_shape")
        let elements: [JSON]
        if let given = extents?.elements {
            elements = given
        } else if let given = batchExtents?.elements, !given.isEmpty {
            elements = Array(given.dropFirst())
        } else if let size = extents?.integerValue {
            elements = [.integer(Int64(size))]
        } else {
            throw options.failure(
                "'shape' must be a list of extents without the batch, received "
                    + ((extents ?? batchExtents)?.shortText ?? "nothing"))
        }
        var sizes: [Int] = []
        for element in elements {
            guard let size = element.integerValue else {
                throw SNNError(
                    .unsupported,
                    "\(options.owner): every extent but the batch must be known, an integer of at "
                        + "least 1, received \(element.shortText)")
            }
            sizes.append(size)
        }
        do throws(SNNError) {
            return try Shape(sizes)
        } catch {
            throw error.within(options.owner)
        }
    }
}
