import SNNCore

/// A column of a data set: an input, a target or the weights of the samples.
package struct SampleColumn: Sendable, Equatable {
    package let elementType: ElementType
    /// Of one sample.
    package let shape: Shape

    package init(_ elementType: ElementType, _ shape: Shape) {
        self.elementType = elementType
        self.shape = shape
    }
}

/// Samples to train with, held in memory or in a file, that are read in blocks.
package protocol SampleSource: AnyObject, Sendable {
    /// Samples.
    var count: Int { get }
    /// The inputs, then the targets, then the samples' weights where there are any.
    var columns: [SampleColumn] { get }
    var inputCount: Int { get }
    var targetCount: Int { get }
    /// What uint8 inputs are multiplied with.
    var scale: Float { get }
    /// Samples that a block holds; `count` for one block.
    var blockLength: Int { get }

    /// Reads these blocks in this order.
    func makeReader(of blocks: [Range<Int>]) throws(SNNError) -> any BlockReader
}

extension SampleSource {
    package var hasSampleWeights: Bool { columns.count > inputCount + targetCount }

    /// What a resumed training compares: counts, shapes and types, and what else decides which
    /// numbers a batch holds.
    package var fingerprint: String {
        var text = columns.reduce("\(count);\(inputCount);\(targetCount)") {
            $0 + ";" + $1.elementType.name + $1.shape.text
        }
        if scale != 1 { text += ";scale \(scale)" }
        // One block of a file is shuffled as the same samples in memory.
        if blockLength < count { text += ";block_rows \(blockLength)" }
        return text
    }
}

/// Goes through blocks; each is there until the next one is asked for.
package protocol BlockReader: AnyObject {
    /// Moves to the next block. Throws when it cannot be read.
    func next() throws(SNNError)

    /// The first sample of the block in column `index`.
    func column(_ index: Int) -> UnsafeRawPointer
}

/// Samples in the caller's memory, not copied: one block.
package final class ArraySource: SampleSource {
    package let count: Int
    package let columns: [SampleColumn]
    package let inputCount: Int
    package let targetCount: Int
    package let scale: Float
    private let arrays: [ArrayView]

    package var blockLength: Int { max(count, 1) }

    package init(
        inputs: [ArrayView], targets: [ArrayView], sampleWeights: ArrayView?, scale: Float
    ) throws(SNNError) {
        guard let first = inputs.first else {
            throw SNNError(.argument, "expected at least one input array, received none")
        }
        arrays = inputs + targets + (sampleWeights.map { [$0] } ?? [])
        for array in arrays where array.rows != first.rows {
            throw SNNError(
                .shape,
                "expected arrays of one number of samples, received \(first.rows) and \(array.rows)")
        }
        guard first.rows >= 1 else {
            throw SNNError(.shape, "expected at least one sample, received none")
        }
        if let weights = sampleWeights, weights.shape.count != 1 {
            throw SNNError(
                .shape,
                "sample_weight: expected one number a sample, received shape "
                    + weights.shape.batchText)
        }
        count = first.rows
        columns = arrays.map { SampleColumn($0.elementType, $0.shape) }
        inputCount = inputs.count
        targetCount = targets.count
        self.scale = scale
    }

    package func makeReader(of blocks: [Range<Int>]) throws(SNNError) -> any BlockReader {
        ArrayReader(arrays, blocks)
    }
}

private final class ArrayReader: BlockReader {
    private let arrays: [ArrayView]
    private let blocks: [Range<Int>]
    private var current = -1

    init(_ arrays: [ArrayView], _ blocks: [Range<Int>]) {
        self.arrays = arrays
        self.blocks = blocks
    }

    func next() throws(SNNError) { current += 1 }

    func column(_ index: Int) -> UnsafeRawPointer {
        arrays[index].data + blocks[current].lowerBound &* arrays[index].rowSize
    }
}
