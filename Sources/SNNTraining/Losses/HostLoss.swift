import SNNCore
import SNNGraph
import SNNKernels
import Synchronization

/// A loss that the host computes: a value for each sample, and its gradient. Before the first
/// gradient is used it is compared with finite differences.
///
/// The host is called on the thread that called the library, and never again after an error.
package final class HostLoss: LossFormula {
    /// Of y_true and y_pred, [rows, width] each, to `values` [rows] and `gradient` [rows, width]:
    /// d values[r] / d y_pred[r, i], or nil when none is wanted. Not 0: it failed.
    package typealias Callback =
        @convention(c) (
            UnsafePointer<Float>?, UnsafePointer<Float>?, Int64, Int64,
            UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?, UnsafeMutableRawPointer?
        ) -> Int32

    struct Function: @unchecked Sendable {
        // Sendable: what `user` is belongs to the host, who says which trainers use it.
        let callback: Callback
        let user: UnsafeMutableRawPointer?
    }

    private let name: String
    private let function: Function
    /// How many more batches are looked at, until one has a slope.
    private let checks: Atomic<Int>

    init(name: String, _ function: Function, gradientIsDerivative: Bool) {
        self.name = name
        self.function = function
        checks = Atomic(gradientIsDerivative ? 8 : 0)
    }

    package func valueCount(rows: Int, shape: Shape) -> Int { rows }

    package var isKnownToKeras: Bool { false }

    package func evaluate(_ batch: LabelledBatch, _ result: LossResult) throws(SNNError) {
        let width = batch.shape.count
        try call(batch, batch.prediction, batch.rows, result.values, result.gradient?.dPrediction)
        guard let gradient = result.gradient else { return }
        if checks.load(ordering: .relaxed) > 0 { try check(batch, gradient.dPrediction) }
        for row in 0 ..< batch.rows {
            let slopes = gradient.dPrediction + row &* width
            batch.kernels.pointee.scale(slopes, slopes, Int64(width), gradient.factors[row])
        }
    }

    private func call(
        _ batch: LabelledBatch, _ prediction: UnsafePointer<Float>, _ rows: Int,
        _ values: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>?
    ) throws(SNNError) {
        // A callback that fails without a word leaves a loss that is not finite.
        batch.kernels.pointee.fill(values, Int64(rows), .nan)
        let status = function.callback(
            batch.target, prediction, Int64(rows), Int64(batch.shape.count), values, gradient,
            function.user)
        guard status == 0 else {
            throw SNNError(.state, "loss '\(name)': its callback failed with \(status)")
        }
    }

    // MARK: The check

    /// Of up to 16 samples: 64 of their numbers at most are moved, one at a time.
    private func check(
        _ batch: LabelledBatch, _ gradient: UnsafePointer<Float>
    ) throws(SNNError) {
        let width = batch.shape.count
        let rows = min(batch.rows, 16)
        let count = rows * width
        let results = FiniteDifferences.memory(outputs: rows)
        let memory = try Buffer<Float>(count: results + 2 * count)
        let moved = memory.pointer + results
        let weighted = moved + count
        moved.copy(from: batch.prediction, count: count)
        let values = memory.pointer + rows
        let differences = FiniteDifferences(outputs: rows, in: memory.pointer) {
            () throws(SNNError) in
            try self.call(batch, moved, rows, values, nil)
        }
        guard try differences.begin() else { return }
        for row in 0 ..< rows {
            for index in row * width ..< (row + 1) * width {
                weighted[index] = differences.cotangents[row] * gradient[index]
            }
        }
        let predictions = FiniteDifferences.Tensor(
            batch.prediction, moved: moved, gradient: weighted, count: count)
        switch try differences.check(predictions, places: 64) {
        case .right: checks.store(0, ordering: .relaxed)
        case .unseen: checks.subtract(1, ordering: .relaxed)
        case .wrong(let mistake):
            let place =
                mistake.index.map { "number \($0 % width) of sample \($0 / width)" }
                ?? "a random direction of y_pred"
            throw mistake.error(place).within("loss '\(name)'")
        }
    }
}
