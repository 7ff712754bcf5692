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
        LayerKind("LayerNormalization") { (options) throws(SNNError) in
            try LayerNormalization(&options)
        },
        LayerKind("GroupNormalization") { (options) throws(SNNError) in
            try GroupNormalization(&options)
        },
        LayerKind("RMSNormalization") { (options) throws(SNNError) in
            try RMSNormalization(&options)
        },
        LayerKind("UnitNormalization") { (options) throws(SNNError) in
            try UnitNormalization(&options)
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
    ] + ShapeLayers.kinds + ConvolutionLayers.kinds + poolings, other: { HostLayers.kind($0) })

    /// Along one to three axes of places.
    private static var poolings: [LayerKind] {
        var kinds: [LayerKind] = []
        for axes in 1 ... 3 {
            for kind in [PoolingKind.maximum, .average] {
                kinds.append(
                    LayerKind.spatial("\(kind.name)Pooling\(axes)D") { (options) throws(SNNError) in
                        try Pooling(&options, kind, axes: axes)
                    })
                kinds.append(
                    LayerKind.spatial("Global\(kind.name)Pooling\(axes)D") { (options) throws(SNNError) in
                        try GlobalPooling(&options, kind, axes: axes)
                    })
            }
        }
        return kinds
    }
}
