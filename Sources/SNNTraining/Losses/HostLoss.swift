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
    private let isChecked = Atomic<Bool>(false)

    init(name: String, _ function: Function) {
        self.name = name
        self.function = function
    }

    package func valueCount(rows: Int, shape: Shape) -> Int { rows }

    package var isKnownToKeras: Bool { false }

    package func evaluate(_ batch: LabelledBatch, _ result: LossResult) throws(SNNError) {
        let width = batch.shape.count
        try call(batch.target, batch.prediction, batch.rows, width, result.values,
            result.gradient?.dPrediction)
        guard let gradient = result.gradient else { return }
        if !isChecked.load(ordering: .relaxed) {
            try check(batch, result.values, gradient.dPrediction)
            isChecked.store(true, ordering: .relaxed)
        }
        for row in 0 ..< batch.rows {
            let slopes = gradient.dPrediction + row &* width
            batch.kernels.pointee.scale(slopes, slopes, Int64(width), gradient.factors[row])
        }
    }

    private func call(
        _ target: UnsafePointer<Float>, _ prediction: UnsafePointer<Float>, _ rows: Int,
        _ width: Int, _ values: UnsafeMutablePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>?
    ) throws(SNNError) {
        let status = function.callback(
            target, prediction, Int64(rows), Int64(width), values, gradient, function.user)
        guard status == 0 else {
            throw SNNError(.state, "loss '\(name)': its callback failed with \(status)")
        }
    }

    // MARK: The check

    /// Moves numbers of up to 16 samples, one of each at a time, up and down, by two distances, of
    /// which one must confirm the derivative: at a kink it may be that of either side.
    private func check(
        _ batch: LabelledBatch, _ values: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>
    ) throws(SNNError) {
        let width = batch.shape.count
        let rows = min(batch.rows, 16)
        let moved = try Buffer<Float>(count: rows * width)
        let above = try Buffer<Float>(count: rows)
        let below = try Buffer<Float>(count: rows)
        moved.pointer.copy(from: batch.prediction, count: rows * width)
        // Slopes are judged by the size of the largest.
        var most = 0.0
        for index in 0 ..< rows * width where gradient[index].isFinite {
            most = max(most, Double(gradient[index].magnitude))
        }
        let places = min(width, 16)
        for place in 0 ..< places {
            let index = place * width / places
            var isConfirmed = [Bool](repeating: false, count: rows)
            var expected = [Double](repeating: 0, count: rows)
            for distance: Float in [0x1p-7, 0x1p-10] {
                try move(distance, index, batch, rows, moved, above)
                try move(-distance, index, batch, rows, moved, below)
                for row in 0 ..< rows {
                    let x = batch.prediction[row * width + index]
                    let step = Double(HostLoss.step(distance, x))
                    let value = Double(values[row])
                    let rise = (Double(above.pointer[row]) - value) / step
                    let fall = (value - Double(below.pointer[row])) / step
                    let slope = Double(gradient[row * width + index])
                    expected[row] = (rise + fall) / 2
                    // What rounding the values to floats takes away.
                    let noise = 5e-7 * value.magnitude / step
                    let tolerance =
                        0.02 * max(most, expected[row].magnitude) + noise + 1e-6
                    // Beyond its domain a loss has no difference to compare with.
                    if !rise.isFinite || !fall.isFinite
                        || slope >= min(rise, fall) - tolerance
                            && slope <= max(rise, fall) + tolerance
                    {
                        isConfirmed[row] = true
                    }
                }
            }
            if let row = isConfirmed.firstIndex(of: false) {
                throw SNNError(
                    .argument,
                    "loss '\(name)': its derivative for number \(index) of sample \(row) is "
                        + "expected to be about \(Float(expected[row])), by finite differences, "
                        + "received \(gradient[row * width + index])")
            }
        }
    }

    /// How far a number is moved: in proportion where it is large.
    private static func step(_ distance: Float, _ x: Float) -> Float {
        let size = max(x.magnitude, 1)
        // Exactly the distance between the two floats.
        return ((x + distance * size) - x).magnitude
    }

    private func move(
        _ distance: Float, _ index: Int, _ batch: LabelledBatch, _ rows: Int,
        _ moved: Buffer<Float>, _ values: Buffer<Float>
    ) throws(SNNError) {
        let width = batch.shape.count
        for row in 0 ..< rows {
            let x = batch.prediction[row * width + index]
            let step = HostLoss.step(distance.magnitude, x)
            moved.pointer[row * width + index] = distance < 0 ? x - step : x + step
        }
        try call(batch.target, moved.pointer, rows, width, values.pointer, nil)
        for row in 0 ..< rows {
            moved.pointer[row * width + index] = batch.prediction[row * width + index]
        }
    }
}
