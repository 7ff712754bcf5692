import SNNCore
import SNNGraph

/// The same numbers under another shape, row-major; one extent may be -1, which is what is left
/// (Keras's `Reshape`).
final class Reshape: Layer {
    let className = "Reshape"
    private let targetShape: [Int]

    init(_ options: inout Configuration) throws(SNNError) {
        targetShape = try options.integers(
            "target_shape", count: 0 ... Shape.maximumRank, in: -1 ... Shape.maximumCount)
        guard targetShape.filter({ $0 == -1 }).count <= 1, !targetShape.contains(0) else {
            throw options.failure(
                "'target_shape' must hold extents of at least 1 and at most one -1, received "
                    + Shape.text(of: targetShape))
        }
    }

    var configuration: [JSON.Member] {
        [.init("target_shape", .array(targetShape.map { .integer(Int64($0)) }))]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs)
        // Checks the product of the known extents too.
        let known = try Shape(targetShape.map { $0 == -1 ? 1 : $0 })
        let rest = input.count / known.count
        let shape = try Shape(targetShape.map { $0 == -1 ? max(rest, 1) : $0 })
        guard shape.count == input.count else {
            throw SNNError(
                .shape,
                "input \(input.batchText) holds \(input.count) numbers a sample, which do not fit "
                    + "'target_shape' \(Shape.text(of: targetShape))")
        }
        return [shape]
    }

    func operation(for call: LayerCall) -> any Operation { IdentityOperation() }
}
