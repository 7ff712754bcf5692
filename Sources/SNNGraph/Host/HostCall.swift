import SNNCore

/// One forward or backward pass of a layer of the host's. All memory is the library's, of the
/// call's time; weights and their gradients are in the order in which the layer declared them.
package struct HostCall {
    package typealias Pointers = UnsafePointer<UnsafeMutablePointer<Float>?>

    package let shapes: HostShapes
    package let rows: Int
    package let isTraining: Bool
    /// One number of the layer's call and of the step, for random numbers.
    package let seed: UInt64
    /// Whether the layer tells when it has come to its end: see `snn_layer_call.confirmation`.
    package let confirms: Bool
    package let inputs: Pointers
    package let weights: Pointers
    package let output: UnsafeMutablePointer<Float>
    /// From forward to backward; nil in inference.
    package let saved: UnsafeMutablePointer<Float>?
    /// nil in forward; those of inputs and weights are nil where nobody asks for one.
    package var dOutput: UnsafePointer<Float>?
    package var dInputs: Pointers?
    package var dWeights: Pointers?
}

/// The shapes of a call, without the batch, as C reads them.
package final class HostShapes: @unchecked Sendable {
    // Sendable: it does not change after `init`.
    package let inputs: [Shape]
    package let output: Shape
    package let weightCount: Int
    /// Of the inputs, then of the output.
    package let ranks: UnsafeMutablePointer<Int32>
    package let extents: UnsafeMutablePointer<UnsafePointer<Int64>?>
    private let numbers: UnsafeMutablePointer<Int64>

    init(_ inputs: [Shape], output: Shape, weightCount: Int) {
        self.inputs = inputs
        self.output = output
        self.weightCount = weightCount
        ranks = .allocate(capacity: inputs.count + 1)
        extents = .allocate(capacity: inputs.count + 1)
        numbers = .allocate(capacity: (inputs.count + 1) * Shape.maximumRank)
        for (index, shape) in (inputs + [output]).enumerated() {
            let first = numbers + index * Shape.maximumRank
            ranks[index] = Int32(shape.rank)
            extents[index] = UnsafePointer(first)
            for axis in 0 ..< Shape.maximumRank { first[axis] = Int64(shape[axis]) }
        }
    }

    deinit {
        ranks.deallocate()
        extents.deallocate()
        numbers.deallocate()
    }
}
