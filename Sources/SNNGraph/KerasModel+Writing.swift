import SNNCore

/// A model's architecture as Keras's `model_config` JSON.
///
/// Written is the form that Keras 3 and Keras 2 both read; both forms are read.
package struct KerasModel {
    package let name: String
    package let graph: Graph
    package let isTrainable: Bool

    package init(name: String, graph: Graph, isTrainable: Bool = true) {
        self.name = name
        self.graph = graph
        self.isTrainable = isTrainable
    }

    /// {class_name, config}.
    package var json: JSON {
        var config: [JSON.Member] = [
            .init("name", .string(name)),
            .init("trainable", .bool(isTrainable)),
        ]
        if graph.isSequential {
            config.append(.init("layers", .array(graph.nodes.map { KerasModel.layerJSON($0) })))
            return .keras("Sequential", .object(config))
        }
        config.append(
            .init("layers", .array(graph.nodes.indices.map { functionalLayerJSON($0) })))
        config.append(.init("input_layers", tensorsJSON(graph.inputs)))
        config.append(.init("output_layers", tensorsJSON(graph.outputs)))
        return .keras("Functional", .object(config))
    }

    private static func layerJSON(_ node: Node) -> JSON {
        var config: [JSON.Member] = [.init("name", .string(node.name))]
        // Keras's InputLayer does not know the key.
        if !node.layer.isInput { config.append(.init("trainable", .bool(node.isTrainable))) }
        config.append(.init("dtype", "float32"))
        return .keras(node.layer.className, .object(config + node.layer.configuration))
    }

    private func functionalLayerJSON(_ index: Int) -> JSON {
        let node = graph.nodes[index]
        let inbound = node.calls.compactMap { call -> JSON? in
            let inputs = graph.calls[call].inputs
            guard !inputs.isEmpty else { return nil }
            return .array(
                inputs.map { tensor in
                    .array(address(of: tensor) + [.object([JSON.Member]())])
                })
        }
        guard case .object(let members) = KerasModel.layerJSON(node) else { return .null }
        return .object(
            members + [
                .init("name", .string(node.name)),
                .init("inbound_nodes", .array(inbound)),
            ])
    }

    private func tensorsJSON(_ tensors: [Int]) -> JSON {
        .array(tensors.map { .array(address(of: $0)) })
    }

    /// [layer, which of its calls, which output].
    private func address(of tensor: Int) -> [JSON] {
        let tensor = graph.tensors[tensor]
        let call = graph.calls[tensor.producer]
        return [
            .string(graph.nodes[call.node].name), .integer(Int64(call.index)),
            .integer(Int64(tensor.output)),
        ]
    }
}
