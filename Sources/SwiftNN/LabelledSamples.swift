import SNNCore
import SNNGraph
import SNNKernels
import SNNTraining

/// Predictions, targets and weights of the host as floats of our own.
struct LabelledSamples {
    private let prediction: Buffer<Float>
    private let target: Buffer<Float>
    private let weights: Buffer<Float>?
    private let rows: Int
    private let shape: Shape
    private let kernels: UnsafePointer<KernelTable>

    init(
        _ target: ArrayView, _ prediction: ArrayView, _ weights: ArrayView?
    ) throws(SNNError) {
        rows = prediction.rows
        shape = prediction.shape
        kernels = try InstructionSet.chosenKernels()
        guard rows >= 1, target.rows == rows, weights == nil || weights?.rows == rows else {
            throw SNNError(
                .shape,
                "expected arrays of one number of samples, at least 1, received \(rows), "
                    + "\(target.rows)" + (weights.map { " and \($0.rows)" } ?? ""))
        }
        guard weights?.shape.count ?? 1 == 1 else {
            throw SNNError(.shape, "sample_weight: expected one number a sample")
        }
        self.prediction = try LabelledSamples.floats(prediction)
        self.target = try LabelledSamples.floats(target)
        self.weights =
            if let weights { try LabelledSamples.floats(weights) } else { nil }
    }

    /// A view; valid as long as these are.
    func batch(_ workers: Workers) -> LabelledBatch {
        LabelledBatch(
            prediction: prediction.pointer, target: target.pointer,
            weights: weights.map { UnsafePointer($0.pointer) }, rows: rows, shape: shape,
            kernels: kernels, workers: workers)
    }

    private static func floats(_ array: ArrayView) throws(SNNError) -> Buffer<Float> {
        let buffer = try Buffer<Float>(count: array.rows * array.shape.count)
        InstructionSet.best.kernels.pointee.convert(
            array.data, array.elementType, into: buffer.pointer, count: buffer.count, scale: 1)
        return buffer
    }
}
