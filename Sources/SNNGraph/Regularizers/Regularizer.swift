import SNNCore
import SNNKernels

/// A penalty on the numbers of a tensor that becomes part of the loss. Immutable: one object may
/// serve any number of tensors.
///
/// Sums are in double, in an order that follows from the shape alone.
package protocol Regularizer: AnyObject, Sendable {
    /// Keras's class name.
    var className: String { get }

    /// Keras's `get_config()`, in Keras's order.
    var configuration: [JSON.Member] { get }

    /// Throws what was expected where it cannot take a tensor of this shape.
    ///
    /// - Parameter isOfSamples: whether the batch is an axis before those of the shape.
    func check(_ shape: Shape, isOfSamples: Bool) throws(SNNError)

    /// Floats of workspace that it takes for [rows, columns].
    func workspace(rows: Int, columns: Int) -> Int

    /// The penalty, in full.
    func penalty(of tensor: PenalizedTensor, _ memory: PenaltyMemory) -> Double

    /// gradient += scale * the penalty's gradient.
    func addGradient(
        of tensor: PenalizedTensor, scale: Double, to gradient: UnsafeMutablePointer<Float>,
        _ memory: PenaltyMemory)
}

extension Regularizer {
    package func check(_ shape: Shape, isOfSamples: Bool) throws(SNNError) {}
    package func workspace(rows: Int, columns: Int) -> Int { 0 }
}

/// The numbers that are penalized: [rows, columns], row-major.
package struct PenalizedTensor {
    package let values: UnsafePointer<Float>
    package let rows: Int
    package let columns: Int

    package init(_ values: UnsafePointer<Float>, rows: Int, columns: Int) {
        self.values = values
        self.rows = rows
        self.columns = columns
    }

    package var count: Int { rows &* columns }
}

/// What a regularizer works with, valid during the call.
package struct PenaltyMemory {
    package let kernels: UnsafePointer<KernelTable>
    package let workers: Workers
    /// A double for each chunk of the tensor; see `ChunkedSum`.
    let sums: UnsafeMutablePointer<Double>
    /// As many floats as the regularizer asked for.
    let workspace: UnsafeMutablePointer<Float>

    package init(
        kernels: UnsafePointer<KernelTable>, workers: Workers,
        sums: UnsafeMutablePointer<Double>, workspace: UnsafeMutablePointer<Float>
    ) {
        self.kernels = kernels
        self.workers = workers
        self.sums = sums
        self.workspace = workspace
    }
}

/// The regularizers of Keras 3.
package enum Regularizers {
    package static let registry = PartRegistry<any Regularizer>(
        "regularizer",
        [L1.row, L2.row, L1L2.row, L1L2.rowOfOldName, OrthogonalRegularizer.row])

    /// From the keys l1 and l2, 0 where they are not given.
    package static func l1l2(_ options: inout Configuration) throws(SNNError) -> any Regularizer {
        try L1L2.row.make(&options)
    }

    /// As Keras writes it.
    package static func json(_ regularizer: any Regularizer) -> JSON {
        PartRegistry<any Regularizer>.json(
            module: "keras.regularizers", regularizer.className, regularizer.configuration)
    }
}

extension Configuration {
    /// A penalty's factor: finite and not negative, as Keras checks it.
    mutating func factor(_ key: String, default value: Double) throws(SNNError) -> Double {
        try optionalNumber(key, in: 0 ... Double(Float.greatestFiniteMagnitude)) ?? value
    }
}
