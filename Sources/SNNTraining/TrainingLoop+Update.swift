import SNNCore
import SNNGraph
import SNNKernels

// From gradients to weights: gathering them over batches, the optimizer's step, and the average of the
// weights.
extension TrainingLoop {
    /// Changes the weights, once `differentiate` gave the loss and gradients of the batch. Throws,
    /// with nothing changed, when the sum of several batches' gradients is not finite.
    func update(_ batch: BatchInUse, _ loss: Double) throws(SNNError) {
        let survey = try gradientSurvey()
        if let minimizer = optimizer.minimizer {
            let before = try keepParameters()
            let points = BatchUnderStep(self, batch)
            try minimizer.minimize(
                points, loss: loss,
                rate: optimizer.learningRate.rate(after: position.step),
                ranges: survey.updates.map { $0.range }, count: network.parameters.count,
                kernels: kernels, workers: workers)
            if let failure = points.failure {
                minimizer.forgetCurvature()
                network.parameters.pointer.copy(from: before.pointer, count: before.count)
                network.weightsDidChange()
                batch.evaluation.state = points.sums
                throw failure
            }
        } else if try isUpdateDue(batch, survey) {
            updateParameters(batch.executor.gradients.pointer, survey)
        }
        updateAverages(survey)
    }

    /// The optimizer's updates so far.
    private var iteration: Int64 {
        let batches = optimizer.rule.accumulatedBatches
        return batches == 1 ? position.step : position.step / Int64(batches)
    }

    /// Adds the gradients of the batches before to those of this one. Whether it is the last that
    /// makes an update; the sum is kept where not.
    private func isUpdateDue(
        _ batch: BatchInUse, _ survey: GradientSurvey
    ) throws(SNNError) -> Bool {
        let batches = Int64(optimizer.rule.accumulatedBatches)
        guard batches > 1 else { return true }
        let gradients = batch.executor.gradients.pointer
        let sum = slotBuffers[optimizer.rule.slots.count - 1].pointer
        for update in survey.updates {
            let first = update.range.lowerBound
            kernels.pointee.add(
                gradients + first, sum + first, gradients + first, Int64(update.range.count))
        }
        guard
            survey.examine(
                gradients, share: 1 / Double(batches), kernels: kernels, workers: workers)
        else {
            batch.evaluation.undo()
            throw nonFiniteGradient(batch.executor)
        }
        let isDue = (position.step + 1) % batches == 0
        for update in survey.updates {
            let (first, count) = (update.range.lowerBound, update.range.count)
            if isDue {
                kernels.pointee.fill(sum + first, Int64(count), 0)
            } else {
                (sum + first).copy(from: gradients + first, count: count)
            }
        }
        return isDue
    }

    private func updateParameters(
        _ gradients: UnsafePointer<Float>, _ survey: GradientSurvey
    ) {
        // Schedules count batches, as Keras's do.
        let rate = optimizer.learningRate.rate(after: position.step)
        optimizer.begin(iteration)
        for index in survey.updates.indices {
            let part = survey.updates[index].part
            // 0 freezes it.
            guard part.rateFactor > 0 else { continue }
            optimizer.update(
                OptimizerStep(
                    part, of: network.parameters.pointer, gradients: gradients,
                    slots: optimizerSlots, factor: survey.updates[index].factor,
                    rate: rate * part.rateFactor, iteration: iteration, kernels: kernels,
                    workers: workers))
        }
    }

    // MARK: The average of the weights

    private var averages: Buffer<Float>? { optimizer.rule.average.isUsed ? slotBuffers[0] : nil }

    private func updateAverages(_ survey: GradientSurvey) {
        guard let averages else { return }
        let momentum = optimizer.rule.average.momentum(after: iteration)
        let overwrites = optimizer.rule.average.overwrites(after: iteration)
        // Of frozen layers too, which may be trained later.
        if momentum == 0 {
            averages.pointer.copy(from: network.parameters.pointer, count: averages.count)
            return
        }
        for update in survey.updates {
            let (first, count) = (update.range.lowerBound, update.range.count)
            let average = averages.pointer + first
            let weights = network.parameters.pointer + first
            // average = momentum * average + (1 - momentum) * w
            kernels.pointee.scale(average, average, Int64(count), Float(momentum))
            kernels.pointee.sgd(
                average, weights, Int64(count), Float(momentum - 1), 1, .infinity, 0)
            if overwrites { weights.copy(from: average, count: count) }
        }
    }

    /// Whether they still stand in the model: the caller has not changed them, or has put them back.
    var hasSwappedAverages: Bool {
        get { swappedAverages?.stand(in: network) ?? false }
        set { swappedAverages = newValue ? SwappedAverages(in: network) : nil }
    }

    /// At the end of a fit: the weights become their averages, as in Keras. What they were stays in
    /// the slot, so that a training that is resumed goes on as if it had not ended.
    func swapAverages() {
        guard averages != nil, position.step > 0, swappedAverages == nil else { return }
        exchangeAverages()
        hasSwappedAverages = true
    }

    /// Before a fit that is resumed.
    func unswapAverages() {
        // The caller's own weights stand.
        guard hasSwappedAverages else { return settleAverages() }
        exchangeAverages()
        swappedAverages = nil
    }

    /// Before another training than that which ended: the averages are the weights from here on.
    func settleAverages() {
        guard swappedAverages != nil, let averages else { return }
        averages.pointer.copy(from: network.parameters.pointer, count: averages.count)
        swappedAverages = nil
    }

    private func exchangeAverages() {
        guard let averages else { return }
        let weights = network.parameters.pointer
        // A layer that is frozen has no average: its weights stay.
        for part in trainedParts {
            for index in part.range {
                let weight = weights[index]
                weights[index] = averages.pointer[index]
                averages.pointer[index] = weight
            }
        }
        network.weightsDidChange()
    }
}

/// The batch of a step, as an optimizer evaluates it again.
private final class BatchUnderStep: BatchLoss {
    private let loop: TrainingLoop
    private let batch: TrainingLoop.BatchInUse
    /// Those before the batch.
    let sums: [Double]
    /// Of a layer or loss of the host's, which is not called again then.
    private(set) var failure: SNNError?

    init(_ loop: TrainingLoop, _ batch: TrainingLoop.BatchInUse) {
        self.loop = loop
        self.batch = batch
        sums = batch.evaluation.stateBefore
    }

    var parameters: UnsafeMutablePointer<Float> { loop.network.parameters.pointer }
    var gradients: UnsafePointer<Float> { UnsafePointer(batch.executor.gradients.pointer) }

    func evaluate() -> Double? {
        guard failure == nil else { return nil }
        // What was derived from the weights is made anew.
        loop.network.weightsDidChange()
        do throws(SNNError) {
            let loss = try loop.differentiate(
                batch.batch, rows: batch.rows, batch.executor, batch.evaluation)
            // The means hold the loss before the step alone.
            batch.evaluation.undo()
            return loss
        } catch {
            // `differentiate` took it back. The classes were checked before the step, so that it is
            // a number that is not finite, or a failure of the host's.
            if error.status != .numeric { failure = error }
            return nil
        }
    }
}
