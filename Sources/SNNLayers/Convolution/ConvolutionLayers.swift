import SNNCore
import SNNGraph

/// The rows of the convolutions in the registry.
enum ConvolutionLayers {
    static var kinds: [LayerKind] {
        var kinds: [LayerKind] = []
        // In a loop, so that each is there once and not for each number of axes.
        for axes in 1 ... 3 {
            kinds.append(
                LayerKind.spatial("Conv\(axes)D") { (options) throws(SNNError) in
                    try Convolution(&options, axes: axes)
                })
            kinds.append(
                LayerKind.spatial("Conv\(axes)DTranspose") { (options) throws(SNNError) in
                    try ConvTranspose(&options, axes: axes)
                })
            guard axes < 3 else { continue }
            kinds.append(
                LayerKind.spatial("DepthwiseConv\(axes)D") { (options) throws(SNNError) in
                    try DepthwiseConv(&options, axes: axes)
                })
            kinds.append(
                LayerKind.spatial("SeparableConv\(axes)D") { (options) throws(SNNError) in
                    try SeparableConv(&options, axes: axes)
                })
        }
        return kinds
    }
}
