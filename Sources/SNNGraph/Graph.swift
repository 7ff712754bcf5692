import SNNCore

/// A variable of a model and where its numbers are.
package struct Variable: Sendable {
    /// "<layer>/<variable>".
    package let name: String
    package let specification: VariableSpecification
    /// Position in the buffer of the parameters or of the statistics, by role; a multiple of 16.
    package let offset: Int

    package var shape: Shape { specification.shape }
    package var role: VariableRole { specification.role }
}

/// A layer in its place in a model.
package struct Node: Sendable {
    package let name: String
    package let layer: any Layer
    package var isTrainable: Bool
    /// Empty until the first call.
    package var variables: [Int] = []
    /// Indices into `Graph.calls`.
    package var calls: [Int] = []
}

/// One application of a layer.
package struct Call: Sendable {
    package let node: Int
    /// Which of the node's calls this is.
    package let index: Int
    package let inputs: [Int]
    package let outputs: [Int]
}

/// A tensor between layers: call `producer` gives it as its output `output`.
package struct GraphTensor: Sendable {
    package let shape: Shape
    package let producer: Int
    package let output: Int
}

/// The architecture of a model: layers, their calls in an order in which they can run, and the
/// tensors between them. Always acyclic, since a call names only tensors that exist.
package struct Graph: Sendable {
    package static let maximumLayers = 10_000

    /// A model as Keras's `Sequential`: each layer follows the one before.
    package let isSequential: Bool
    package internal(set) var nodes: [Node] = []
    package internal(set) var calls: [Call] = []
    package internal(set) var tensors: [GraphTensor] = []
    package private(set) var variables: [Variable] = []
    /// Tensors that the caller gives, in order.
    package private(set) var inputs: [Int] = []
    /// Floats in the two buffers, padding included.
    package private(set) var parameterCount = 0
    package private(set) var statisticCount = 0

    private var chosenOutputs: [Int] = []
    var nodeIndices: [String: Int] = [:]
    private var variableIndices: [String: Int] = [:]

    package init(isSequential: Bool) {
        self.isSequential = isSequential
    }

    /// Tensors that the model returns: those chosen, else the last one.
    package var outputs: [Int] {
        chosenOutputs.isEmpty && !tensors.isEmpty ? [tensors.count - 1] : chosenOutputs
    }

    package func node(named name: String) -> Int? { nodeIndices[name] }
    package func variable(named name: String) -> Int? { variableIndices[name] }

    /// The name of the layer that gives a tensor.
    package func name(ofTensor tensor: Int) -> String {
        nodes[calls[tensors[tensor].producer].node].name
    }

    package func hasNode(named name: String) -> Bool { nodeIndices[name] != nil }

    /// Whether training changes the variable: by its role and its layer's freezing.
    package func isTrainable(_ variable: Variable, of node: Node) -> Bool {
        variable.role == .parameter && node.isTrainable
    }

    // MARK: Building. Each call changes nothing when it throws.

    /// Adds a layer that has not been called yet.
    package mutating func add(
        _ layer: any Layer, name: String, isTrainable: Bool
    ) throws(SNNError) -> Int {
        guard nodes.count < Graph.maximumLayers else {
            throw SNNError(.limit, "expected at most \(Graph.maximumLayers) layers")
        }
        guard nodeIndices[name] == nil else {
            throw SNNError(.argument, "the model has a layer '\(name)' already; names are unique")
        }
        nodes.append(Node(name: name, layer: layer, isTrainable: isTrainable))
        nodeIndices[name] = nodes.count - 1
        return nodes.count - 1
    }

    /// Adds a layer and applies it to tensors; gives its outputs.
    package mutating func add(
        _ layer: any Layer, name: String, isTrainable: Bool, on inputs: [Int]
    ) throws(SNNError) -> [Int] {
        let node = try add(layer, name: name, isTrainable: isTrainable)
        do throws(SNNError) {
            return try call(node, on: inputs)
        } catch {
            nodes.removeLast()
            nodeIndices[name] = nil
            throw error
        }
    }

    /// Applies a layer to tensors; gives its outputs.
    package mutating func call(_ node: Int, on inputs: [Int]) throws(SNNError) -> [Int] {
        let name = nodes[node].name
        let layer = nodes[node].layer
        for input in inputs where input < 0 || input >= tensors.count {
            throw SNNError(
                .argument,
                "layer '\(name)': expected tensors from 0 to \(tensors.count - 1), received \(input)")
        }
        let place = "\(layer.className) '\(name)'"
        let shapes = inputs.map { tensors[$0].shape }
        let outputShapes: [Shape]
        let specifications: [VariableSpecification]
        do throws(SNNError) {
            outputShapes = try layer.outputShapes(for: shapes)
            specifications = try layer.variables(for: shapes)
            for specification in specifications { try specification.checkParts() }
            for shape in outputShapes {
                try layer.activityRegularizer?.check(shape, isOfSamples: true)
            }
        } catch {
            throw error.within(place)
        }
        try declare(specifications, of: node, place: place)

        let first = tensors.count
        for (index, shape) in outputShapes.enumerated() {
            tensors.append(GraphTensor(shape: shape, producer: calls.count, output: index))
        }
        let outputs = Array(first ..< tensors.count)
        calls.append(
            Call(node: node, index: nodes[node].calls.count, inputs: inputs, outputs: outputs))
        nodes[node].calls.append(calls.count - 1)
        if inputs.isEmpty { self.inputs.append(contentsOf: outputs) }
        return outputs
    }

    /// The order of the model's inputs, where it differs from that of their creation.
    package mutating func setInputs(_ tensors: [Int]) throws(SNNError) {
        guard tensors.count == inputs.count, Set(tensors) == Set(inputs) else {
            let received = tensors.map { "\($0)" }.joined(separator: ", ")
            throw SNNError(
                .argument, "expected each input of the model once, received [\(received)]")
        }
        inputs = tensors
    }

    package mutating func setOutputs(_ tensors: [Int]) throws(SNNError) {
        guard !tensors.isEmpty else {
            throw SNNError(.argument, "expected at least one output, received none")
        }
        for tensor in tensors where tensor < 0 || tensor >= self.tensors.count {
            throw SNNError(
                .argument,
                "expected outputs from 0 to \(self.tensors.count - 1), received \(tensor)")
        }
        chosenOutputs = tensors
    }

    package mutating func setTrainable(_ isTrainable: Bool, node: Int) {
        nodes[node].isTrainable = isTrainable
    }

    /// Declares a layer's variables at its first call; later calls must ask for the same.
    private mutating func declare(
        _ specifications: [VariableSpecification], of node: Int, place: String
    ) throws(SNNError) {
        guard nodes[node].calls.isEmpty else {
            for (index, specification) in zip(nodes[node].variables, specifications)
            where variables[index].shape != specification.shape {
                throw SNNError(
                    .shape,
                    "\(place): it is shared, and its '\(specification.name)' has shape "
                        + "\(variables[index].shape.text); this input would need "
                        + specification.shape.text)
            }
            return
        }
        var parameters = parameterCount
        var statistics = statisticCount
        for specification in specifications {
            // Whole cache lines, so that vectors and threads never share one.
            let length = (specification.shape.count + 15) / 16 * 16
            switch specification.role {
            case .parameter: parameters += length
            case .statistic: statistics += length
            }
        }
        guard parameters <= Shape.maximumCount, statistics <= Shape.maximumCount else {
            throw SNNError(.limit, "\(place): the model would have over 2^40 parameters")
        }
        for specification in specifications { append(specification, of: node) }
    }

    /// Declares the variables of `graph`, whose nodes these are in another order, node by node.
    mutating func relayVariables(of graph: Graph) {
        variables = []
        variableIndices = [:]
        parameterCount = 0
        statisticCount = 0
        for node in nodes.indices {
            let specifications = nodes[node].variables.map { graph.variables[$0].specification }
            nodes[node].variables = []
            for specification in specifications { append(specification, of: node) }
        }
    }

    private mutating func append(_ specification: VariableSpecification, of node: Int) {
        let length = (specification.shape.count + 15) / 16 * 16
        let offset: Int
        switch specification.role {
        case .parameter:
            offset = parameterCount
            parameterCount += length
        case .statistic:
            offset = statisticCount
            statisticCount += length
        }
        let name = nodes[node].name + "/" + specification.name
        nodes[node].variables.append(variables.count)
        variableIndices[name] = variables.count
        variables.append(Variable(name: name, specification: specification, offset: offset))
    }
}
