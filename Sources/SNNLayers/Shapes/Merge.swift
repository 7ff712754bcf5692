import SNNCore
import SNNGraph

/// A layer that makes one number of one of each input, place by place: Keras's `Add`, `Subtract`,
/// `Multiply`, `Average`, `Maximum` and `Minimum`, which are rows of `MergeRule`. Inputs are
/// broadcast: axes are counted from the last one, and an extent of 1 is repeated; but the batch is
/// the batch of each.
final class Merge: Layer {
    private let rule: MergeRule

    init(_ rule: MergeRule) {
        self.rule = rule
    }

    static func kind(_ rule: MergeRule) -> LayerKind {
        LayerKind(rule.className) { (_) throws(SNNError) in Merge(rule) }
    }

    var className: String { rule.className }
    var configuration: [JSON.Member] { [] }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        var output = try mergedInputs(inputs)[0]
        guard inputs.count == 2 || !rule.takesTwo else {
            throw SNNError(.shape, "expected two inputs, received \(inputs.count)")
        }
        for input in inputs {
            output = try Merge.broadcast(output, input)
        }
        return [output]
    }

    private static func broadcast(_ first: Shape, _ second: Shape) throws(SNNError) -> Shape {
        let rank = max(first.rank, second.rank)
        var extents: [Int] = []
        for axis in 0 ..< rank {
            // Where a shape has no such axis, its extent is 1.
            let (a, b) = (first[axis - rank + first.rank], second[axis - rank + second.rank])
            guard a == b || a == 1 || b == 1 else {
                throw SNNError(
                    .shape,
                    "expected inputs of one shape, or with 1 where they differ, received "
                        + first.batchText + " and " + second.batchText)
            }
            extents.append(max(a, b))
        }
        return try Shape(extents)
    }

    var epilogueLink: EpilogueLink? { rule.isSum ? .addition : nil }

    func operation(for call: LayerCall) -> any Operation { MergeOperation(call, rule) }
}
