import SNNCore
import SNNGraph

/// Zeros around the places of an image or sequence, or as many places less of it (Keras's
/// `ZeroPadding1D`, `2D`, `3D` and `Cropping1D`, `2D`, `3D`, channels last).
final class Margins: Layer {
    let className: String
    private let key: String
    private let crops: Bool
    /// Axes of the places.
    private let axes: Int
    /// For each how many at its start and at its end.
    private let amounts: [Int]

    /// - Parameters:
    ///   - axes: of the places: 1, 2 or 3.
    ///   - amount: Keras's default on each side.
    private init(
        _ options: inout Configuration, crops: Bool, axes: Int, default amount: Int
    ) throws(SNNError) {
        className = (crops ? "Cropping" : "ZeroPadding") + String(axes) + "D"
        key = crops ? "cropping" : "padding"
        self.crops = crops
        self.axes = axes
        amounts = try Margins.amounts(
            options.json(key) ?? .integer(Int64(amount)), key, axes: axes, options)
    }

    static func padding(axes: Int) -> LayerKind {
        .spatial("ZeroPadding\(axes)D") { (options) throws(SNNError) in
            try Margins(&options, crops: false, axes: axes, default: 1)
        }
    }

    static func cropping(axes: Int) -> LayerKind {
        let make: @Sendable (inout Configuration) throws(SNNError) -> any Layer = {
            (options) throws(SNNError) in
            try Margins(&options, crops: true, axes: axes, default: axes == 2 ? 0 : 1)
        }
        let name = "Cropping\(axes)D"
        // Keras's of sequences has no `data_format`.
        return axes == 1 ? LayerKind(name, make: make) : .spatial(name, make: make)
    }

    /// One integer for all sides, or for each axis one or a pair of them.
    private static func amounts(
        _ json: JSON, _ key: String, axes: Int, _ options: Configuration
    ) throws(SNNError) -> [Int] {
        var amounts: [Int] = []
        // The list of a single axis is its pair.
        let entries = axes == 1 ? nil : json.elements
        for axis in 0 ..< axes where entries?.count ?? axes == axes {
            let entry = entries?[axis] ?? json
            let sides = entry.elements ?? [entry, entry]
            for side in sides where sides.count == 2 {
                guard let amount = side.integerValue, 0 ... Shape.maximumCount ~= amount else {
                    break
                }
                amounts.append(amount)
            }
        }
        guard amounts.count == 2 * axes else {
            let lists = axes == 1 ? "a pair of them" : "a list of \(axes) of them or of pairs"
            throw options.mismatch(key, "an integer of at least 0 or \(lists)", json)
        }
        return amounts
    }

    var configuration: [JSON.Member] {
        var pairs: [JSON] = []
        for axis in 0 ..< axes {
            pairs.append(
                .array([.integer(Int64(amounts[2 * axis])), .integer(Int64(amounts[2 * axis + 1]))]))
        }
        return [.init(key, axes == 1 ? pairs[0] : .array(pairs))]
            + (crops && axes == 1 ? [] : [.init("data_format", "channels_last")])
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs, rank: axes + 1)
        var extents = input.extents
        for axis in 0 ..< axes {
            let (before, after) = (amounts[2 * axis], amounts[2 * axis + 1])
            guard !crops || before + after < extents[axis] else {
                throw SNNError(
                    .shape,
                    "'cropping' takes \(before) and \(after) of axis \(axis + 1) and must leave at "
                        + "least 1, received \(input.batchText)")
            }
            extents[axis] += crops ? -(before + after) : before + after
        }
        return [try Shape(extents)]
    }

    func operation(for call: LayerCall) -> any Operation {
        let (input, output) = (call.inputs[0], call.outputs[0])
        let (larger, smaller) = crops ? (input, output) : (output, input)
        var copied = StridedCopy.Axes()
        var offset = 0
        for axis in 0 ... axes {
            copied.append(smaller[axis], from: input.stride(axis), to: output.stride(axis))
            if axis < axes { offset += amounts[2 * axis] * larger.stride(axis) }
        }
        return CopyOperation(
            StridedCopy(
                copied, from: StridedCopy.Side(input.count, offset: crops ? offset : 0),
                to: StridedCopy.Side(output.count, offset: crops ? 0 : offset)))
    }
}
