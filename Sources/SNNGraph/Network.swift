import SNNCore

/// A model: its architecture, its variables' numbers, and the seed that its randomness follows.
///
/// Not synchronized: who uses it holds the model's access (`SwiftNN.Model`). The architecture does
/// not change after `init`, but for the layers' freezing.
package final class Network: @unchecked Sendable {
    package let name: String
    package let seed: UInt64
    package private(set) var graph: Graph
    /// What the optimizer changes, each variable at its offset, zeros between.
    package let parameters: Buffer<Float>
    /// What layers change themselves (moving averages), laid out likewise.
    package let statistics: Buffer<Float>

    /// Counts changes of the numbers, so that what was derived from them can be made anew.
    package private(set) var weightsVersion = 0
    /// Counts changes of what is frozen, which plans depend on.
    package private(set) var structureVersion = 0

    /// A model with initialized variables, or with zeros where they get their numbers next.
    ///
    /// Throws when the graph has no input or output, a layer was never called, or memory is short.
    package init(
        name: String, graph: Graph, seed: UInt64, isInitialized: Bool = true
    ) throws(SNNError) {
        guard !graph.inputs.isEmpty, !graph.outputs.isEmpty else {
            throw SNNError(
                .state, "model '\(name)' has no layers yet; expected an InputLayer at least")
        }
        for node in graph.nodes where node.calls.isEmpty {
            throw SNNError(.state, "layer '\(node.name)' was added, but never called")
        }
        if let dead = graph.deadCalls.first {
            let node = graph.nodes[graph.calls[dead].node]
            let call = node.calls.count > 1 ? "call \(graph.calls[dead].index) of " : ""
            throw SNNError(
                .state, "\(call)layer '\(node.name)' leads to no output of the model")
        }
        let graph = graph.canonical()
        self.name = name
        self.graph = graph
        self.seed = seed
        parameters = try Buffer(count: graph.parameterCount)
        statistics = try Buffer(count: graph.statisticCount)
        if isInitialized { try initialize() }
    }

    /// Where a variable's numbers are.
    package func values(of variable: Variable) -> UnsafeMutableBufferPointer<Float> {
        let buffer = variable.role == .parameter ? parameters : statistics
        return UnsafeMutableBufferPointer(
            start: buffer.pointer + variable.offset, count: variable.shape.count)
    }

    package func weightsDidChange() { weightsVersion &+= 1 }

    package func setTrainable(_ isTrainable: Bool, node: Int) {
        guard graph.nodes[node].isTrainable != isTrainable else { return }
        graph.setTrainable(isTrainable, node: node)
        structureVersion &+= 1
    }

    /// The variables that training changes, as ranges of the flat buffer with the zeros behind each.
    package var trainableRanges: [Range<Int>] {
        var ranges: [Range<Int>] = []
        for node in graph.nodes {
            for index in node.variables {
                let variable = graph.variables[index]
                guard graph.isTrainable(variable, of: node) else { continue }
                let end = variable.offset + (variable.shape.count + 15) / 16 * 16
                ranges.append(variable.offset ..< end)
            }
        }
        return ranges
    }

    /// Each variable from its own stream, keyed by its place in the model.
    private func initialize() throws(SNNError) {
        for (ordinal, node) in graph.nodes.enumerated() {
            for (position, index) in node.variables.enumerated() {
                let variable = graph.variables[index]
                let random = RandomStream(
                    seed: seed, purpose: .initialization, call: position, ordinal: ordinal, step: 0)
                do throws(SNNError) {
                    try variable.specification.initializer.fill(
                        values(of: variable), shape: variable.shape, random: random)
                } catch {
                    throw error.within(variable.name)
                }
            }
        }
    }
}
