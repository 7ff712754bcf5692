import SNNCore

// A pooling's window is a convolution's that all channels pass one by one.
extension ConvolutionGeometry {
    init(pooling axes: [SpatialAxis], channels: Int) {
        self.init(axes, channels: channels, filters: channels, groups: 1)
    }

    /// A window that covers all places.
    init(poolingAllOf input: Shape) {
        let axes = (0 ..< input.rank - 1).map { axis in
            SpatialAxis(
                input: input[axis], kernel: input[axis], stride: 1, dilation: 1, before: 0,
                output: 1)
        }
        self.init(pooling: axes, channels: input.last)
    }

    /// Lines along the width in a sample.
    var inputLines: Int { depth.input * height.input }
    var outputLines: Int { depth.output * height.output }

    /// About how many places of the input one of the output covers.
    var places: Int {
        min(depth.kernel, depth.input) * min(height.kernel, height.input)
            * min(width.kernel, width.input)
    }

    /// Throws where numbers of places take more than 32 bits.
    func checkPlaces() throws(SNNError) {
        guard inputPlaces <= Int(UInt32.max) else {
            throw SNNError(
                .limit, "expected at most 4294967295 places to pool, received \(inputPlaces)")
        }
    }
}
