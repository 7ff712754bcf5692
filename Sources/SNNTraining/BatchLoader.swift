import SNNCore
import SNNGraph
import SNNKernels

/// Makes batches of float32 rows from a part of a data set, in order or shuffled: the blocks are
/// permuted, and the samples within each. The order follows from the seed and the epoch alone, so
/// an epoch can be entered at any batch.
package final class BatchLoader {
    package let dataset: any SampleSource
    package let batchSize: Int
    package let range: Range<Int>
    private let shuffleSeed: UInt64?
    private let kernels: UnsafePointer<KernelTable>

    /// What `load` fills.
    package let batch: Batch
    /// The current block's samples in the order of their use; empty without shuffling.
    private let order: Buffer<Int32>
    private var blocks: [Range<Int>]
    private var reader: (any BlockReader)?
    private var block = -1
    /// Samples of the current block that were used.
    private var used = 0
    private var epoch = 0

    /// - Parameter shuffleSeed: nil keeps the order.
    package init(
        _ dataset: any SampleSource, range: Range<Int>, batchSize: Int, shuffleSeed: UInt64?,
        kernels: UnsafePointer<KernelTable>
    ) throws(SNNError) {
        self.dataset = dataset
        self.range = range
        self.batchSize = batchSize
        self.shuffleSeed = shuffleSeed
        self.kernels = kernels
        let shapes = dataset.columns.map { $0.shape }
        batch = try Batch(
            capacity: batchSize, inputs: Array(shapes.prefix(dataset.inputCount)),
            targets: Array(shapes.dropFirst(dataset.inputCount).prefix(dataset.targetCount)))
        batch.isWeighted = dataset.hasSampleWeights
        let longest = min(dataset.blockLength, range.count)
        guard shuffleSeed == nil || longest <= Int(Int32.max) else {
            throw SNNError(
                .limit, "expected at most \(Int32.max) samples to shuffle, received \(longest)")
        }
        order = try Buffer(count: shuffleSeed == nil ? 0 : longest)
        blocks = []
    }

    /// Batches of an epoch; the last may be short.
    package var batchCount: Int { (range.count + batchSize - 1) / batchSize }

    package func rows(ofBatch index: Int) -> Int {
        min(batchSize, range.count - index * batchSize)
    }

    /// Goes to batch `first` of an epoch.
    package func begin(epoch: Int, at first: Int = 0) throws(SNNError) {
        self.epoch = epoch
        blocks = stride(from: range.lowerBound, to: range.upperBound, by: dataset.blockLength).map {
            $0 ..< min($0 + dataset.blockLength, range.upperBound)
        }
        if let shuffleSeed, blocks.count > 1 {
            blocks.withUnsafeMutableBufferPointer {
                shuffle($0, seed: shuffleSeed, epoch: epoch)
            }
        }
        // The blocks that an earlier run used up are not read again.
        var skipped = first * batchSize
        var start = 0
        while start < blocks.count, skipped >= blocks[start].count {
            skipped -= blocks[start].count
            start += 1
        }
        block = start - 1
        used = 0
        reader = nil
        reader = try dataset.makeReader(of: Array(blocks[start...]))
        if start < blocks.count {
            try enterNextBlock()
            used = skipped
        }
    }

    /// Fills the batch with the next `rows` samples.
    package func load(rows: Int) throws(SNNError) {
        var filled = 0
        while filled < rows {
            if used == blocks[block].count { try enterNextBlock() }
            let count = min(rows - filled, blocks[block].count - used)
            for column in dataset.columns.indices { gather(column, at: filled, count: count) }
            used += count
            filled += count
        }
    }

    private func enterNextBlock() throws(SNNError) {
        block += 1
        used = 0
        try reader?.next()
        guard let shuffleSeed else { return }
        let count = blocks[block].count
        for index in 0 ..< count { order.pointer[index] = Int32(truncatingIfNeeded: index) }
        // Each block has a permutation of its own, keyed by where it is in the data set.
        shuffle(
            UnsafeMutableBufferPointer(start: order.pointer, count: count), seed: shuffleSeed,
            epoch: epoch, salt: 1 + blocks[block].lowerBound / dataset.blockLength)
    }

    /// Converts the next `count` samples of a column to rows from `first` on.
    private func gather(_ index: Int, at first: Int, count: Int) {
        guard let reader else { return }
        let column = dataset.columns[index]
        let size = column.shape.count
        let rowSize = size &* column.elementType.size
        let source = reader.column(index)
        let target = batch.column(index) + first &* size
        // uint8 targets are class numbers, not grey values.
        let scale = index < dataset.inputCount ? dataset.scale : 1
        guard shuffleSeed != nil else {
            kernels.pointee.convert(
                source + used &* rowSize, column.elementType, into: target, count: count &* size,
                scale: scale)
            return
        }
        var row = 0
        while row < count {
            let sample = Int(order.pointer[used &+ row])
            kernels.pointee.convert(
                source + sample &* rowSize, column.elementType, into: target + row &* size,
                count: size, scale: scale)
            row &+= 1
        }
    }
}
