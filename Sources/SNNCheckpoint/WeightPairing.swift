import SNNCore
import SNNGraph

/// Which weight of a file each variable of a model gets. Shapes are equal where a pair exists.
struct WeightPair {
    /// Its name: positions change when a model takes its canonical order.
    let variable: String
    let path: String
}

enum WeightPairing {
    /// Layers of one name belong together: the names of a whole-model file and of its
    /// configuration are the same.
    static func byName(
        _ graph: Graph, _ layers: [StoredLayer]
    ) throws(SNNError) -> [WeightPair] {
        var places: [String: Int] = [:]
        for (place, layer) in layers.enumerated() {
            guard places.updateValue(place, forKey: layer.name) == nil else {
                throw SNNError(
                    .format, "the file lists layer '\(PlainText.text(layer.name))' twice")
            }
        }
        var pairs: [WeightPair] = []
        for node in graph.nodes where !node.variables.isEmpty {
            guard let place = places.removeValue(forKey: node.name) else {
                throw SNNError(
                    .format,
                    "layer '\(node.name)': expected \(text(of: node, graph)), the file has no "
                        + "weights of this layer")
            }
            pairs += try WeightPairing.pairs(node, graph, layers[place])
        }
        if let extra = layers.first(where: { places[$0.name] != nil }) {
            throw SNNError(
                .format,
                "layer '\(PlainText.text(extra.name))': expected no weights, the file has "
                    + text(of: extra))
        }
        return pairs
    }

    /// The k-th layer with weights belongs to the k-th one of the file, as Keras loads weights.
    static func byPosition(
        _ graph: Graph, _ layers: [StoredLayer]
    ) throws(SNNError) -> [WeightPair] {
        let nodes = graph.nodes.filter { !$0.variables.isEmpty }
        var pairs: [WeightPair] = []
        for (node, layer) in zip(nodes, layers) {
            pairs += try WeightPairing.pairs(node, graph, layer)
        }
        guard nodes.count == layers.count else {
            let missing = nodes.dropFirst(layers.count).first.map {
                "layer '\($0.name)' (\(text(of: $0, graph))) is missing"
            }
            let extra = layers.dropFirst(nodes.count).first.map {
                "layer '\(PlainText.text($0.name))' (\(text(of: $0))) is too many"
            }
            throw SNNError(
                .format,
                "expected \(nodes.count) layers with weights, the file has \(layers.count): "
                    + (missing ?? extra ?? ""))
        }
        return pairs
    }

    /// Reads the weights into buffers that are laid out as those of a network of `graph`.
    static func read(
        _ pairs: [WeightPair], of graph: Graph, from file: HDF5Reader, parameters: Buffer<Float>,
        statistics: Buffer<Float>
    ) throws(SNNError) {
        for pair in pairs {
            guard let index = graph.variable(named: pair.variable) else {
                throw SNNError(.internal, "'\(pair.variable)' is not in the model any more")
            }
            let variable = graph.variables[index]
            let buffer = variable.role == .parameter ? parameters : statistics
            try file.readFloats(
                pair.path, into: buffer.pointer + variable.offset, shape: variable.shape.extents)
        }
    }

    // MARK: One layer

    static func pairs(
        _ node: Node, _ graph: Graph, _ layer: StoredLayer
    ) throws(SNNError) -> [WeightPair] {
        let variables = LegacyLayout.variables(of: node, in: graph)
        guard variables.count == layer.weights.count else { throw mismatch(node, graph, layer) }
        var ordered = layer.weights
        if !zip(variables, ordered).allSatisfy({ isName($1.name, of: $0) }) {
            // Another order, of a layer frozen since or by another version: by the names then.
            ordered = []
            for variable in variables {
                let named = layer.weights.filter { isName($0.name, of: variable) }
                guard named.count == 1 else { throw mismatch(node, graph, layer) }
                ordered.append(named[0])
            }
        }
        var pairs: [WeightPair] = []
        for (variable, weight) in zip(variables, ordered) {
            try checkShape(of: weight, for: variable, in: node)
            pairs.append(WeightPair(variable: variable.name, path: weight.path))
        }
        return pairs
    }

    static func checkShape(
        of weight: StoredWeight, for variable: Variable, in node: Node
    ) throws(SNNError) {
        guard weight.shape == variable.shape.extents else {
            throw SNNError(
                .format,
                "layer '\(node.name)', '\(variable.specification.name)': expected the shape "
                    + "\(variable.shape.text), the file has \(Shape.text(of: weight.shape))")
        }
    }

    /// Keras 2 may number a name: "beta_1" is a "beta". Keras counts the weights without names of a
    /// whole process, "variable_12": those belong together by their order.
    private static func isName(_ name: String, of variable: Variable) -> Bool {
        let own = variable.specification.name
        if name == own { return true }
        let base = unnumbered(name)
        return base == own || base == "variable" && unnumbered(own) == base
    }

    /// "beta" of "beta_1".
    private static func unnumbered(_ name: String) -> String {
        let bytes = Array(name.utf8)
        let end = bytes.lastIndex { !(0x30...0x39).contains($0) }
        guard let end, end + 1 < bytes.count, bytes[end] == UInt8(ascii: "_") else { return name }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    private static func mismatch(
        _ node: Node, _ graph: Graph, _ layer: StoredLayer
    ) -> SNNError {
        SNNError(
            .format,
            "layer '\(node.name)': expected \(text(of: node, graph)), the file has "
                + text(of: layer))
    }

    private static func text(of node: Node, _ graph: Graph) -> String {
        LegacyLayout.variables(of: node, in: graph)
            .map { "\($0.specification.name) \($0.shape.text)" }.joined(separator: ", ")
    }

    private static func text(of layer: StoredLayer) -> String {
        let shown = layer.weights.prefix(8).map { $0.text }.joined(separator: ", ")
        return layer.weights.count > 8 ? shown + ", ..." : shown
    }
}
