import SNNCore

/// Which axes of a weight are its input and output units. Where not both are said, Keras's rule
/// for the shape holds, whatever the other says.
struct FanAxes: Sendable {
    private let input: [Int]?
    private let output: [Int]?

    static let ofShape = FanAxes(input: nil, output: nil)

    private init(input: [Int]?, output: [Int]?) {
        self.input = input
        self.output = output
    }

    init(_ configuration: inout Configuration) throws(SNNError) {
        let axes = -Shape.maximumRank...Shape.maximumRank - 1
        input = try configuration.optionalIntegers(
            "input_axes", count: 0...Shape.maximumRank, in: axes)
        output = try configuration.optionalIntegers(
            "output_axes", count: 0...Shape.maximumRank, in: axes)
    }

    var members: [JSON.Member] {
        [
            JSON.Member("input_axes", FanAxes.json(input)),
            JSON.Member("output_axes", FanAxes.json(output)),
        ]
    }

    /// Throws `shape` when the axes are not there; `className` is for the message.
    func fans(of shape: Shape, for className: String) throws(SNNError) -> Fans {
        guard let input, let output else { return Fans(shape) }
        do throws(SNNError) {
            return try Fans(shape, inputAxes: input, outputAxes: output)
        } catch {
            throw error.within(className)
        }
    }

    private static func json(_ axes: [Int]?) -> JSON {
        axes.map { .array($0.map { .integer(Int64($0)) }) } ?? .null
    }
}
