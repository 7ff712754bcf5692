import SNNCore
import SNNGraph

/// A copy of all numbers of a model.
package final class WeightSnapshot {
    package let parameters: Buffer<Float>
    package let statistics: Buffer<Float>

    package init(of network: Network) throws(SNNError) {
        parameters = try Buffer(count: network.parameters.count)
        statistics = try Buffer(count: network.statistics.count)
        take(from: network)
    }

    package func take(from network: Network) {
        parameters.pointer.copy(from: network.parameters.pointer, count: parameters.count)
        statistics.pointer.copy(from: network.statistics.pointer, count: statistics.count)
    }

    package func put(back network: Network) {
        network.parameters.pointer.copy(from: parameters.pointer, count: parameters.count)
        network.statistics.pointer.copy(from: statistics.pointer, count: statistics.count)
        network.weightsDidChange()
    }

    private func buffer(of variable: Variable) -> Buffer<Float> {
        variable.role == .parameter ? parameters : statistics
    }

    /// As entries "<prefix>/<variable>" of a training state.
    func write(to state: inout StateDictionary, _ prefix: String, _ network: Network) {
        for variable in network.graph.variables {
            let values = StateDictionary.FloatValues(
                buffer(of: variable), offset: variable.offset, count: variable.shape.count)
            state.set(prefix + "/" + variable.name, .floats(values))
        }
    }

    /// nil when the state has none.
    static func read(
        _ state: StateDictionary, _ prefix: String, _ network: Network
    ) throws(SNNError) -> WeightSnapshot? {
        guard let first = network.graph.variables.first,
            state.value(prefix + "/" + first.name) != nil
        else { return nil }
        let made = try WeightSnapshot(of: network)
        for variable in network.graph.variables {
            let values = try state.floats(
                prefix + "/" + variable.name, count: variable.shape.count)
            (made.buffer(of: variable).pointer + variable.offset).copy(
                from: values.pointer, count: values.count)
        }
        return made
    }
}
