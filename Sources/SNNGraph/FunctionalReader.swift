import SNNCore

/// Rebuilds a functional model: all layers first, then their calls as soon as what they need is
/// there.
struct FunctionalReader {
    private var graph = Graph(isSequential: false)
    /// For each node that is no input the calls it is to make.
    private var pending: [(node: Int, calls: [[Address]])] = []

    /// A tensor in the file: output `output` of call `call` of a layer.
    private struct Address {
        let layer: String
        let call: Int
        let output: Int
    }

    static func read(_ config: JSON, _ registry: LayerRegistry) throws(SNNError) -> Graph {
        var reader = FunctionalReader()
        guard let layers = config["layers"]?.elements else {
            throw KerasModel.missing("layers", of: "Functional model", in: config)
        }
        for layer in layers { try reader.addLayer(layer, registry) }
        try reader.makeCalls()
        try reader.graph.setInputs(reader.tensors(config["input_layers"] ?? .null))
        try reader.graph.setOutputs(reader.tensors(config["output_layers"] ?? .null))
        return reader.graph
    }

    private mutating func addLayer(
        _ layer: JSON, _ registry: LayerRegistry
    ) throws(SNNError) {
        let (className, config) = try KerasModel.parts(of: layer)
        let description = try registry.make(
            className, KerasModel.cleaned(config, of: className))
        guard let name = layer["name"]?.text ?? description.name else {
            throw KerasModel.missing("name", of: "layer \(className)", in: layer)
        }
        let node = try graph.add(
            description.layer, name: name, isTrainable: description.isTrainable)
        if description.layer.isInput {
            _ = try graph.call(node, on: [])
            return
        }
        guard let inbound = layer["inbound_nodes"]?.elements else {
            throw KerasModel.missing("inbound_nodes", of: "layer '\(name)'", in: layer)
        }
        var calls: [[Address]] = []
        for call in inbound {
            do throws(SNNError) {
                calls.append(try FunctionalReader.inputs(of: call))
            } catch {
                throw error.within("layer '\(name)'")
            }
        }
        pending.append((node, calls))
    }

    /// Makes the calls in an order in which they can be made; a layer that needs a call of another
    /// one waits for it.
    private mutating func makeCalls() throws(SNNError) {
        var ready = Array(pending.indices.reversed())
        var waiting: [CallKey: [Int]] = [:]
        var left = pending.count
        while let place = ready.popLast() {
            let (node, calls) = pending[place]
            var isWaiting = false
            for call in calls[graph.nodes[node].calls.count...] {
                guard let inputs = try resolve(call, missing: { missing in
                    waiting[missing, default: []].append(place)
                }) else {
                    isWaiting = true
                    break
                }
                _ = try graph.call(node, on: inputs)
                let made = CallKey(node: node, call: graph.nodes[node].calls.count - 1)
                ready += waiting.removeValue(forKey: made) ?? []
            }
            if !isWaiting { left -= 1 }
        }
        guard left == 0 else {
            let name = pending.first { graph.nodes[$0.node].calls.count < $0.calls.count }
                .map { graph.nodes[$0.node].name }
            throw SNNError(
                .format,
                "layer '\(name ?? "")' needs tensors that no layer gives; the graph has a cycle or a "
                    + "missing call")
        }
    }

    private struct CallKey: Hashable {
        let node: Int
        let call: Int
    }

    /// nil while one of them does not exist yet; `missing` is told which.
    private func resolve(
        _ addresses: [Address], missing: (CallKey) -> Void
    ) throws(SNNError) -> [Int]? {
        var tensors: [Int] = []
        for address in addresses {
            guard let node = graph.node(named: address.layer) else {
                throw SNNError(.format, "a call names layer '\(address.layer)', which is not there")
            }
            let calls = graph.nodes[node].calls
            guard address.call >= 0, address.call < calls.count else {
                missing(CallKey(node: node, call: address.call))
                return nil
            }
            let outputs = graph.calls[calls[address.call]].outputs
            guard address.output >= 0, address.output < outputs.count else {
                throw SNNError(
                    .format,
                    "layer '\(address.layer)' has \(outputs.count) outputs; a call names output "
                        + "\(address.output)")
            }
            tensors.append(outputs[address.output])
        }
        return tensors
    }

    /// Those of `input_layers` or `output_layers`: one leaf, or leaves in any nesting, flat in the
    /// order of the file.
    private func tensors(_ json: JSON) throws(SNNError) -> [Int] {
        var addresses: [Address] = []
        try FunctionalReader.collect(json, into: &addresses)
        guard let tensors = try resolve(addresses, missing: { _ in }) else {
            throw SNNError(
                .format, "the model names a call of a layer that is not there: \(json.shortText)")
        }
        return tensors
    }

    // The depth of JSON is bounded by its reader.
    private static func collect(
        _ json: JSON, into addresses: inout [Address]
    ) throws(SNNError) {
        if let address = address(json) {
            addresses.append(address)
        } else if let elements = json.elements {
            for element in elements { try collect(element, into: &addresses) }
        } else if let members = json.members {
            for member in members { try collect(member.value, into: &addresses) }
        } else {
            throw SNNError(
                .format, "expected [layer, call, output], received \(json.shortText)")
        }
    }

    private static func address(_ json: JSON) -> Address? {
        guard let parts = json.elements, parts.count >= 3, let layer = parts[0].text,
            let call = parts[1].integerValue, let output = parts[2].integerValue
        else { return nil }
        return Address(layer: layer, call: call, output: output)
    }

    /// The tensors of one entry of `inbound_nodes`: Keras 2's list of [layer, call, output,
    /// kwargs], or Keras 3's {args, kwargs}.
    private static func inputs(of call: JSON) throws(SNNError) -> [Address] {
        if let args = call["args"]?.elements {
            try refuseTensors(in: call["kwargs"] ?? .null)
            return try kerasTensors(in: .array(args))
        }
        guard let entries = call.elements else {
            throw SNNError(.format, "expected the inputs of a call, received \(call.shortText)")
        }
        // The bare form of an op node.
        if address(call) != nil {
            throw SNNError(.unsupported, "it is an op node, which this version does not run")
        }
        var addresses: [Address] = []
        for entry in entries {
            guard let address = address(entry) else {
                throw SNNError(
                    .format, "expected [layer, call, output, {}], received \(entry.shortText)")
            }
            if let kwargs = entry.elements?.dropFirst(3).first { try refuseTensors(in: kwargs) }
            addresses.append(address)
        }
        return addresses
    }

    private static func kerasTensors(in json: JSON) throws(SNNError) -> [Address] {
        if json["class_name"]?.text == "__keras_tensor__" {
            guard let history = json["config"]?["keras_history"], let address = address(history)
            else {
                throw SNNError(.format, "a tensor has no 'keras_history': \(json.shortText)")
            }
            return [address]
        }
        guard let elements = json.elements else {
            throw SNNError(
                .unsupported,
                "a call takes \(json.shortText) beside tensors, which this version does not do")
        }
        var addresses: [Address] = []
        for element in elements { addresses += try kerasTensors(in: element) }
        return addresses
    }

    /// Keyword arguments may be there if they say nothing.
    private static func refuseTensors(in kwargs: JSON) throws(SNNError) {
        for member in kwargs.members ?? [] where !member.value.isNull {
            // Dropout's default, which Keras writes; the call of the model decides.
            if member.name == "training" && member.value == false { continue }
            throw SNNError(
                .unsupported,
                "its call has the argument '\(member.name)', which this version does not take")
        }
    }
}
