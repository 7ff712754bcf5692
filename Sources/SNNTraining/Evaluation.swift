import SNNCore
import SNNGraph
import SNNKernels

/// Computes an objective batch by batch: the losses and their gradients, and the running means that
/// are reported. Holds all memory that this takes.
final class Evaluation {
    let objective: Objective
    private let kernels: UnsafePointer<KernelTable>
    private let workers: Workers
    private let values: Buffer<Float>
    private let factors: Buffer<Float>
    private let scratch: Buffer<Float>
    /// For each name of the objective the sum so far and what it is to be divided by.
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
        let vectors = capacity * (objective.terms.map { $0.vectors }.max() ?? 1)
        values = try Buffer(count: vectors)
        factors = try Buffer(count: vectors)
        scratch = try Buffer(count: 2 * vectors)
        sums = try Buffer(count: 2 * objective.names.count)
        sumsBefore = try Buffer(count: 2 * objective.names.count)
        results = try Buffer(count: objective.names.count)
    }

    /// The means so far, in the order of the objective's names; valid until the next batch.
    var means: UnsafeBufferPointer<Double> {
        for index in 0 ..< results.count {
            let weight = sums.pointer[2 * index + 1]
            results.pointer[index] = weight > 0 ? sums.pointer[2 * index] / weight : 0
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

    /// Adds a batch to the means; gives its loss. Throws, before anything is added, when a class is
    /// out of range.
    ///
    /// - Parameter storingGradients: whether the gradient of the loss of the batch goes to the
    ///   executor's outputs, in the same pass.
    func add(
        _ batch: Batch, rows: Int, outputs executor: Executor, storingGradients: Bool = false
    ) throws(SNNError) -> Double {
        for (index, term) in objective.terms.enumerated() {
            try term.loss?.checkClasses(
                batch.target(index), count: rows &* term.vectors, output: term.shape)
        }
        sumsBefore.pointer.copy(from: sums.pointer, count: sums.count)
        let hasTermLosses = objective.terms.count > 1
        var name = hasTermLosses ? 1 &+ objective.terms.count : 1
        var total = 0.0
        var index = 0
        while index < objective.terms.count {
            let loss = lossOfTerm(
                index, batch, rows: rows, executor, storingGradients: storingGradients)
            if hasTermLosses { add(loss * Double(rows), over: Double(rows), to: 1 &+ index) }
            total += objective.terms[index].weight * loss
            addMetrics(ofTerm: index, first: &name, batch, rows: rows, executor)
            index &+= 1
        }
        total += executor.penalty(rows: rows)
        add(total * Double(rows), over: Double(rows), to: 0)
        return total
    }

    private func lossOfTerm(
        _ index: Int, _ batch: Batch, rows: Int, _ executor: Executor, storingGradients: Bool
    ) -> Double {
        let term = objective.terms[index]
        guard let loss = term.loss else { return 0 }
        let vectors = rows &* term.vectors
        if storingGradients, let dOutput = executor.outputGradient(term.output) {
            setFactors(term, batch, vectors)
            loss.valuesAndGradient(
                executor.output(term.output), batch.target(index), factors: factors.pointer,
                into: values.pointer, dOutput, vectors: vectors, width: term.width,
                kernels: kernels, workers: workers)
        } else {
            loss.values(
                executor.output(term.output), batch.target(index), into: values.pointer,
                vectors: vectors, width: term.width, kernels: kernels, workers: workers)
        }
        var sum = 0.0
        var vector = 0
        while vector < vectors {
            let weight = batch.weights.map { Double($0[vector / term.vectors]) } ?? 1
            sum += Double(values.pointer[vector]) * weight
            vector &+= 1
        }
        return sum / Double(vectors)
    }

    /// What each vector's value counts in the loss of the batch.
    private func setFactors(_ term: Objective.Term, _ batch: Batch, _ vectors: Int) {
        let share = term.weight / Double(vectors)
        guard let weights = batch.weights else {
            factors.pointer.update(repeating: Float(share), count: vectors)
            return
        }
        var vector = 0
        while vector < vectors {
            factors.pointer[vector] = Float(share * Double(weights[vector / term.vectors]))
            vector &+= 1
        }
    }

    private func addMetrics(
        ofTerm index: Int, first name: inout Int, _ batch: Batch, rows: Int,
        _ executor: Executor
    ) {
        let term = objective.terms[index]
        let vectors = rows &* term.vectors
        for metric in term.metrics {
            metric.values(
                Metric.Batch(
                    prediction: executor.output(term.output), target: batch.target(index),
                    values: values.pointer, scratch: scratch.pointer, vectors: vectors,
                    width: term.width, kernels: kernels, workers: workers))
            var sum = 0.0
            var vector = 0
            while vector < vectors {
                sum += Double(values.pointer[vector])
                vector &+= 1
            }
            add(sum, over: Double(vectors), to: name)
            name &+= 1
        }
    }

    private func add(_ sum: Double, over weight: Double, to index: Int) {
        sums.pointer[2 &* index] += sum
        sums.pointer[2 &* index &+ 1] += weight
    }
}
