import SNNCore
import SNNGraph
import SNNKernels

/// The samples of one batch in arrays of the caller, which lends them for the call.
package struct SampleArrays {
    private let inputs: UnsafeBufferPointer<ArrayView>
    private let targets: UnsafeBufferPointer<ArrayView>
    private let weights: ArrayView?
    /// What uint8 inputs are multiplied with.
    private let scale: Float

    package init(
        inputs: UnsafeBufferPointer<ArrayView>, targets: UnsafeBufferPointer<ArrayView>,
        weights: ArrayView?, scale: Float = 1
    ) {
        self.inputs = inputs
        self.targets = targets
        self.weights = weights
        self.scale = scale
    }

    /// The number of samples. Throws when the arrays are not what the objective asks for.
    func check(_ objective: Objective, _ graph: Graph) throws(SNNError) -> Int {
        try objective.check(inputs: inputs.count, targets: targets.count, for: graph) {
            $0 < inputs.count ? inputs[$0].shape : targets[$0 - inputs.count].shape
        }
        let rows = inputs[0].rows
        for input in inputs { try checkRows(input, rows) }
        for target in targets { try checkRows(target, rows) }
        if let weights {
            try checkRows(weights, rows)
            guard weights.shape.count == 1 else {
                throw SNNError(
                    .shape,
                    "sample_weight: expected one number a sample, received shape "
                        + weights.shape.batchText)
            }
        }
        guard rows >= 1 else {
            throw SNNError(.shape, "expected at least one sample, received none")
        }
        return rows
    }

    /// Converts the checked samples to the batch's rows.
    func load(into batch: Batch, _ kernels: UnsafePointer<KernelTable>) {
        for index in inputs.indices {
            convert(inputs[index], to: batch.input(index), scale: scale, kernels)
        }
        for index in targets.indices {
            convert(targets[index], to: batch.target(index), scale: 1, kernels)
        }
        batch.isWeighted = weights != nil
        if let weights, let rows = batch.weights { convert(weights, to: rows, scale: 1, kernels) }
    }

    private func convert(
        _ array: ArrayView, to rows: UnsafeMutablePointer<Float>, scale: Float,
        _ kernels: UnsafePointer<KernelTable>
    ) {
        kernels.pointee.convert(
            array.data, array.elementType, into: rows, count: array.rows &* array.shape.count,
            scale: scale)
    }

    private func checkRows(_ array: ArrayView, _ rows: Int) throws(SNNError) {
        guard array.rows == rows else {
            throw SNNError(
                .shape,
                "expected arrays of one number of samples, received \(rows) and \(array.rows)")
        }
    }
}
