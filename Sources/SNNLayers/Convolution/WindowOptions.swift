import SNNCore
import SNNGraph

/// What the configuration of a convolution says of the window that it moves, along one to three axes.
struct WindowOptions: Sendable {
    let axes: Int
    let kernelSize: [Int]
    let strides: [Int]
    let dilations: [Int]
    let padding: Padding

    private static let extents = 1 ... Int(Int32.max)

    init(_ options: inout Configuration, axes: Int, padding choices: [String]) throws(SNNError) {
        self.axes = axes
        kernelSize = try options.extents("kernel_size", axes)
        strides = try options.extents("strides", axes, default: 1)
        dilations = try options.extents("dilation_rate", axes, default: 1)
        padding = try Padding(&options, choices: choices)
        guard !strides.contains(where: { $0 > 1 }) || !dilations.contains(where: { $0 > 1 }) else {
            throw options.failure(
                "'strides' above 1 and 'dilation_rate' above 1 do not go together, received "
                    + Shape.text(of: strides) + " and " + Shape.text(of: dilations))
        }
    }

    /// As Keras writes them: lists, in one dimension too.
    var configuration: [JSON.Member] {
        [
            .init("kernel_size", WindowOptions.json(kernelSize)),
            .init("strides", WindowOptions.json(strides)),
            .init("padding", padding.json),
            .init("dilation_rate", WindowOptions.json(dilations)),
        ]
    }

    static func json(_ values: [Int]) -> JSON { .array(values.map { .integer(Int64($0)) }) }

    /// The window on an input of axes and channels.
    func axes(for input: Shape) throws(SNNError) -> [SpatialAxis] {
        try forEachAxis(of: input) { (extent, axis) throws(SNNError) in
            try SpatialAxis(
                input: extent, kernel: kernelSize[axis], stride: strides[axis],
                dilation: dilations[axis], padding: padding)
        }
    }

    /// Calls `body` with the extent and number of each axis; says which one it fails on.
    func forEachAxis(
        of input: Shape, _ body: (_ extent: Int, _ axis: Int) throws(SNNError) -> SpatialAxis
    ) throws(SNNError) -> [SpatialAxis] {
        guard input.rank == axes + 1 else {
            throw SNNError(
                .shape,
                "expected an input of \(axes + 2) axes, the batch included, received "
                    + input.batchText)
        }
        var result: [SpatialAxis] = []
        for axis in 0 ..< axes {
            do throws(SNNError) {
                result.append(try body(input[axis], axis))
            } catch {
                throw SNNError(
                    error.status, "axis \(axis + 1) of input \(input.batchText): \(error.message)")
            }
        }
        return result
    }
}

extension Configuration {
    /// One number for each axis, or one for all.
    mutating func extents(
        _ key: String, _ axes: Int, default value: Int? = nil
    ) throws(SNNError) -> [Int] {
        let values = try integers(
            key, default: value.map { [$0] }, count: axes ... axes, in: 1 ... Int(Int32.max))
        return values.count == axes ? values : [Int](repeating: values[0], count: axes)
    }
}
