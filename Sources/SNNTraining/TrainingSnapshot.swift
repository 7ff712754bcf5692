import SNNCore
import SNNGraph

/// All that steps change, to be put back; but for the state of an optimizer that evaluates a batch
/// several times, which must take no step in between.
struct TrainingSnapshot {
    let weights: WeightSnapshot
    private let slots: [Buffer<Float>]
    private let numbers: [Double]
    private let position: TrainingPosition
    private let hasSwappedAverages: Bool
    private let sums: [Double]

    init(_ loop: TrainingLoop) throws(SNNError) {
        weights = try WeightSnapshot(of: loop.network)
        var slots: [Buffer<Float>] = []
        for buffer in loop.slotBuffers {
            let copy = try Buffer<Float>(count: buffer.count)
            copy.pointer.copy(from: buffer.pointer, count: buffer.count)
            slots.append(copy)
        }
        self.slots = slots
        numbers = loop.optimizer.numbers
        position = loop.position
        hasSwappedAverages = loop.hasSwappedAverages
        sums = loop.runningSums
    }

    func restore(_ loop: TrainingLoop) {
        weights.put(back: loop.network)
        for (buffer, slot) in zip(loop.slotBuffers, slots) {
            buffer.pointer.copy(from: slot.pointer, count: slot.count)
        }
        if loop.optimizer.minimizer == nil {
            // They were the optimizer's own.
            try? loop.optimizer.restore(numbers, count: loop.network.parameters.count)
        }
        loop.position = position
        loop.runningSums = sums
        loop.optimizer.learningRate.override = nil
        loop.hasSwappedAverages = hasSwappedAverages
    }
}
