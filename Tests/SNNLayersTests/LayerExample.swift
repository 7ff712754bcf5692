import SNNCore
import SNNGraph
import SNNModelTestSupport
import SNNTestSupport
import Testing

/// A configuration of a layer that the conformance suite runs. A new layer needs one at least.
struct LayerExample: Sendable, CustomTestStringConvertible {
    let className: String
    /// JSON5.
    let config: String
    /// Shapes without the batch.
    let inputs: [[Int]]
    let output: [Int]
    /// Of the numbers; another one where the first stands at a kink.
    var seed: UInt64 = 1
    /// How many times more it loses to rounding than a sum does.
    var rounding = 1.0

    init(
        _ className: String, _ config: String = "{}", _ inputs: [[Int]], _ output: [Int],
        seed: UInt64 = 1, rounding: Double = 1
    ) {
        self.className = className
        self.config = config
        self.inputs = inputs
        self.output = output
        self.seed = seed
        self.rounding = rounding
    }

    var testDescription: String { "\(className) \(config) on \(inputs), seed \(seed)" }

    func network(isTrainable: Bool = true) throws -> Network {
        let network = try Network(
            name: "example",
            graph: oneLayerGraph(className, JSON.read(config), inputs: inputs, isBuried: true),
            seed: 11)
        network.scramble(seed: seed)
        if !isTrainable {
            for node in network.graph.nodes.indices { network.setTrainable(false, node: node) }
        }
        return network
    }

    /// Numbers for the inputs of a batch; twice them is what the layer sees.
    func inputRows(_ rows: Int) -> [[Float]] {
        inputs.enumerated().map { index, extents in
            numbersOffKinks(
                rows * extents.reduce(1, *), seed: seed &* 100 &+ UInt64(index)
            ).map { $0 / 2 }
        }
    }

    func cotangents(_ rows: Int) -> [[Float]] {
        [testNumbers(rows * output.reduce(1, *), seed: seed &+ 77)]
    }
}

extension LayerExample {
    /// Small ones: every gradient of each is compared with differences.
    static let all: [LayerExample] =
        shapeLayers + [
            LayerExample("InputLayer", "{shape: [3]}", [[3]], [3]),
            LayerExample("Conv1D", "{filters: 3, kernel_size: 2}", [[5, 2]], [4, 3]),
            LayerExample(
                "Conv1D",
                "{filters: 3, kernel_size: 3, padding: 'causal', dilation_rate: 2, activation: 'tanh'}",
                [[5, 2]], [5, 3]),
            LayerExample(
                "Conv1D", "{filters: 4, kernel_size: 1, groups: 2, use_bias: false}", [[3, 2]],
                [3, 4]),
            LayerExample("Conv2D", "{filters: 3, kernel_size: 1}", [[2, 3, 2]], [2, 3, 3]),
            LayerExample(
                "Conv2D",
                """
                {filters: 4, kernel_size: [3, 2], strides: 2, padding: 'same', groups: 2,
                 activation: 'gelu'}
                """, [[4, 5, 2]], [2, 3, 4]),
            LayerExample(
                "Conv2D", "{filters: 2, kernel_size: 2, dilation_rate: [2, 1], activation: 'relu'}",
                [[4, 3, 2]], [2, 2, 2]),
            // By Winograd's method, with tiles in part.
            LayerExample(
                "Conv2D", "{filters: 16, kernel_size: 3, padding: 'same', activation: 'sigmoid'}",
                [[4, 3, 16]], [4, 3, 16], rounding: 8),
            LayerExample(
                "Conv2D", "{filters: 16, kernel_size: 3, use_bias: false}", [[5, 5, 16]],
                [3, 3, 16], rounding: 100),
            LayerExample("DepthwiseConv1D", "{kernel_size: 2}", [[4, 3]], [3, 3]),
            LayerExample(
                "DepthwiseConv2D",
                "{kernel_size: [3, 2], padding: 'same', strides: 2, activation: 'tanh'}",
                [[4, 3, 5]], [2, 2, 5]),
            LayerExample(
                "DepthwiseConv2D",
                "{kernel_size: 2, depth_multiplier: 2, dilation_rate: 2, use_bias: false}",
                [[4, 3, 2]], [2, 1, 4]),
            LayerExample(
                "SeparableConv1D", "{filters: 3, kernel_size: 2, padding: 'same'}", [[4, 2]],
                [4, 3]),
            LayerExample(
                "SeparableConv2D",
                """
                {filters: 3, kernel_size: 3, padding: 'same', depth_multiplier: 2,
                 activation: 'gelu'}
                """, [[3, 2, 2]], [3, 2, 3]),
            LayerExample("Conv1DTranspose", "{filters: 3, kernel_size: 3, strides: 2}",
                [[3, 2]], [7, 3]),
            LayerExample(
                "Conv2DTranspose",
                "{filters: 3, kernel_size: [2, 3], strides: 2, padding: 'same', activation: 'tanh'}",
                [[2, 3, 2]], [4, 6, 3]),
            LayerExample(
                "Conv2DTranspose",
                """
                {filters: 2, kernel_size: 3, strides: 3, output_padding: 1, use_bias: false,
                 activation: 'gelu'}
                """, [[2, 1, 3]], [7, 4, 2]),
            LayerExample(
                "Conv3DTranspose", "{filters: 2, kernel_size: 1, strides: 2, padding: 'same'}",
                [[1, 2, 1, 2]], [2, 4, 2, 2]),
            LayerExample(
                "Conv3D", "{filters: 2, kernel_size: 2, padding: 'same', strides: [1, 2, 1]}",
                [[2, 3, 2, 2]], [2, 2, 2, 2]),
            LayerExample("Dense", "{units: 4}", [[5]], [4]),
            LayerExample("Dense", "{units: 1, use_bias: false}", [[3]], [1]),
            LayerExample("Dense", "{units: 19, activation: 'tanh'}", [[33]], [19]),
            LayerExample("Dense", "{units: 3, activation: 'sigmoid'}", [[2, 2, 4]], [2, 2, 3]),
            LayerExample("Dense", "{units: 4, activation: 'gelu'}", [[2, 3]], [2, 4]),
            LayerExample("Dense", "{units: 4, activation: 'softmax'}", [[3]], [4]),
            LayerExample("Dense", "{units: 6, activation: 'glu'}", [[2, 3]], [2, 3]),
            LayerExample(
                "Dense",
                """
                {units: 4, activation: 'tanh', kernel_regularizer: 'l2',
                 bias_regularizer: {class_name: 'L1L2', config: {l1: 0.1, l2: 0.3}},
                 activity_regularizer: {class_name: 'L2', config: {l2: 0.5}},
                 kernel_constraint: {class_name: 'MaxNorm', config: {max_value: 1, axis: [0, 1]}},
                 bias_constraint: 'non_neg'}
                """, [[2, 5]], [2, 4]),
            LayerExample(
                "Dense",
                """
                {units: 3, kernel_regularizer: {class_name: 'OrthogonalRegularizer',
                                                config: {factor: 2, mode: 'columns'}},
                 activity_regularizer: {class_name: 'OrthogonalRegularizer',
                                        config: {factor: 3, mode: 'rows'}},
                 kernel_constraint: {class_name: 'MinMaxNorm', config: {rate: 0.5}},
                 bias_constraint: {class_name: 'UnitNorm', config: {axis: null}}}
                """, [[4]], [3]),
            LayerExample(
                "BatchNormalization",
                """
                {gamma_regularizer: 'l2', beta_regularizer: 'l2', gamma_constraint: 'unit_norm',
                 beta_constraint: 'max_norm', activity_regularizer: 'l2'}
                """, [[4]], [4]),
            LayerExample("ReLU", "{activity_regularizer: 'l2'}", [[9]], [9]),
            LayerExample("Flatten", "{activity_regularizer: 'l2'}", [[2, 3]], [6]),
            LayerExample("BatchNormalization", "{}", [[4]], [4]),
            LayerExample("BatchNormalization", "{epsilon: 0.125, momentum: 0.5}", [[17]], [17]),
            LayerExample("BatchNormalization", "{center: false, axis: 2}", [[3, 2]], [3, 2]),
            LayerExample("BatchNormalization", "{scale: false}", [[2, 2, 3]], [2, 2, 3]),
            LayerExample("BatchNormalization", "{scale: false, center: false}", [[3]], [3]),
            LayerExample("Dropout", "{rate: 0.5}", [[7]], [7]),
            LayerExample("Dropout", "{rate: 0.25, seed: 3}", [[2, 9]], [2, 9]),
            LayerExample("Dropout", "{rate: 0}", [[3]], [3]),
            LayerExample("Dropout", "{rate: 1}", [[3]], [3]),
            LayerExample("Dropout", "{rate: 0.5, noise_shape: [null, 1, 4]}", [[3, 4]], [3, 4]),
            LayerExample("Dropout", "{rate: 0.5, noise_shape: [1, 3, 1]}", [[3, 4]], [3, 4]),
            LayerExample("GaussianNoise", "{stddev: 0.5}", [[7]], [7]),
            LayerExample("GaussianNoise", "{stddev: 0}", [[2, 3]], [2, 3]),
            LayerExample("GaussianDropout", "{rate: 0.5, seed: 2}", [[2, 9]], [2, 9]),
            LayerExample("GaussianDropout", "{rate: 0}", [[3]], [3]),
            LayerExample("AlphaDropout", "{rate: 0.25}", [[2, 9]], [2, 9]),
            LayerExample(
                "AlphaDropout", "{rate: 0.5, noise_shape: [null, 1, null], seed: 5}", [[3, 4]], [3, 4]),
            LayerExample("SpatialDropout1D", "{rate: 0.5}", [[3, 4]], [3, 4]),
            LayerExample("SpatialDropout2D", "{rate: 0.25}", [[2, 2, 5]], [2, 2, 5]),
            LayerExample("SpatialDropout3D", "{rate: 0.5, seed: 1}", [[2, 2, 1, 4]], [2, 2, 1, 4]),
            LayerExample("ActivityRegularization", "{l1: 0.25, l2: 0.5}", [[2, 3]], [2, 3]),
            LayerExample("ActivityRegularization", "{}", [[3]], [3]),
            LayerExample("Add", "{}", [[3], [3]], [3]),
            LayerExample("Add", "{}", [[2, 9], [2, 9], [2, 9], [2, 9]], [2, 9]),
            LayerExample("Concatenate", "{}", [[2], [3]], [5]),
            LayerExample("Concatenate", "{axis: 1}", [[2, 3], [1, 3], [3, 3]], [6, 3]),
            LayerExample("Concatenate", "{axis: -2}", [[2, 2, 3], [2, 1, 3]], [2, 3, 3]),
            LayerExample("Flatten", "{}", [[2, 3, 2]], [12]),
            LayerExample("Flatten", "{}", [[]], [1]),
            LayerExample("Flatten", "{data_format: 'channels_first'}", [[3, 2, 2]], [12]),
            LayerExample("Flatten", "{data_format: 'channels_first'}", [[3]], [3]),
            LayerExample(
                "SpatialDropout2D", "{rate: 0.5, data_format: 'channels_first'}", [[5, 2, 3]],
                [5, 2, 3]),
            LayerExample(
                "SpatialDropout3D", "{rate: 0.5, data_format: 'channels_first'}", [[4, 2, 1, 3]],
                [4, 2, 1, 3]),
            LayerExample("Permute", "{dims: [2, 1]}", [[3, 4]], [4, 3]),
            LayerExample("Permute", "{dims: [1, 2]}", [[3, 4]], [3, 4]),
            LayerExample("Permute", "{dims: [3, 1, 2]}", [[2, 3, 4]], [4, 2, 3]),
            LayerExample("Permute", "{dims: [2, 4, 1, 3]}", [[2, 3, 2, 3]], [3, 3, 2, 2]),
            LayerExample("Reshape", "{target_shape: [3, -1]}", [[2, 6]], [3, 4]),
            LayerExample("Reshape", "{target_shape: [6]}", [[2, 3]], [6]),
            LayerExample("Softmax", "{}", [[5]], [5]),
            LayerExample("Softmax", "{axis: 1}", [[3, 2]], [3, 2]),
            LayerExample("Softmax", "{axis: -2}", [[2, 3, 2]], [2, 3, 2]),
            LayerExample("ReLU", "{}", [[9]], [9]),
            LayerExample("ReLU", "{max_value: 2, negative_slope: 0.25}", [[17]], [17]),
            LayerExample("ReLU", "{max_value: 1.5, negative_slope: 0.5, threshold: 1}", [[17]], [17]),
            LayerExample("ReLU", "{threshold: 1}", [[17]], [17]),
            LayerExample("LeakyReLU", "{}", [[9]], [9]),
            LayerExample("LeakyReLU", "{negative_slope: -0.5}", [[9]], [9]),
            LayerExample("LeakyReLU", "{negative_slope: 0}", [[9]], [9]),
            LayerExample("Activation", "{activation: {class_name: 'Softmax', config: {axis: 1}}}",
                [[3, 2]], [3, 2]),
        ]
        // threshold must be told where it is; where sparsemax has kinks, depends on the others.
        + Activations.names.filter { $0 != "threshold" && $0 != "sparsemax" }.map {
            LayerExample("Activation", "{activation: '\($0)'}", [[2, 6]], [2, $0 == "glu" ? 3 : 6])
        } + [
            LayerExample(
                "Activation",
                """
                {activation: {class_name: 'threshold', config: {threshold: 1, default_value: 0.5}}}
                """, [[6]], [6]),
            LayerExample("Activation", "{activation: 'sparsemax'}", [[4]], [4], seed: 1),
            LayerExample("Activation", "{activation: 'sparsemax'}", [[4]], [4], seed: 3),
            LayerExample("Activation", "{activation: 'sparsemax'}", [[4]], [4], seed: 4),
            LayerExample("Activation", "{activation: 'sparsemax'}", [[4]], [4], seed: 5),
        ] + normalizations + poolings

    /// One of each kind, with rows enough for the work to be cut into several pieces.
    static let large: [(example: LayerExample, rows: Int)] = largeShapeLayers + [
        (LayerExample("InputLayer", "{shape: [3]}", [[3]], [3]), 5),
        (LayerExample("Conv1D", "{filters: 24, kernel_size: 5}", [[104, 20]], [100, 24]), 20),
        (LayerExample(
            "Conv2D", "{filters: 40, kernel_size: 3, strides: 2, padding: 'same'}", [[20, 20, 12]],
            [10, 10, 40]), 30),
        (LayerExample("Conv2D", "{filters: 96, kernel_size: 1}", [[9, 9, 24]], [9, 9, 96]), 10),
        (LayerExample("DepthwiseConv1D", "{kernel_size: 5}", [[104, 40]], [100, 40]), 60),
        (LayerExample(
            "DepthwiseConv2D", "{kernel_size: 3, strides: 2, padding: 'same'}", [[20, 20, 40]],
            [10, 10, 40]), 50),
        (LayerExample("SeparableConv1D", "{filters: 50, kernel_size: 5}", [[54, 40]], [50, 50]),
            20),
        (LayerExample(
            "SeparableConv2D", "{filters: 50, kernel_size: 3, padding: 'same'}", [[10, 10, 40]],
            [10, 10, 50]), 20),
        (LayerExample(
            "Conv1DTranspose", "{filters: 24, kernel_size: 4, strides: 2}", [[50, 20]],
            [102, 24]), 20),
        (LayerExample(
            "Conv2DTranspose", "{filters: 24, kernel_size: 4, strides: 2, padding: 'same'}",
            [[10, 10, 20]], [20, 20, 24]), 20),
        (LayerExample(
            "Conv3DTranspose", "{filters: 9, kernel_size: 2, strides: 2}", [[3, 4, 5, 20]],
            [6, 8, 10, 9]), 20),
        // By Winograd's method, with all of the tiles and some channels to each thread too.
        (LayerExample(
            "Conv2D", "{filters: 32, kernel_size: 3, padding: 'same'}", [[11, 14, 16]],
            [11, 14, 32]), 30),
        (LayerExample(
            "Conv2D", "{filters: 128, kernel_size: 3, padding: 'same'}", [[14, 14, 64]],
            [14, 14, 128]), 3),
        (LayerExample(
            "Conv3D", "{filters: 20, kernel_size: 3}", [[6, 7, 8, 9]], [4, 5, 6, 20]), 10),
        (LayerExample("Dense", "{units: 70, activation: 'gelu'}", [[67]], [70]), 260),
        (LayerExample(
            "Dense",
            """
            {units: 300, kernel_regularizer: 'l1_l2', bias_regularizer: 'l1',
             activity_regularizer: 'l1'}
            """, [[310]], [300]), 260),
        // Cut along the columns.
        (LayerExample("Dense", "{units: 900}", [[900]], [900]), 3),
        (LayerExample("BatchNormalization", "{}", [[9, 50]], [9, 50]), 700),
        (LayerExample("Dropout", "{rate: 0.3}", [[101]], [101]), 500),
        (LayerExample("GaussianNoise", "{stddev: 0.3}", [[101]], [101]), 500),
        (LayerExample("GaussianDropout", "{rate: 0.3}", [[101]], [101]), 500),
        (LayerExample("AlphaDropout", "{rate: 0.3}", [[301]], [301]), 1000),
        (LayerExample("SpatialDropout1D", "{rate: 0.3}", [[11, 50]], [11, 50]), 500),
        (LayerExample("SpatialDropout2D", "{rate: 0.3}", [[3, 5, 30]], [3, 5, 30]), 500),
        (LayerExample("SpatialDropout3D", "{rate: 0.3}", [[3, 2, 3, 30]], [3, 2, 3, 30]), 500),
        (LayerExample("ActivityRegularization", "{l1: 0.1, l2: 0.1}", [[301]], [301]), 1000),
        (LayerExample("Add", "{}", [[301], [301], [301]], [301]), 1500),
        (LayerExample("Concatenate", "{}", [[30], [7]], [37]), 500),
        (LayerExample("Flatten", "{}", [[3, 5]], [15]), 50),
        (LayerExample(
            "Flatten", "{data_format: 'channels_first'}", [[19, 17, 5]], [19 * 17 * 5]), 400),
        (LayerExample(
            "SpatialDropout2D", "{rate: 0.3, data_format: 'channels_first'}", [[30, 7, 5]],
            [30, 7, 5]), 500),
        (LayerExample("Permute", "{dims: [2, 1]}", [[50, 37]], [37, 50]), 300),
        (LayerExample("Reshape", "{target_shape: [-1]}", [[3, 5]], [15]), 50),
        (LayerExample("Softmax", "{axis: 1}", [[31, 3]], [31, 3]), 400),
        (LayerExample("ReLU", "{max_value: 2}", [[401]], [401]), 1200),
        (LayerExample("LeakyReLU", "{}", [[401]], [401]), 1200),
        (LayerExample("Activation", "{activation: 'tanh'}", [[401]], [401]), 120),
        (LayerExample("Activation", "{activation: 'glu'}", [[402]], [201]), 120),
        (LayerExample("Activation", "{activation: 'sparsemax'}", [[31]], [31]), 1200),
    ] + largeNormalizations + largePoolings
}
