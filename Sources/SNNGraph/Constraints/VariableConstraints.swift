import SNNCore
import SNNKernels

/// Applies the constraints of a model's variables; holds the memory that this takes.
package final class VariableConstraints {
    private struct Entry {
        let constraint: any Constraint
        let node: Int
        let offset: Int
        let shape: Shape
    }

    private let entries: [Entry]
    private let sums: Buffer<Double>

    package init(_ graph: Graph) throws(SNNError) {
        var entries: [Entry] = []
        var count = 0
        for (node, layer) in graph.nodes.enumerated() {
            for variable in layer.variables.map({ graph.variables[$0] }) {
                guard let constraint = variable.specification.constraint else { continue }
                entries.append(
                    Entry(
                        constraint: constraint, node: node, offset: variable.offset,
                        shape: variable.shape))
                count = max(count, constraint.sums(variable.shape))
            }
        }
        self.entries = entries
        sums = try Buffer(count: count)
    }

    /// After a step on the variables that are trained; a frozen one stays as it is.
    package func apply(to network: Network, kernels: UnsafePointer<KernelTable>) {
        for entry in entries where network.graph.nodes[entry.node].isTrainable {
            entry.constraint.apply(
                to: network.parameters.pointer + entry.offset, entry.shape, sums: sums.pointer,
                kernels: kernels)
        }
    }
}
