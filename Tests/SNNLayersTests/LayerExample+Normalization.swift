extension LayerExample {
    static let normalizations: [LayerExample] = [
        LayerExample("LayerNormalization", "{}", [[5]], [5]),
        LayerExample("LayerNormalization", "{epsilon: 0.125, center: false}", [[2, 19]], [2, 19]),
        LayerExample("LayerNormalization", "{scale: false, axis: 2}", [[3, 4]], [3, 4]),
        LayerExample("LayerNormalization", "{scale: false, center: false}", [[67]], [67]),
        LayerExample("LayerNormalization", "{axis: [-1, -2]}", [[2, 3, 3]], [2, 3, 3]),
        LayerExample("LayerNormalization", "{axis: [2, 1]}", [[2, 3]], [2, 3]),
        LayerExample(
            "LayerNormalization",
            """
            {gamma_regularizer: 'l2', beta_regularizer: 'l2', gamma_constraint: 'unit_norm',
             beta_constraint: 'max_norm', activity_regularizer: 'l2', gamma_initializer: 'zeros'}
            """, [[4]], [4]),
        LayerExample("GroupNormalization", "{groups: 2}", [[6]], [6]),
        LayerExample("GroupNormalization", "{groups: 3, epsilon: 0.125}", [[2, 6]], [2, 6]),
        LayerExample("GroupNormalization", "{groups: -1, axis: 3}", [[2, 3, 2]], [2, 3, 2]),
        LayerExample("GroupNormalization", "{groups: 1, center: false}", [[2, 2, 4]], [2, 2, 4]),
        LayerExample("GroupNormalization", "{groups: 2, scale: false}", [[3, 4]], [3, 4]),
        LayerExample(
            "GroupNormalization", "{groups: 2, scale: false, center: false}", [[3, 4]], [3, 4]),
        LayerExample("RMSNormalization", "{}", [[5]], [5]),
        LayerExample("RMSNormalization", "{axis: [1, 2], epsilon: 0.125}", [[2, 17]], [2, 17]),
        LayerExample("UnitNormalization", "{}", [[5]], [5]),
        LayerExample("UnitNormalization", "{axis: [-2, -1]}", [[2, 9]], [2, 9]),
    ]

    static let largeNormalizations: [(example: LayerExample, rows: Int)] = [
        (LayerExample("LayerNormalization", "{}", [[9, 50]], [9, 50]), 700),
        (LayerExample("GroupNormalization", "{groups: 5}", [[300, 20]], [300, 20]), 40),
        (LayerExample("RMSNormalization", "{}", [[9, 50]], [9, 50]), 700),
        (LayerExample("UnitNormalization", "{}", [[9, 50]], [9, 50]), 700),
    ]
}
