import SNNCore
import SNNGraph

/// Where weights stand in the weights files of Keras 3, "x.weights.h5".
///
///     /layers/<class>[_<k>]/vars/0, 1, ...   attrs of vars: name, the layer's
///     /vars                                  attrs: name, the model's
///
/// The k-th layer of a class, in the order of the model, has its snake case and _k. A layer's
/// variables are those that can train, then the rest, frozen or not.
enum Keras3Layout {
    /// Keras 2.12 and 2.13 name the group by the attribute that held the layers.
    private static let bases = ["/layers", "/_layer_checkpoint_dependencies"]

    static func isThere(in file: HDF5Reader) throws(SNNError) -> Bool {
        for base in bases where try file.exists(base) { return true }
        return false
    }

    static func write(_ network: Network, with writer: HDF5Writer) throws(SNNError) {
        let graph = network.graph
        try writer.createGroup("/layers")
        try writer.createGroup("/vars")
        try writer.setString(network.name, attribute: "name", at: "/vars")
        for (node, group) in zip(graph.nodes, groups(of: graph)) {
            guard let group else { continue }
            let path = "/layers/" + group + "/vars"
            try writer.createGroup(path)
            try writer.setString(node.name, attribute: "name", at: path)
            for (index, variable) in variables(of: node, in: graph).enumerated() {
                guard let values = network.values(of: variable).baseAddress else { continue }
                try writer.writeFloats(
                    values, shape: variable.shape.extents, at: path + "/" + String(index),
                    asIntegers: variable.specification.isInteger)
            }
        }
    }

    static func pairs(
        for graph: Graph, in file: HDF5Reader
    ) throws(SNNError) -> [WeightPair] {
        guard let base = try base(in: file) else {
            throw SNNError(
                .format,
                "expected weights in the layout of Keras 3 ('/layers'), found none"
                    + (try file.hasAttribute("layer_names", at: "/")
                        ? "; the file is in that of Keras 2, whose name does not end in .weights.h5"
                        : ""))
        }
        var scan = WeightScan(file)
        var pairs: [WeightPair] = []
        let groups = groups(of: graph)
        for (node, group) in zip(graph.nodes, groups) {
            guard let group else { continue }
            let path = base + "/" + group + "/vars"
            let weights = try weights(at: path, in: file, &scan)
            let variables = variables(of: node, in: graph)
            guard weights.count == variables.count else {
                throw SNNError(
                    .format,
                    "layer '\(node.name)': expected \(variables.count) weights in '\(path)', the "
                        + "file has \(weights.count)")
            }
            for (variable, weight) in zip(variables, weights) {
                try WeightPairing.checkShape(of: weight, for: variable, in: node)
                pairs.append(WeightPair(variable: variable.name, path: weight.path))
            }
        }
        try refuseExtraLayers(at: base, in: file, besides: groups)
        return pairs
    }

    private static func base(in file: HDF5Reader) throws(SNNError) -> String? {
        for base in bases where try file.exists(base) { return base }
        return nil
    }

    /// For each layer its group; nil for the input of a Sequential model, which Keras does not
    /// count.
    private static func groups(of graph: Graph) -> [String?] {
        var counts: [String: Int] = [:]
        return graph.nodes.map { node in
            if graph.isSequential && node.layer.isInput { return nil }
            let name = snakeCase(node.layer.className)
            let count = counts[name] ?? 0
            counts[name] = count + 1
            return count == 0 ? name : name + "_" + String(count)
        }
    }

    private static func variables(of node: Node, in graph: Graph) -> [Variable] {
        let variables = node.variables.map { graph.variables[$0] }
        return variables.filter { $0.role == .parameter }
            + variables.filter { $0.role == .statistic }
    }

    /// "0", "1", ... as numbers: by their bytes "10" comes before "2".
    private static func weights(
        at path: String, in file: HDF5Reader, _ scan: inout WeightScan
    ) throws(SNNError) -> [StoredWeight] {
        guard try file.exists(path) else { return [] }
        let count = try file.children(of: path).count
        var weights: [StoredWeight] = []
        for index in 0..<count {
            weights.append(
                try scan.weight(named: String(index), at: path + "/" + String(index)))
        }
        return weights
    }

    /// Keras ignores them; here they say that the file is another model's.
    private static func refuseExtraLayers(
        at base: String, in file: HDF5Reader, besides groups: [String?]
    ) throws(SNNError) {
        let known = Set(groups.compactMap { $0 })
        for name in try file.children(of: base) where !known.contains(name) {
            let path = base + "/" + name + "/vars"
            guard try file.exists(path), let first = try file.children(of: path).first else {
                continue
            }
            let shape = try file.describe(path + "/" + first).shape
            throw SNNError(
                .format,
                "'\(PlainText.text(path))': expected no such layer, the file has one with weights, "
                    + "the first of shape \(Shape.text(of: shape))")
        }
    }
}
