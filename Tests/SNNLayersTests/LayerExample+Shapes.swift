/// Layers that merge, move, repeat and rescale.
extension LayerExample {
    private static let first = "data_format: 'channels_first'"

    static let shapeLayers: [LayerExample] =
        ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"].flatMap { name in
            [
                LayerExample(name, "{}", [[9], [9]], [9]),
                LayerExample(name, "{}", [[2, 3], [3]], [2, 3], seed: 2),
                LayerExample(name, "{}", [[1, 3], [2, 1]], [2, 3], seed: 3),
                LayerExample(name, "{}", [[2, 1, 3], [2, 2, 1]], [2, 2, 3], seed: 4),
                LayerExample(name, "{}", [[1], [2, 2]], [2, 2], seed: 6),
            ]
        }
        + ["Add", "Multiply", "Average", "Maximum", "Minimum"].map { name in
            LayerExample(name, "{}", [[7], [7], [7]], [7], seed: 7)
        }
        + [
            LayerExample("Add", "{}", [[2, 3], [1, 3], [2, 1], [1]], [2, 3], seed: 8),
            LayerExample("Multiply", "{}", [[2, 3], [1, 3], [2, 1], [1]], [2, 3], seed: 8),
            LayerExample("Average", "{}", [[2, 3], [1, 3], [2, 1], [1]], [2, 3], seed: 8),
            // Numbers that are equal are a kink, which the seeds go round.
            LayerExample("Maximum", "{}", [[2, 2], [1, 2], [2, 1]], [2, 2], seed: 10),
            LayerExample("Minimum", "{}", [[2, 2], [1, 2], [2, 1]], [2, 2], seed: 11),
            LayerExample("ELU", "{}", [[9]], [9]),
            LayerExample("ELU", "{alpha: 0.25}", [[9]], [9]),
            LayerExample("PReLU", "{}", [[9]], [9]),
            LayerExample("PReLU", "{shared_axes: [1, 2]}", [[2, 3, 4]], [2, 3, 4]),
            LayerExample("PReLU", "{shared_axes: [2]}", [[2, 3, 2]], [2, 3, 2]),
            LayerExample("PReLU", "{shared_axes: [1, 3]}", [[2, 3, 2]], [2, 3, 2]),
            LayerExample("PReLU", "{shared_axes: 1}", [[5]], [5]),
            LayerExample(
                "PReLU",
                """
                {alpha_initializer: 'ones', alpha_regularizer: 'l2', alpha_constraint: 'non_neg',
                 activity_regularizer: 'l2'}
                """, [[3]], [3]),
            LayerExample("RepeatVector", "{n: 3}", [[4]], [3, 4]),
            LayerExample("RepeatVector", "{n: 1}", [[4]], [1, 4]),
            LayerExample("ZeroPadding1D", "{}", [[3, 2]], [5, 2]),
            LayerExample("ZeroPadding1D", "{padding: [0, 2]}", [[3, 2]], [5, 2]),
            LayerExample("ZeroPadding1D", "{padding: 1, \(first)}", [[2, 3]], [2, 5]),
            LayerExample("ZeroPadding2D", "{}", [[2, 3, 2]], [4, 5, 2]),
            LayerExample("ZeroPadding2D", "{padding: [1, 0]}", [[2, 3, 1]], [4, 3, 1]),
            LayerExample("ZeroPadding2D", "{padding: [[1, 0], [2, 1]]}", [[2, 2, 3]], [3, 5, 3]),
            LayerExample("ZeroPadding2D", "{padding: 0}", [[2, 2, 3]], [2, 2, 3]),
            LayerExample(
                "ZeroPadding2D", "{padding: [[1, 0], [2, 1]], \(first)}", [[3, 2, 2]], [3, 3, 5]),
            LayerExample(
                "ZeroPadding3D", "{padding: [1, [0, 1], [2, 0]]}", [[1, 2, 2, 2]], [3, 3, 4, 2]),
            LayerExample("Cropping1D", "{}", [[4, 2]], [2, 2]),
            LayerExample("Cropping1D", "{cropping: [0, 3]}", [[4, 3]], [1, 3]),
            LayerExample("Cropping2D", "{}", [[2, 3, 2]], [2, 3, 2]),
            LayerExample("Cropping2D", "{cropping: [[1, 0], [2, 1]]}", [[3, 5, 2]], [2, 2, 2]),
            LayerExample(
                "Cropping2D", "{cropping: [[1, 0], [2, 1]], \(first)}", [[2, 3, 5]], [2, 2, 2]),
            LayerExample("Cropping3D", "{}", [[3, 3, 4, 2]], [1, 1, 2, 2]),
            LayerExample("UpSampling1D", "{}", [[3, 2]], [6, 2]),
            LayerExample("UpSampling1D", "{size: 3}", [[2, 1]], [6, 1]),
            LayerExample("UpSampling2D", "{}", [[2, 3, 2]], [4, 6, 2]),
            LayerExample("UpSampling2D", "{size: [3, 1]}", [[2, 2, 3]], [6, 2, 3]),
            LayerExample("UpSampling2D", "{size: 1}", [[2, 2, 3]], [2, 2, 3]),
            LayerExample("UpSampling2D", "{size: [2, 3], \(first)}", [[2, 2, 2]], [2, 4, 6]),
            LayerExample(
                "UpSampling2D", "{interpolation: 'bilinear'}", [[2, 3, 2]], [4, 6, 2]),
            LayerExample(
                "UpSampling2D", "{size: [3, 2], interpolation: 'bilinear', \(first)}", [[2, 3, 2]],
                [2, 9, 4]),
            LayerExample(
                "UpSampling2D", "{size: [1, 4], interpolation: 'bilinear'}", [[2, 1, 3]], [2, 4, 3]),
            LayerExample("UpSampling3D", "{size: [2, 1, 3]}", [[1, 2, 2, 2]], [2, 2, 6, 2]),
            LayerExample("Rescaling", "{scale: 0.5, offset: -1}", [[7]], [7]),
            LayerExample("Rescaling", "{scale: [1, 2, -3]}", [[2, 3]], [2, 3]),
            LayerExample("Rescaling", "{scale: 2, offset: [1, 2, 3]}", [[2, 2, 3]], [2, 2, 3]),
            LayerExample("Rescaling", "{scale: 2}", [[]], []),
            LayerExample("Normalization", "{}", [[5]], [5]),
            LayerExample("Normalization", "{axis: null}", [[2, 3]], [2, 3]),
            LayerExample("Normalization", "{axis: 1, invert: true}", [[3, 2]], [3, 2]),
            LayerExample("Normalization", "{axis: [1, -1]}", [[2, 3, 2]], [2, 3, 2]),
            LayerExample("Normalization", "{mean: 1, variance: 4}", [[3]], [3]),
            LayerExample(
                "Normalization", "{axis: 2, mean: [1, 2], variance: [4, 0.25], invert: true}",
                [[3, 2]], [3, 2]),
            LayerExample(
                "Normalization", "{axis: 1, mean: [1, 2], variance: [4, 0.25]}", [[2, 3]], [2, 3]),
            LayerExample("Dot", "{axes: 1}", [[5], [5]], [1]),
            LayerExample("Dot", "{axes: -1, normalize: true}", [[5], [5]], [1]),
            LayerExample("Dot", "{axes: [1, 2]}", [[3, 2], [4, 3]], [2, 4]),
            LayerExample("Dot", "{axes: [2, 1], normalize: true}", [[2, 3], [3]], [2]),
            LayerExample("Dot", "{axes: [1, 3]}", [[3, 2, 2], [2, 1, 3]], [2, 2, 2, 1]),
        ]

    static let largeShapeLayers: [(example: LayerExample, rows: Int)] = [
        (LayerExample("Subtract", "{}", [[301], [301]], [301]), 1500),
        (LayerExample("Multiply", "{}", [[11, 30], [30]], [11, 30]), 700),
        (LayerExample("Average", "{}", [[11, 30], [11, 1], [11, 30]], [11, 30]), 700),
        (LayerExample("Maximum", "{}", [[301], [301]], [301]), 1500),
        (LayerExample("Minimum", "{}", [[301], [301], [301]], [301]), 1500),
        (LayerExample("Dot", "{axes: 2, normalize: true}", [[9, 40], [7, 40]], [9, 7]), 300),
        (LayerExample("ELU", "{}", [[401]], [401]), 200),
        (LayerExample("PReLU", "{shared_axes: [1]}", [[9, 50]], [9, 50]), 700),
        (LayerExample("PReLU", "{shared_axes: [2]}", [[9, 50]], [9, 50]), 700),
        (LayerExample("RepeatVector", "{n: 9}", [[50]], [9, 50]), 500),
        (LayerExample("ZeroPadding1D", "{}", [[9, 50]], [11, 50]), 500),
        (LayerExample("ZeroPadding2D", "{}", [[9, 5, 20]], [11, 7, 20]), 500),
        (LayerExample("ZeroPadding3D", "{}", [[2, 3, 5, 20]], [4, 5, 7, 20]), 200),
        (LayerExample("Cropping1D", "{}", [[11, 50]], [9, 50]), 500),
        (LayerExample("Cropping2D", "{cropping: 1}", [[11, 7, 20]], [9, 5, 20]), 500),
        (LayerExample("Cropping3D", "{}", [[4, 5, 7, 20]], [2, 3, 5, 20]), 200),
        (LayerExample("UpSampling1D", "{}", [[9, 50]], [18, 50]), 400),
        (LayerExample("UpSampling2D", "{}", [[7, 5, 20]], [14, 10, 20]), 200),
        (LayerExample(
            "UpSampling2D", "{interpolation: 'bilinear'}", [[7, 5, 20]], [14, 10, 20]), 200),
        (LayerExample("UpSampling3D", "{}", [[2, 3, 5, 10]], [4, 6, 10, 10]), 200),
        (LayerExample("Rescaling", "{scale: [2, 3, 4]}", [[100, 3]], [100, 3]), 1000),
        (LayerExample("Normalization", "{axis: 1}", [[10, 30]], [10, 30]), 1000),
    ]
}
