import Foundation
import SNNCheckpoint
import SNNCore
import SNNGraph
import SNNKernels
import SNNLayers
import SNNTestSupport

/// Models in Keras's JSON, small and with something of every kind.
enum TestModel: String, CaseIterable, Sendable {
    case sequential = """
        {class_name: 'Sequential', config: {name: 'plain', layers: [
          {class_name: 'InputLayer', config: {name: 'x', shape: [2, 3]}},
          {class_name: 'Flatten', config: {name: 'flat'}},
          {class_name: 'Dense', config: {name: 'dense', units: 4, activation: 'gelu'}},
          {class_name: 'BatchNormalization', config: {name: 'norm'}},
          {class_name: 'LeakyReLU', config: {name: 'leaky', negative_slope: 0.125}},
          {class_name: 'Dropout', config: {name: 'drop', rate: 0.25}},
          {class_name: 'Dense', config: {name: 'out', units: 3, use_bias: false,
            activation: 'softmax'}}]}}
        """
    /// A residual block, one layer frozen.
    case residual = """
        {class_name: 'Functional', config: {name: 'residual', layers: [
          {class_name: 'InputLayer', name: 'x', config: {name: 'x', shape: [5]},
            inbound_nodes: []},
          {class_name: 'Dense', name: 'stem', config: {name: 'stem', units: 5, trainable: false},
            inbound_nodes: [[['x', 0, 0, {}]]]},
          {class_name: 'BatchNormalization', name: 'norm', config: {name: 'norm',
            trainable: false}, inbound_nodes: [[['stem', 0, 0, {}]]]},
          {class_name: 'Activation', name: 'relu', config: {name: 'relu', activation: 'relu'},
            inbound_nodes: [[['norm', 0, 0, {}]]]},
          {class_name: 'Add', name: 'add', config: {name: 'add'},
            inbound_nodes: [[['relu', 0, 0, {}], ['x', 0, 0, {}]]]},
          {class_name: 'Dense', name: 'y', config: {name: 'y', units: 2},
            inbound_nodes: [[['add', 0, 0, {}]]]}],
          input_layers: ['x', 0, 0], output_layers: ['y', 0, 0]}}
        """
    /// A shared layer, two inputs in another order than their layers, two outputs.
    case shared = """
        {class_name: 'Functional', config: {name: 'twins', layers: [
          {class_name: 'InputLayer', name: 'left', config: {name: 'left', shape: [4]},
            inbound_nodes: []},
          {class_name: 'InputLayer', name: 'right', config: {name: 'right', shape: [4]},
            inbound_nodes: []},
          {class_name: 'Dense', name: 'encoder', config: {name: 'encoder', units: 3,
            activation: {class_name: 'LeakyReLU', config: {negative_slope: 0.1}}},
            inbound_nodes: [[['left', 0, 0, {}]], [['right', 0, 0, {}]]]},
          {class_name: 'Concatenate', name: 'both', config: {name: 'both'},
            inbound_nodes: [[['encoder', 0, 0, {}], ['encoder', 1, 0, {}]]]},
          {class_name: 'Dense', name: 'kind', config: {name: 'kind', units: 3,
            activation: 'softmax'}, inbound_nodes: [[['both', 0, 0, {}]]]},
          {class_name: 'Dense', name: 'amount', config: {name: 'amount', units: 1,
            activation: 'tanh'}, inbound_nodes: [[['encoder', 1, 0, {}]]]}],
          input_layers: [['right', 0, 0], ['left', 0, 0]],
          output_layers: [['amount', 0, 0], ['kind', 0, 0]]}}
        """

    /// With weights that differ everywhere, among them NaN and -0 where `isOdd`.
    func network(seed: UInt64 = 7, isOdd: Bool = false) throws -> Network {
        let network = try network(of: rawValue, seed: seed)
        for (place, variable) in network.graph.variables.enumerated() {
            let values = network.values(of: variable)
            for index in values.indices {
                let angle = Double(place * 31 + index) * 0.7 + Double(seed)
                let isVariance = variable.name.hasSuffix("variance")
                values[index] = Float(sin(angle)) * 0.5 + (isVariance ? 1 : 0)
            }
            if isOdd { values[0] = place % 2 == 0 ? -0.0 : Float(bitPattern: 0x7fc1_2345) }
        }
        return network
    }

    func network(of text: String, seed: UInt64 = 7) throws -> Network {
        let model = try KerasModel(JSON.read(text), registry: .all)
        return try Network(name: model.name, graph: model.graph, seed: seed)
    }
}

func readModel(_ image: FileImage, allowsForeign: Bool = false) throws -> ModelFile.Contents {
    try ModelFile.read(image, registry: .all, allowsForeign: allowsForeign, seed: 99)
}

extension Network {
    /// The bits of every variable by name.
    var bits: [String: [UInt32]] {
        var bits: [String: [UInt32]] = [:]
        for variable in graph.variables {
            bits[variable.name] = values(of: variable).map(\.bitPattern)
        }
        return bits
    }

    /// What the model gives for inputs of `rows` rows.
    func predict(_ inputs: [[Float]], rows: Int) throws -> [[Float]] {
        let executor = try Executor(
            .inference(of: graph), of: self, capacity: rows, workers: Workers(threads: 1),
            kernels: InstructionSet.base.kernels)
        let buffers = try inputs.map { input in
            let buffer = try Buffer<Float>(count: input.count)
            for (index, value) in input.enumerated() { buffer.pointer[index] = value }
            return buffer
        }
        for (index, buffer) in buffers.enumerated() {
            executor.bindInput(index, to: buffer.pointer)
        }
        try executor.forward(rows: rows)
        return withExtendedLifetime(buffers) {
            executor.plan.outputShapes.enumerated().map { index, shape in
                Array(
                    UnsafeBufferPointer(start: executor.output(index), count: rows * shape.count))
            }
        }
    }

    /// Inputs of `rows` rows for this model.
    func someInputs(rows: Int) -> [[Float]] {
        graph.inputs.enumerated().map { place, tensor in
            (0..<rows * graph.tensors[tensor].shape.count).map {
                Float(cos(Double($0 * 3 + place)))
            }
        }
    }
}
