import SNNCore

/// The numbers of input and output units of a weight, after `compute_fans` of Keras 3.
///
/// Both are whole numbers; as Double they cannot overflow, and below 2^53 they are exact.
struct Fans: Equatable, Sendable {
    let input: Double
    let output: Double

    /// - no axis: 1 and 1
    /// - `[units]`: units and units
    /// - `[input, output]`: input and output
    /// - `[..., input, output]`: each times the product of the leading extents, which is the
    ///   receptive field of a convolution
    init(_ shape: Shape) {
        let extents = shape.extents
        switch extents.count {
        case 0:
            self.init(input: 1, output: 1)
        case 1:
            self.init(input: Double(extents[0]), output: Double(extents[0]))
        default:
            let input = extents[extents.count - 2]
            let receptiveField = shape.outerCount / input
            self.init(
                input: Double(input * receptiveField), output: Double(shape.last * receptiveField))
        }
    }

    /// The products of the extents at `inputAxes` and at `outputAxes`; negative axes count from the
    /// end. Throws `shape` when there is no such axis.
    init(_ shape: Shape, inputAxes: [Int], outputAxes: [Int]) throws(SNNError) {
        self.init(
            input: try Fans.product(of: shape, over: inputAxes, key: "input_axes"),
            output: try Fans.product(of: shape, over: outputAxes, key: "output_axes"))
    }

    private init(input: Double, output: Double) {
        self.input = input
        self.output = output
    }

    private static func product(of shape: Shape, over axes: [Int], key: String) throws(SNNError)
        -> Double
    {
        var product = 1.0
        for axis in axes {
            guard let index = shape.axis(axis) else {
                throw SNNError(
                    .shape,
                    "\(key): expected axes of the shape \(shape.text), received \(axis)")
            }
            product *= Double(shape.extents[index])
        }
        return product
    }
}
