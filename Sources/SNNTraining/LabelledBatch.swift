import SNNCore
import SNNGraph
import SNNKernels

/// One output of a batch and its targets: what a loss or a metric looks at. A view; who made it keeps
/// the memory.
package struct LabelledBatch {
    /// [rows, the output's shape].
    package let prediction: UnsafePointer<Float>
    /// The same, or class numbers, one for each vector.
    package let target: UnsafePointer<Float>
    /// One for each row; nil where the samples have none.
    package let weights: UnsafePointer<Float>?
    package let rows: Int
    /// The output's, without the batch.
    package let shape: Shape
    package let kernels: UnsafePointer<KernelTable>
    package let workers: Workers

    package init(
        prediction: UnsafePointer<Float>, target: UnsafePointer<Float>,
        weights: UnsafePointer<Float>?, rows: Int, shape: Shape,
        kernels: UnsafePointer<KernelTable>, workers: Workers
    ) {
        self.prediction = prediction
        self.target = target
        self.weights = weights
        self.rows = rows
        self.shape = shape
        self.kernels = kernels
        self.workers = workers
    }

    /// Vectors along the last axis.
    package var vectors: Int { rows &* shape.outerCount }
    package var width: Int { shape.last }
    package var count: Int { rows &* shape.count }

    /// The sample's weight, 1 where there are none.
    func weight(ofRow row: Int) -> Double { weights.map { Double($0[row]) } ?? 1 }
}
