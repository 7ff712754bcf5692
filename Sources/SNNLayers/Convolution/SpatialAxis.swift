import SNNCore

/// How a window that is moved along an axis meets its edges.
enum Padding: Sendable {
    /// The window stays inside.
    case valid
    /// As many zeros around that there are ceil(input / stride) places, an odd one at the end.
    case same
    /// Zeros before alone, so that a place sees nothing that comes later.
    case causal

    static let choices = ["valid", "same"]
    static let choicesOfSequences = ["valid", "same", "causal"]

    init(_ options: inout Configuration, choices: [String] = Padding.choices) throws(SNNError) {
        switch try options.choice("padding", default: "valid", among: choices) {
        case "same": self = .same
        case "causal": self = .causal
        default: self = .valid
        }
    }

    var json: JSON {
        switch self {
        case .valid: "valid"
        case .same: "same"
        case .causal: "causal"
        }
    }
}

/// A window that is moved along one axis: place o covers the inputs o * stride - before + j *
/// dilation, j = 0 ..< kernel, of which those outside of the input count as padding.
struct SpatialAxis: Sendable {
    let input: Int
    let kernel: Int
    let stride: Int
    let dilation: Int
    /// Places of padding before the input.
    let before: Int
    let output: Int

    /// What the axis is to a layer that has fewer of them.
    static let one = SpatialAxis(
        input: 1, kernel: 1, stride: 1, dilation: 1, before: 0, output: 1)

    init(input: Int, kernel: Int, stride: Int, dilation: Int, before: Int, output: Int) {
        self.input = input
        self.kernel = kernel
        self.stride = stride
        self.dilation = dilation
        self.before = before
        self.output = output
    }

    /// Keras's arithmetic. All numbers are at least 1 and below 2^31, `input` up to
    /// `Shape.maximumCount`. Throws where no window fits into the input.
    init(
        input: Int, kernel: Int, stride: Int, dilation: Int = 1, padding: Padding
    ) throws(SNNError) {
        let reach = (kernel - 1) * dilation + 1
        let output: Int
        var before = 0
        switch padding {
        case .same:
            output = (input - 1) / stride + 1
            before = max((output - 1) * stride + reach - input, 0) / 2
        case .causal:
            output = (input - 1) / stride + 1
            before = reach - 1
        case .valid:
            guard reach <= input else {
                throw SNNError(
                    .shape,
                    "expected an extent of at least \(reach) where a window of \(kernel)"
                        + (dilation > 1 ? " with dilation \(dilation)" : "")
                        + " is to fit without padding, received \(input)")
            }
            output = (input - reach) / stride + 1
        }
        self.init(
            input: input, kernel: kernel, stride: stride, dilation: dilation, before: before,
            output: output)
    }
}
