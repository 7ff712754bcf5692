import SNNCore
import SNNGraph

/// Axis i of the output is axis `dims[i]` of the input, counted from 1 without the batch (Keras's
/// `Permute`).
final class Permute: Layer {
    let className = "Permute"
    private let dims: [Int]

    init(_ options: inout Configuration) throws(SNNError) {
        dims = try options.integers(
            "dims", count: 1 ... Shape.maximumRank, in: 1 ... Shape.maximumRank)
        guard (1 ... dims.count).allSatisfy({ dims.contains($0) }) else {
            throw options.failure(
                "'dims' must hold each axis from 1 to \(dims.count) once, received "
                    + Shape.text(of: dims))
        }
    }

    var configuration: [JSON.Member] {
        [.init("dims", .array(dims.map { .integer(Int64($0)) }))]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        [try soleInput(inputs, rank: dims.count).permuted(order)]
    }

    func operation(for call: LayerCall) -> any Operation {
        CopyOperation(.permutation(of: call.inputs[0], order))
    }

    private var order: [Int] { dims.map { $0 - 1 } }
}
