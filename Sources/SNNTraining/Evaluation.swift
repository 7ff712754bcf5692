import SNNCore
import SNNGraph
import SNNKernels

/// Computes an objective batch by batch: the losses and their gradients, and the numbers that are
/// reported. Holds all memory that this takes.
final class Evaluation {
    let objective: Objective
    private let kernels: UnsafePointer<KernelTable>
    private let workers: Workers
    private let values: Buffer<Float>
    private let factors: Buffer<Float>
    private let scratch: Buffer<Double>
    /// The sums so far: for each loss its sum and what it is to be divided by, then the metrics'.
    private let sums: Buffer<Double>
    /// The sums before the last batch.
    private let sumsBefore: Buffer<Double>
    private let results: Buffer<Double>

    init(
        _ objective: Objective, capacity: Int, kernels: UnsafePointer<KernelTable>,
        workers: Workers
    ) throws(SNNError) {
        self.objective = objective
        self.kernels = kernels
        self.workers = workers
        // No more than the outputs' own memory, which was checked.
        var valueCount = 1
        var scratchCount = 0
        for term in objective.terms {
            valueCount = max(
                valueCount, term.loss.valueCount(rows: capacity, shape: term.shape))
            scratchCount = max(
                scratchCount, term.loss.scratchCount(rows: capacity, shape: term.shape))
        }
        for report in objective.reports {
            let shape = objective.terms[report.term].shape
            let formula = report.metric.formula
            valueCount = max(valueCount, formula.valueCount(rows: capacity, shape: shape))
            scratchCount = max(scratchCount, formula.scratchCount(rows: capacity, shape: shape))
        }
        values = try Buffer(count: valueCount)
        factors = try Buffer(count: valueCount)
        scratch = try Buffer(count: scratchCount)
        sums = try Buffer(count: objective.sumCount)
        sumsBefore = try Buffer(count: objective.sumCount)
        results = try Buffer(count: objective.names.count)
    }

    private var memory: Loss.Memory {
        Loss.Memory(values: values.pointer, factors: factors.pointer, scratch: scratch.pointer)
    }

    /// The results so far, in the order of the objective's names; valid until the next batch.
    var means: UnsafeBufferPointer<Double> {
        var index = 0
        while index < objective.lossCount {
            let weight = sums.pointer[2 &* index &+ 1]
            results.pointer[index] = weight > 0 ? sums.pointer[2 &* index] / weight : 0
            index &+= 1
        }
        var first = 2 &* index
        for report in objective.reports {
            let formula = report.metric.formula
            formula.result(sums.pointer + first, results.pointer + index)
            first &+= formula.sumCount
            index &+= formula.resultCount
        }
        return UnsafeBufferPointer(start: results.pointer, count: results.count)
    }

    func reset() { sums.pointer.update(repeating: 0, count: sums.count) }

    /// Takes the last batch back.
    func undo() { sums.pointer.copy(from: sumsBefore.pointer, count: sums.count) }

    /// The running sums, to save and to restore.
    var state: [Double] {
        get { Array(UnsafeBufferPointer(start: sums.pointer, count: sums.count)) }
        set {
            for (index, value) in newValue.enumerated() where index < sums.count {
                sums.pointer[index] = value
            }
        }
    }

    /// Those before the last batch.
    var stateBefore: [Double] {
        Array(UnsafeBufferPointer(start: sumsBefore.pointer, count: sumsBefore.count))
    }

    /// Adds a batch to the sums; gives its loss. Where it throws, nothing was added.
    ///
    /// - Parameter storingGradients: whether the gradient of the loss of the batch goes to the
    ///   executor's outputs, in the same pass.
    func add(
        _ batch: Batch, rows: Int, outputs executor: Executor, storingGradients: Bool = false
    ) throws(SNNError) -> Double {
        sumsBefore.pointer.copy(from: sums.pointer, count: sums.count)
        do throws(SNNError) {
            return try sum(batch, rows, executor, storingGradients)
        } catch {
            undo()
            throw error
        }
    }

    private func sum(
        _ batch: Batch, _ rows: Int, _ executor: Executor, _ storingGradients: Bool
    ) throws(SNNError) -> Double {
        var index = 0
        while index < objective.terms.count {
            let term = objective.terms[index]
            try term.loss.checkTargets(view(index, batch, rows, executor))
            index &+= 1
        }
        var total = 0.0
        index = 0
        while index < objective.terms.count {
            let term = objective.terms[index]
            let loss = try term.loss.compute(
                view(index, batch, rows, executor), weight: term.weight, memory,
                dPrediction: storingGradients ? executor.outputGradient(term.output) : nil)
            if objective.lossCount > 1 {
                add(loss * Double(rows), over: Double(rows), to: 1 &+ index)
            }
            total += term.weight * loss
            index &+= 1
        }
        total += executor.penalty(rows: rows)
        add(total * Double(rows), over: Double(rows), to: 0)
        var first = 2 &* objective.lossCount
        for report in objective.reports {
            try report.metric.formula.add(
                view(report.term, batch, rows, executor, isWeighted: report.isWeighted), memory,
                to: sums.pointer + first)
            first &+= report.metric.formula.sumCount
        }
        return total
    }

    private func view(
        _ index: Int, _ batch: Batch, _ rows: Int, _ executor: Executor, isWeighted: Bool = true
    ) -> LabelledBatch {
        let term = objective.terms[index]
        return LabelledBatch(
            prediction: executor.output(term.output), target: batch.target(index),
            weights: isWeighted ? batch.weights.map { UnsafePointer($0) } : nil, rows: rows,
            shape: term.shape, kernels: kernels, workers: workers)
    }

    private func add(_ sum: Double, over weight: Double, to index: Int) {
        sums.pointer[2 &* index] += sum
        sums.pointer[2 &* index &+ 1] += weight
    }
}
