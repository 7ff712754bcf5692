import SNNCore
import SNNGraph
import SNNKernels

/// Memory for the samples of one batch as float32: what a step reads.
package final class Batch {
    /// The most samples it has room for.
    package let capacity: Int
    private let inputs: [Buffer<Float>]
    private let targets: [Buffer<Float>]
    private let weightBuffer: Buffer<Float>
    /// Whether the samples have weights.
    package var isWeighted = false

    /// - Parameters:
    ///   - inputs: the inputs' shapes.
    ///   - targets: the targets' shapes.
    package init(
        capacity: Int, inputs: [Shape], targets: [Shape]
    ) throws(SNNError) {
        self.capacity = capacity
        self.inputs = try Batch.buffers(inputs, capacity)
        self.targets = try Batch.buffers(targets, capacity)
        weightBuffer = try Buffer(count: capacity)
    }

    package func input(_ index: Int) -> UnsafeMutablePointer<Float> { inputs[index].pointer }
    package func target(_ index: Int) -> UnsafeMutablePointer<Float> { targets[index].pointer }

    /// nil where the samples have none.
    package var weights: UnsafeMutablePointer<Float>? {
        isWeighted ? weightBuffer.pointer : nil
    }

    /// Column `index` of a source: the inputs, then the targets, then the weights.
    func column(_ index: Int) -> UnsafeMutablePointer<Float> {
        if index < inputs.count { return inputs[index].pointer }
        let target = index &- inputs.count
        return target < targets.count ? targets[target].pointer : weightBuffer.pointer
    }

    private static func buffers(
        _ shapes: [Shape], _ capacity: Int
    ) throws(SNNError) -> [Buffer<Float>] {
        var buffers: [Buffer<Float>] = []
        for shape in shapes {
            let (count, overflows) = capacity.multipliedReportingOverflow(by: shape.count)
            guard !overflows else {
                throw SNNError(.limit, "a batch of \(capacity) samples is too large")
            }
            buffers.append(try Buffer(count: count))
        }
        return buffers
    }
}
