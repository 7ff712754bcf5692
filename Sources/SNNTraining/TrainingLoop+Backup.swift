import SNNCore
import SNNGraph

extension TrainingLoop {
    /// Takes over the weights and the whole state of a training of the same model. Throws, with
    /// nothing changed, when it is another one.
    func take(_ other: TrainingLoop) throws(SNNError) {
        let own = network.graph.variables
        let theirs = other.network.graph.variables
        let isSame =
            own.count == theirs.count
            && own.indices.allSatisfy {
                own[$0].name == theirs[$0].name && own[$0].shape == theirs[$0].shape
                    && own[$0].offset == theirs[$0].offset
            }
        guard isSame, slots.map({ $0.name }) == other.slots.map({ $0.name }),
            objective.names == other.objective.names
        else {
            throw SNNError(
                .argument, "the backup is of another model, optimizer or objective; expected its own")
        }
        let weights = try WeightSnapshot(of: other.network)
        try optimizer.restore(other.optimizer.numbers, count: network.parameters.count)
        weights.put(back: network)
        for (own, theirs) in zip(stateBuffers, other.stateBuffers) {
            own.buffer.pointer.copy(from: theirs.buffer.pointer, count: own.buffer.count)
        }
        hasSwappedAverages = other.hasSwappedAverages
        optimizer.learningRate = other.optimizer.learningRate
        history = other.history
        position = other.position
        runningSums = other.runningSums
    }
}
