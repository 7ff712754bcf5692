import SNNCore
import SNNGraph

/// Each place `size` times along each axis, or, of images, as many between neighbours that change
/// linearly (Keras's `UpSampling1D`, `2D` and `3D`, channels last).
final class UpSampling: Layer {
    let className: String
    private let size: [Int]
    private let interpolation: String

    private init(_ options: inout Configuration, axes: Int) throws(SNNError) {
        className = "UpSampling\(axes)D"
        let given = try options.integers(
            "size", default: [2], count: axes ... axes, in: 1 ... Shape.maximumCount)
        size = given.count == axes ? given : [Int](repeating: given[0], count: axes)
        guard axes == 2 else {
            interpolation = "nearest"
            return
        }
        for name in ["bicubic", "lanczos3", "lanczos5"]
        where options.json("interpolation") == .string(name) {
            try options.refuse(
                "interpolation", unless: ["nearest", "bilinear"],
                because: "this version does not do that")
        }
        interpolation = try options.choice(
            "interpolation", default: "nearest", among: ["nearest", "bilinear"])
    }

    static func kind(axes: Int) -> LayerKind {
        let make: @Sendable (inout Configuration) throws(SNNError) -> any Layer = {
            (options) throws(SNNError) in try UpSampling(&options, axes: axes)
        }
        let name = "UpSampling\(axes)D"
        // Keras's of sequences has no `data_format`.
        return axes == 1 ? LayerKind(name, make: make) : .spatial(name, make: make)
    }

    var configuration: [JSON.Member] {
        let sizes = size.map { JSON.integer(Int64($0)) }
        guard size.count > 1 else { return [.init("size", sizes[0])] }
        return [.init("size", .array(sizes)), .init("data_format", "channels_last")]
            + (size.count == 2 ? [.init("interpolation", .string(interpolation))] : [])
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs, rank: size.count + 1)
        var extents = input.extents
        for (axis, factor) in size.enumerated() {
            // What overflows is too large for a shape, too.
            let (extent, overflows) = extents[axis].multipliedReportingOverflow(by: factor)
            extents[axis] = overflows ? Int.max : extent
        }
        return [try Shape(extents)]
    }

    func operation(for call: LayerCall) -> any Operation {
        let (input, output) = (call.inputs[0], call.outputs[0])
        if interpolation == "bilinear", input != output {
            return BilinearOperation(call, height: size[0], width: size[1])
        }
        var axes = StridedCopy.Axes()
        for (axis, factor) in size.enumerated() {
            let (from, to) = (input.stride(axis), output.stride(axis))
            axes.append(input[axis], from: from, to: to * factor)
            axes.append(factor, from: 0, to: to)
        }
        axes.append(input.last, from: 1, to: 1)
        return CopyOperation(
            StridedCopy(
                axes, from: StridedCopy.Side(input.count), to: StridedCopy.Side(output.count)))
    }
}
