import SNNCore

extension KerasModel {
    /// Reads a `model_config`; layers are made by `registry`.
    ///
    /// What cannot be built is refused by name: nested models, op nodes, tensors in keyword
    /// arguments, cycles, unknown layers.
    package init(_ json: JSON, registry: LayerRegistry) throws(SNNError) {
        guard let className = json["class_name"]?.text, let config = json["config"] else {
            throw SNNError(
                .configuration,
                "expected a model's {class_name, config}, received \(json.shortText)")
        }
        let name = config["name"]?.text ?? snakeCase(className)
        let isTrainable = config["trainable"]?.boolValue ?? true
        var graph: Graph
        if className == "Sequential" {
            // Keras up to 2.2.2 wrote the bare list of layers.
            guard let layers = config.elements ?? config["layers"]?.elements else {
                throw KerasModel.missing("layers", of: "Sequential model", in: config)
            }
            graph = try KerasModel.sequential(layers, config, registry)
        } else if config["layers"] != nil, config["input_layers"] != nil {
            graph = try FunctionalReader.read(config, registry)
        } else {
            throw SNNError(
                .unsupported,
                "model class '\(className)': expected 'Sequential' or 'Functional'; models that are "
                    + "subclasses of their own cannot be rebuilt from a file")
        }
        if !isTrainable {
            // A frozen model is one of frozen layers.
            for node in graph.nodes.indices { graph.setTrainable(false, node: node) }
        }
        self.init(name: name, graph: graph, isTrainable: isTrainable)
    }

    private static func sequential(
        _ layers: [JSON], _ config: JSON, _ registry: LayerRegistry
    ) throws(SNNError) -> Graph {
        var graph = Graph(isSequential: true)
        for layer in layers {
            let (className, layerConfig) = try parts(of: layer)
            if graph.nodes.isEmpty, className != "InputLayer" {
                try addInput(to: &graph, before: layerConfig, config, registry)
            }
            let description = try registry.make(
                className, cleaned(layerConfig, of: className))
            guard !description.layer.isInput || graph.nodes.isEmpty else {
                throw SNNError(
                    .format, "a Sequential model has an InputLayer that is not its first layer")
            }
            let inputs = description.layer.isInput ? [] : graph.outputs
            _ = try graph.add(
                description.layer,
                name: description.name ?? automaticName(for: className, in: graph),
                isTrainable: description.isTrainable, on: inputs)
        }
        return graph
    }

    /// A Sequential model without InputLayer tells its shape with the first layer, or as a whole.
    private static func addInput(
        to graph: inout Graph, before first: JSON, _ config: JSON, _ registry: LayerRegistry
    ) throws(SNNError) {
        let shapes = [
            first["batch_input_shape"], first["batch_shape"], config["build_input_shape"],
        ]
        guard let shape = shapes.compactMap({ $0 }).first(where: { $0.elements != nil }) else {
            throw SNNError(
                .unsupported,
                "the Sequential model does not say the shape of its input; expected an InputLayer "
                    + "or 'batch_input_shape' on the first layer")
        }
        let description = try registry.make("InputLayer", .object(("batch_shape", shape)))
        _ = try graph.add(
            description.layer, name: automaticName(for: "InputLayer", in: graph),
            isTrainable: true, on: [])
    }

    static let classNames = ["Sequential", "Functional", "Model"]

    /// A serialized layer's class and configuration.
    static func parts(of layer: JSON) throws(SNNError) -> (className: String, config: JSON) {
        guard let className = layer["class_name"]?.text else {
            throw SNNError(
                .configuration,
                "expected a layer's {class_name, config}, received \(layer.shortText)")
        }
        if classNames.contains(className) {
            throw SNNError(
                .unsupported,
                "layer '\(layer["config"]?["name"]?.text ?? className)' is a model within a model; "
                    + "this version does not do that")
        }
        return (className, layer["config"] ?? .null)
    }

    /// Without the keys that Keras writes and that mean nothing to a rebuilt layer.
    static func cleaned(_ config: JSON, of className: String) -> JSON {
        guard case .object(let members) = config else { return config }
        // Where it is not the InputLayer's own, the input's shape was read before.
        let foreign =
            className == "InputLayer"
            ? [] : ["batch_input_shape", "batch_shape", "input_shape", "input_dtype"]
        let ignored =
            ["module", "registered_name", "build_config", "shared_object_id",
                "__passive_serialization__"] + foreign
        return .object(
            members.filter { !ignored.contains($0.name) }
                .map { JSON.Member($0.name, plain($0.value)) })
    }

    /// Without the wrappings that old versions of Keras put around tuples and numpy's numbers. The
    /// depth of JSON is bounded by its reader.
    private static func plain(_ json: JSON) -> JSON {
        switch json {
        case .array(let elements):
            return .array(elements.map { plain($0) })
        case .object(let members):
            if let name = json["class_name"]?.text, name == "__tuple__" || name == "ListWrapper",
                let items = json["items"]
            {
                return plain(items)
            }
            if json["type"]?.text == "ndarray", let value = json["value"] { return plain(value) }
            return .object(members.map { JSON.Member($0.name, plain($0.value)) })
        default: return json
        }
    }

    static func missing(_ key: String, of what: String, in json: JSON) -> SNNError {
        SNNError(
            .configuration, "\(what): '\(key)' is required, but missing in \(json.shortText)")
    }
}
