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
        guard isSame, optimizer.slotNames == other.optimizer.slotNames,
            objective.names == other.objective.names
        else {
            throw SNNError(
                .argument, "the backup is of another model, optimizer or objective; expected its own")
        }
        try WeightSnapshot(of: other.network).put(back: network)
        for (slot, values) in zip(slots, other.slots) {
            slot.pointer.copy(from: values.pointer, count: slot.count)
        }
        optimizer.learningRate = other.optimizer.learningRate
        history = other.history
        position = other.position
        runningSums = other.runningSums
    }
}
