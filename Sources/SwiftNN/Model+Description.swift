import SNNCore
import SNNGraph

extension Model {
    /// Keras's `model_config` JSON.
    public func json() throws(SNNError) -> String {
        try completed { (network) throws(SNNError) in
            try access.reading { () throws(SNNError) in
                KerasModel(name: network.name, graph: network.graph).standaloneJSON.write()
            }
        }
    }

    /// How many numbers the variables hold, and how many of them training changes.
    public func parameterCount() throws(SNNError) -> (total: Int, trainable: Int) {
        try completed { (network) throws(SNNError) in
            try access.reading { () throws(SNNError) in Model.parameterCount(network.graph) }
        }
    }

    /// The model as JSON for programs; see `snn_model_describe`.
    public func description() throws(SNNError) -> String {
        try completed { (network) throws(SNNError) in
            try access.reading { () throws(SNNError) in
                let graph = network.graph
                return JSON.object(
                    ("name", .string(network.name)),
                    ("class_name", .string(graph.isSequential ? "Sequential" : "Functional")),
                    ("seed", .integer(Int64(truncatingIfNeeded: network.seed))),
                    ("inputs", Model.tensors(graph.inputs, graph)),
                    ("outputs", Model.tensors(graph.outputs, graph)),
                    ("layers", .array(graph.nodes.map { Model.layer($0, graph) })),
                    ("variables", .array(Model.variables(graph)))
                ).write()
            }
        }
    }

    /// The table of layers, their output shapes and parameters.
    public func summary() throws(SNNError) -> String {
        try completed { (network) throws(SNNError) in
            try access.reading { () throws(SNNError) in
                SummaryTable(network.graph, name: network.name).text
            }
        }
    }

    static func parameterCount(_ graph: Graph) -> (total: Int, trainable: Int) {
        var total = 0
        var trainable = 0
        for node in graph.nodes {
            for index in node.variables {
                let variable = graph.variables[index]
                total += variable.shape.count
                if graph.isTrainable(variable, of: node) { trainable += variable.shape.count }
            }
        }
        return (total, trainable)
    }

    private static func shape(_ shape: Shape) -> JSON {
        .array(shape.extents.map { .integer(Int64($0)) })
    }

    private static func tensors(_ tensors: [Int], _ graph: Graph) -> JSON {
        .array(
            tensors.map {
                .object(
                    ("name", .string(graph.name(ofTensor: $0))),
                    ("shape", shape(graph.tensors[$0].shape)))
            })
    }

    private static func layer(_ node: Node, _ graph: Graph) -> JSON {
        let output = graph.tensors[graph.calls[node.calls[0]].outputs[0]].shape
        let count = node.variables.reduce(0) { $0 + graph.variables[$1].shape.count }
        return .object(
            ("name", .string(node.name)), ("class_name", .string(node.layer.className)),
            ("trainable", .bool(node.isTrainable)), ("output_shape", shape(output)),
            ("parameter_count", .integer(Int64(count))))
    }

    private static func variables(_ graph: Graph) -> [JSON] {
        graph.nodes.flatMap { node in
            node.variables.map { index in
                let variable = graph.variables[index]
                return JSON.object(
                    ("name", .string(variable.name)), ("layer", .string(node.name)),
                    ("shape", shape(variable.shape)),
                    ("trainable", .bool(graph.isTrainable(variable, of: node))))
            }
        }
    }
}
