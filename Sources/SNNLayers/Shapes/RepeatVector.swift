import SNNCore
import SNNGraph

/// A vector n times behind itself: (channels) becomes (n, channels) (Keras's `RepeatVector`).
final class RepeatVector: Layer {
    let className = "RepeatVector"
    private let n: Int

    init(_ options: inout Configuration) throws(SNNError) {
        n = try options.integer("n", in: 1 ... Shape.maximumCount)
    }

    var configuration: [JSON.Member] { [.init("n", .integer(Int64(n)))] }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        [try Shape([n, soleInput(inputs, rank: 1).last])]
    }

    func operation(for call: LayerCall) -> any Operation {
        // Broadcast along the new axis.
        CopyOperation(.broadcast(call.inputs[0], to: call.outputs[0]))
    }
}
