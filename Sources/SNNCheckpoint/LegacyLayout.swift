import SNNCore
import SNNGraph

/// Where weights stand in whole-model files and in the weights files of Keras 2.
///
///     <base> attrs: layer_names backend keras_version
///     <base>/<layer> attrs: weight_names       a group for each layer, also without weights
///     <base>/<layer>/<layer>/<variable>:0      the dataset
///     <base>/top_level_model_weights           attrs: weight_names, empty
///
/// The order of the names counts, not that of the links.
enum LegacyLayout {
    private static let topLevelWeights = "top_level_model_weights"

    static func write(
        _ network: Network, at base: String, with writer: HDF5Writer
    ) throws(SNNError) {
        let graph = network.graph
        // Keras's Sequential does not count its input as a layer.
        let nodes = graph.nodes.filter { !graph.isSequential || !$0.layer.isInput }
        for node in nodes
        where [".", topLevelWeights].contains(node.name) || "/" + node.name == OwnGroup.path {
            throw SNNError(
                .unsupported,
                "layer '\(node.name)': the name is that of another group in the file; give the "
                    + "layer another one")
        }
        try writer.createGroup(base)
        try writer.setStringList(nodes.map { $0.name }, attribute: "layer_names", at: base)
        try KerasVersion.write(at: base, with: writer)
        for node in nodes {
            let group = base + "/" + node.name
            let variables = variables(of: node, in: graph)
            try writer.createGroup(group)
            try writer.setStringList(
                variables.map { $0.name + ":0" }, attribute: "weight_names", at: group)
            for variable in variables {
                guard let values = network.values(of: variable).baseAddress else { continue }
                try writer.writeFloats(
                    values, shape: variable.shape.extents, at: group + "/" + variable.name + ":0",
                    asIntegers: variable.specification.isInteger)
            }
        }
        try writer.createGroup(base + "/" + topLevelWeights)
        try writer.setStringList(
            [], attribute: "weight_names", at: base + "/" + topLevelWeights)
    }

    /// A layer's variables in the order of the file: those that can train, then the rest; of a
    /// frozen layer in the order of their creation.
    static func variables(of node: Node, in graph: Graph) -> [Variable] {
        let variables = node.variables.map { graph.variables[$0] }
        guard node.isTrainable else { return variables }
        return variables.filter { $0.role == .parameter }
            + variables.filter { $0.role == .statistic }
    }

    /// The group of the layers: the root, or that of a whole-model file.
    static func base(in file: HDF5Reader) throws(SNNError) -> String {
        for name in ["layer_names", "layer_names0"] where try file.hasAttribute(name, at: "/") {
            return "/"
        }
        guard try file.exists("/model_weights") else {
            throw SNNError(
                .format,
                "expected weights in the layout of Keras 2 ('layer_names'), found none"
                    + (try Keras3Layout.isThere(in: file)
                        ? "; the file is in that of Keras 3, whose name ends in .weights.h5" : ""))
        }
        return "/model_weights"
    }

    /// The layers that have weights, as the file lists them.
    static func layers(
        in file: HDF5Reader, at base: String
    ) throws(SNNError) -> [StoredLayer] {
        guard let names = try file.stringList(attribute: "layer_names", at: base) else {
            throw SNNError(.format, "'\(base)': expected the attribute 'layer_names'")
        }
        var scan = WeightScan(file)
        var layers: [StoredLayer] = []
        for name in names {
            let group = base + "/" + name
            let paths = try file.stringList(attribute: "weight_names", at: group) ?? []
            var weights: [StoredWeight] = []
            for path in paths {
                weights.append(
                    try scan.weight(named: baseName(of: path), at: group + "/" + path))
            }
            if !weights.isEmpty { layers.append(StoredLayer(name: name, weights: weights)) }
        }
        return layers
    }

    /// "kernel" of "dense_1/kernel:0".
    private static func baseName(of path: String) -> String {
        var name = Array(path.utf8)
        if name.suffix(2).elementsEqual(":0".utf8) { name.removeLast(2) }
        if let slash = name.lastIndex(of: UInt8(ascii: "/")) {
            name.removeFirst(slash + 1)
        }
        return String(decoding: name, as: UTF8.self)
    }
}
