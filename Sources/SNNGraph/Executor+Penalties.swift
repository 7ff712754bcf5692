import SNNCore
import SNNKernels

// Penalties of the loss: regularizers of variables and of the outputs of layers.
extension Executor {
    /// The sum of all penalties, after `forward` of as many rows; 0 where there are none.
    package func penalty(rows: Int) -> Double {
        var sum = 0.0
        for index in plan.penalties.indices { sum += penalty(index, rows: rows) }
        return sum
    }

    /// What has a penalty that is not finite, after `forward` of as many rows.
    package func nonFinitePenalty(rows: Int) -> String? {
        plan.penalties.indices.first { !penalty($0, rows: rows).isFinite }
            .map { plan.penalties[$0].name }
    }

    private func penalty(_ index: Int, rows: Int) -> Double {
        guard let tensor = tensor(index, rows: rows) else { return 0 }
        let penalty = plan.penalties[index].regularizer.penalty(of: tensor, memory)
        return plan.penalties[index].rows == nil ? penalty / Double(rows) : penalty
    }

    /// Before anything else is added to those gradients.
    func storeActivityGradients(rows: Int) {
        for index in plan.penalties.indices where plan.penalties[index].rows == nil {
            addGradient(index, rows: rows, scale: 1 / Double(rows))
        }
    }

    /// After the layers stored theirs.
    func addVariableGradients() {
        for index in plan.penalties.indices where plan.penalties[index].rows != nil {
            addGradient(index, rows: 0, scale: 1)
        }
    }

    private func addGradient(_ index: Int, rows: Int, scale: Double) {
        guard let gradient = pointer(to: plan.penalties[index].gradient),
            let tensor = tensor(index, rows: rows)
        else { return }
        if plan.penalties[index].isFirst {
            kernels.pointee.fill(gradient, Int64(tensor.count), 0)
        }
        plan.penalties[index].regularizer.addGradient(
            of: tensor, scale: scale, to: gradient, memory)
    }

    private func tensor(_ index: Int, rows: Int) -> PenalizedTensor? {
        guard let values = pointer(to: plan.penalties[index].source) else { return nil }
        return PenalizedTensor(
            values, rows: plan.penalties[index].rows ?? rows,
            columns: plan.penalties[index].columns)
    }

    private var memory: PenaltyMemory {
        PenaltyMemory(
            kernels: kernels, workers: workers, sums: penaltyMemory.sums.pointer,
            workspace: penaltyMemory.workspace.pointer)
    }

    /// What the penalties of a plan take for batches of `capacity` rows.
    static func penaltyMemory(
        _ plan: Plan, capacity: Int
    ) throws(SNNError) -> (sums: Buffer<Double>, workspace: Buffer<Float>) {
        var sums = 0
        var workspace = 0
        for penalty in plan.penalties {
            let rows = penalty.rows ?? capacity
            // Throws where the numbers would be too many.
            let count = try floats(FloatCount(perRow: penalty.columns), rows: rows)
            sums = max(sums, ChunkedSum.chunks(count))
            workspace = max(
                workspace, penalty.regularizer.workspace(rows: rows, columns: penalty.columns))
        }
        return (sums: try Buffer(count: sums), workspace: try Buffer(count: workspace))
    }
}
