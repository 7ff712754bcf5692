import SNNCore
import SNNGraph

extension Model {
    /// How many variables (kernels, biases, moving means ...) there are.
    public var variableCount: Int {
        get throws(SNNError) {
            try completed { (network) throws(SNNError) in network.graph.variables.count }
        }
    }

    /// "<layer>/<variable>", in the order of Keras's get_weights().
    public func variableName(_ index: Int) throws(SNNError) -> String {
        try completed { (network) throws(SNNError) in
            guard network.graph.variables.indices.contains(index) else {
                throw SNNError(
                    .argument,
                    "expected a variable from 0 to \(network.graph.variables.count - 1), received "
                        + String(index))
            }
            return network.graph.variables[index].name
        }
    }

    public func variableShape(_ name: String) throws(SNNError) -> Shape {
        try completed { (network) throws(SNNError) in try Model.variable(name, network).shape }
    }

    /// Reads a variable: `body` gets its numbers.
    public func readVariable(
        _ name: String, _ body: (UnsafeBufferPointer<Float>) throws(SNNError) -> Void
    ) throws(SNNError) {
        try completed { (network) throws(SNNError) in
            let variable = try Model.variable(name, network)
            try access.reading { () throws(SNNError) in
                try body(UnsafeBufferPointer(network.values(of: variable)))
            }
        }
    }

    /// Replaces a variable's numbers.
    public func setVariable(
        _ name: String, _ values: UnsafeBufferPointer<Float>
    ) throws(SNNError) {
        try completed { (network) throws(SNNError) in
            let variable = try Model.variable(name, network)
            guard values.count == variable.shape.count, let source = values.baseAddress else {
                throw SNNError(
                    .shape,
                    "variable '\(name)': expected \(variable.shape.count) values of shape "
                        + "\(variable.shape.text), received \(values.count)")
            }
            try access.alone { () throws(SNNError) in
                network.values(of: variable).baseAddress?.copy(from: source, count: values.count)
                network.weightsDidChange()
            }
        }
    }

    /// Freezes or thaws a layer, all of them for nil.
    public func setTrainable(_ isTrainable: Bool, layer name: String?) throws(SNNError) {
        try completed { (network) throws(SNNError) in
            var nodes = Array(network.graph.nodes.indices)
            if let name {
                guard let node = network.graph.node(named: name) else {
                    throw Model.unknownLayer(name, network.graph)
                }
                nodes = [node]
            }
            try access.alone { () throws(SNNError) in
                for node in nodes { network.setTrainable(isTrainable, node: node) }
            }
        }
    }

    static func variable(_ name: String, _ network: Network) throws(SNNError) -> Variable {
        if let index = network.graph.variable(named: name) { return network.graph.variables[index] }
        throw SNNError(
            .argument,
            "the model has no variable '\(name)'"
                + nearHint(to: name, among: network.graph.variables.map { $0.name }))
    }
}
