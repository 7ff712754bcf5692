import SNNCore

extension SpatialAxis {
    /// The axis of the convolution that a transposed one on `input` places is the reverse of: its
    /// `output` is `input`, and its `input` what the transposed one gives (Keras's arithmetic, as
    /// TensorFlow's).
    ///
    /// - Parameter outputPadding: places more than the least, nil for Keras's default.
    init(
        transposing input: Int, kernel: Int, stride: Int, dilation: Int, padding: Padding,
        outputPadding: Int?
    ) throws(SNNError) {
        let reach = (kernel - 1) * dilation + 1
        guard reach <= Shape.maximumCount, input <= Shape.maximumCount / stride else {
            throw SNNError(
                .limit,
                "expected an extent that gives at most \(Shape.maximumCount) places, received "
                    + "\(input) with a window of \(reach) and stride \(stride)")
        }
        let whole = (input - 1) * stride + reach
        let result: Int
        switch (padding, outputPadding) {
        case (.same, nil): result = input * stride
        case (.same, let more?): result = whole - reach / 2 * 2 + more
        case (_, nil): result = input * stride + max(reach - stride, 0)
        case (_, let more?): result = whole + more
        }
        guard result >= 1 else {
            throw SNNError(
                .shape,
                "expected an extent that gives at least one place, received \(input) with a window "
                    + "of \(reach), which gives \(result)")
        }
        let before = padding == .same ? max(whole - result, 0) / 2 : 0
        self.init(
            input: result, kernel: kernel, stride: stride, dilation: dilation, before: before,
            output: input)
    }
}
