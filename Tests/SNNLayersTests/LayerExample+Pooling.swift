extension LayerExample {
    static let poolings: [LayerExample] = [
        // Off their kinks: no other number in a window is as large as the largest.
        LayerExample("MaxPooling1D", "{}", [[6, 2]], [3, 2], seed: 5),
        LayerExample("MaxPooling1D", "{pool_size: 3, strides: 1}", [[5, 1]], [3, 1], seed: 5),
        LayerExample("MaxPooling2D", "{}", [[3, 4, 2]], [1, 2, 2], seed: 5),
        LayerExample(
            "MaxPooling2D", "{pool_size: [2, 3], strides: [1, 2], padding: 'same'}", [[3, 4, 1]],
            [3, 2, 1], seed: 9),
        LayerExample("MaxPooling3D", "{padding: 'same'}", [[2, 3, 2, 1]], [1, 2, 1, 1], seed: 7),
        LayerExample("AveragePooling1D", "{pool_size: 2}", [[5, 3]], [2, 3]),
        LayerExample(
            "AveragePooling1D", "{pool_size: 3, strides: 2, padding: 'same'}", [[4, 17]], [2, 17]),
        LayerExample("AveragePooling2D", "{pool_size: [3, 2], strides: 1}", [[4, 3, 2]], [2, 2, 2]),
        LayerExample(
            "AveragePooling2D", "{pool_size: 2, strides: 3, padding: 'same'}", [[4, 5, 2]],
            [2, 2, 2]),
        LayerExample(
            "AveragePooling3D", "{pool_size: 2, strides: 1, padding: 'same'}", [[2, 3, 2, 2]],
            [2, 3, 2, 2]),
        LayerExample("GlobalMaxPooling1D", "{}", [[3, 2]], [2], seed: 1),
        LayerExample("GlobalMaxPooling2D", "{keepdims: true}", [[2, 2, 2]], [1, 1, 2], seed: 1),
        LayerExample("GlobalMaxPooling3D", "{}", [[2, 1, 2, 1]], [1], seed: 1),
        LayerExample("GlobalAveragePooling1D", "{}", [[3, 4]], [4]),
        LayerExample("GlobalAveragePooling1D", "{keepdims: true}", [[300, 1]], [1, 1]),
        LayerExample("GlobalAveragePooling2D", "{}", [[2, 3, 19]], [19]),
        LayerExample("GlobalAveragePooling3D", "{keepdims: true}", [[2, 1, 2, 3]], [1, 1, 1, 3]),
    ]

    static let largePoolings: [(example: LayerExample, rows: Int)] =
        ["Max", "Average"].flatMap { kind in
            [
                (LayerExample("\(kind)Pooling1D", "{pool_size: 3}", [[60, 21]], [20, 21]), 300),
                (LayerExample(
                    "\(kind)Pooling2D", "{pool_size: 3, strides: 2, padding: 'same'}",
                    [[33, 32, 21]], [17, 16, 21]), 40),
                (LayerExample(
                    "\(kind)Pooling3D", "{pool_size: 2, strides: 1}", [[5, 9, 9, 21]],
                    [4, 8, 8, 21]), 40),
                (LayerExample("Global\(kind)Pooling1D", "{}", [[60, 21]], [21]), 900),
                (LayerExample("Global\(kind)Pooling2D", "{}", [[30, 20, 21]], [21]), 90),
                (LayerExample("Global\(kind)Pooling3D", "{}", [[5, 10, 9, 21]], [21]), 90),
            ]
        }
}
