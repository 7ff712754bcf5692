import CKernels
import SNNCore

/// What a convolution does to a sample of [depth, height, width, channels]; with fewer axes the
/// outer ones are 1. Its kernel is [depth, height, width, channels / groups, filters].
struct ConvolutionGeometry: Sendable {
    let depth: SpatialAxis
    let height: SpatialAxis
    let width: SpatialAxis
    let channels: Int
    let filters: Int
    let groups: Int

    /// - Parameter axes: one to three, outermost first.
    init(_ axes: [SpatialAxis], channels: Int, filters: Int, groups: Int) {
        let missing = [SpatialAxis](repeating: .one, count: 3 - axes.count)
        let axes = missing + axes
        (depth, height, width) = (axes[0], axes[1], axes[2])
        self.channels = channels
        self.filters = filters
        self.groups = groups
    }

    /// Places of the kernel.
    var taps: Int { depth.kernel * height.kernel * width.kernel }
    /// Numbers that an output is a sum of.
    var reach: Int { taps * groupChannels }
    var groupChannels: Int { channels / groups }
    var groupFilters: Int { filters / groups }
    /// Places of a sample.
    var inputPlaces: Int { depth.input * height.input * width.input }
    var outputPlaces: Int { depth.output * height.output * width.output }
    var kernelCount: Int { reach * filters }

    /// Whether each place of the output reads that place of the input alone.
    var isPointwise: Bool {
        taps == 1 && inputPlaces == outputPlaces && depth.before == 0 && height.before == 0
            && width.before == 0
    }

    /// Extents along the innermost `axes` axes.
    func inputExtents(_ axes: Int) -> [Int] {
        Array([depth.input, height.input, width.input].suffix(axes))
    }

    func outputExtents(_ axes: Int) -> [Int] {
        Array([depth.output, height.output, width.output].suffix(axes))
    }

    /// For kernels: the channels of one group.
    var window: snnk_window {
        snnk_window(
            depth: depth.window, height: height.window, width: width.window,
            channels: Int64(channels), taken: Int64(groupChannels))
    }
}

extension SpatialAxis {
    var window: snnk_window_axis {
        snnk_window_axis(
            input: Int64(input), kernel: Int64(kernel), stride: Int64(stride),
            dilation: Int64(dilation), before: Int64(before), output: Int64(output))
    }
}
