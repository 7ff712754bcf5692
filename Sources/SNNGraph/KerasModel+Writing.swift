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
        config.append(.init("input_layers", addresses(of: graph.inputs)))
        config.append(.init("output_layers", addresses(of: graph.outputs)))
        return .keras("Functional", .object(config))
    }

    /// `json` as a text of its own, which Keras 3's `model_from_json` reads: in contrast to its
    /// reader of files, that one finds a class by its module only, even its own.
    package var standaloneJSON: JSON {
        guard case .object(let members) = json else { return json }
        let (module, registered): (JSON, JSON) =
            graph.isSequential
            ? ("keras", .null) : ("keras.src.models.functional", "Functional")
        return .object(
            [.init("module", module)] + members + [.init("registered_name", registered)])
    }

    private static func layerJSON(_ node: Node) -> JSON {
        var config: [JSON.Member] = [.init("name", .string(node.name))]
        if node.layer.knowsTrainable { config.append(.init("trainable", .bool(node.isTrainable))) }
        config.append(.init("dtype", "float32"))
        config += configuration(of: node.layer)
        return .keras(node.layer.className, .object(config))
    }

    /// In the words that as many versions of Keras as possible know.
    private static func configuration(of layer: any Layer) -> [JSON.Member] {
        guard !layer.isOfHost else { return layer.configuration }
        return layer.configuration.map { member in
            switch member.name {
            // Keras 2 knows no other name, Keras 3 takes it for `negative_slope`.
            case "negative_slope" where layer.className == "LeakyReLU":
                JSON.Member("alpha", member.value)
            case let name where name.hasSuffix("activation"):
                JSON.Member(name, activation(member.value))
            case let name where name.hasSuffix("_initializer"):
                JSON.Member(name, initializer(member.value))
            default: member
            }
        }
    }

    /// An activation that is an object is a layer; Keras 3 finds its class by its module only.
    private static func activation(_ json: JSON) -> JSON {
        guard case .object(let members) = json, json["module"] == nil else { return json }
        return .object(
            [.init("module", "keras.layers")] + members + [.init("registered_name", .null)])
    }

    /// Without the keys of Keras 3.15 that say nothing: older versions refuse them.
    private static func initializer(_ json: JSON) -> JSON {
        guard case .object(let members) = json else { return json }
        return .object(
            members.map { member in
                guard member.name == "config", case .object(let options) = member.value else {
                    return member
                }
                return .init(
                    "config",
                    .object(
                        options.filter {
                            !$0.value.isNull || $0.name != "input_axes" && $0.name != "output_axes"
                        }))
            })
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

    /// Keras gives a list of outputs for a list of addresses, and a plain array for one address.
    private func addresses(of tensors: [Int]) -> JSON {
        let addresses = tensors.map { JSON.array(address(of: $0)) }
        return addresses.count == 1 ? addresses[0] : .array(addresses)
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
