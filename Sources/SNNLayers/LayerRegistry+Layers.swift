import SNNCore
import SNNGraph

extension LayerRegistry {
    /// Every layer of the library, and the host's.
    ///
    /// Not inlined: the rows would be there once for each use.
    package static var all: LayerRegistry {
        @inline(never) get { rows }
    }

    /// One row each.
    private static let rows = LayerRegistry([
        LayerKind("InputLayer") { (options) throws(SNNError) in try InputLayer(&options) },
        LayerKind("Dense") { (options) throws(SNNError) in try Dense(&options) },
        LayerKind("Activation", make: ActivationLayer.named),
        LayerKind("BatchNormalization") { (options) throws(SNNError) in
            try BatchNormalization(&options)
        },
        LayerKind("Dropout") { (options) throws(SNNError) in try Dropout(&options) },
        LayerKind("GaussianNoise") { (options) throws(SNNError) in try GaussianNoise(&options) },
        LayerKind("GaussianDropout") { (options) throws(SNNError) in
            try GaussianDropout(&options)
        },
        LayerKind("AlphaDropout") { (options) throws(SNNError) in try AlphaDropout(&options) },
        LayerKind("SpatialDropout1D") { (options) throws(SNNError) in
            try SpatialDropout(&options, axes: 1)
        },
        LayerKind.spatial("SpatialDropout2D") { (options) throws(SNNError) in
            try SpatialDropout(&options, axes: 2)
        },
        LayerKind.spatial("SpatialDropout3D") { (options) throws(SNNError) in
            try SpatialDropout(&options, axes: 3)
        },
        LayerKind("ActivityRegularization") { (options) throws(SNNError) in
            try ActivityRegularization(&options)
        },
        LayerKind("Dot") { (options) throws(SNNError) in try Dot(&options) },
        LayerKind("Concatenate") { (options) throws(SNNError) in try Concatenate(&options) },
        LayerKind.spatial("Flatten") { (_) throws(SNNError) in Flatten() },
        LayerKind("Reshape") { (options) throws(SNNError) in try Reshape(&options) },
        LayerKind("Softmax", make: ActivationLayer.softmax),
        LayerKind("ReLU", make: ActivationLayer.rectifier),
        LayerKind("LeakyReLU", make: ActivationLayer.leakyRectifier),
        LayerKind("ELU", make: ActivationLayer.exponentialLinear),
        LayerKind("PReLU") { (options) throws(SNNError) in try PReLU(&options) },
    ] + ShapeLayers.kinds + ConvolutionLayers.kinds, other: { HostLayers.kind($0) })
}
