import CSystem
import SNNCore

/// Samples in a file of any size: contiguous columns in native byte order at known places, read in
/// blocks, the next one while this one is used. (Where the columns are in an HDF5 file is found by
/// who opens it.)
package final class FileSource: SampleSource {
    /// A column's place in the file.
    package struct Extent: Sendable {
        package let name: String
        package let offset: Int
        package let rows: Int
        package let column: SampleColumn

        package init(name: String, offset: Int, rows: Int, column: SampleColumn) {
            self.name = name
            self.offset = offset
            self.rows = rows
            self.column = column
        }
    }

    package let count: Int
    package let columns: [SampleColumn]
    package let inputCount: Int
    package let targetCount: Int
    package let scale: Float
    package let blockLength: Int
    let path: String
    let extents: [Extent]
    let read: Read

    /// Reads bytes of the file at an offset, on any thread; throws when they cannot be read.
    package typealias Read =
        @Sendable (_ into: UnsafeMutableRawPointer, _ count: Int, _ offset: Int) throws(SNNError)
        -> Void

    /// - Parameters:
    ///   - path: for messages.
    ///   - blockLength: samples in a block; 0 for about 8 MiB.
    package init(
        path: String, inputs: [Extent], targets: [Extent], sampleWeights: Extent?, scale: Float,
        blockLength: Int, read: @escaping Read
    ) throws(SNNError) {
        self.path = path
        self.read = read
        self.scale = scale
        extents = inputs + targets + (sampleWeights.map { [$0] } ?? [])
        columns = extents.map { $0.column }
        inputCount = inputs.count
        targetCount = targets.count
        count = extents.first?.rows ?? 0
        let bytes = columns.reduce(0) { $0 + $1.shape.count * $1.elementType.size }
        let automatic = max(1, (8 << 20) / max(bytes, 1))
        self.blockLength = max(1, min(blockLength > 0 ? blockLength : automatic, count))
        guard let first = extents.first, count >= 1 else {
            throw SNNError(.shape, "'\(path)': expected at least one sample, found none")
        }
        for extent in extents where extent.rows != count {
            throw SNNError(
                .shape,
                "'\(path)': expected '\(extent.name)' to hold the \(count) samples of "
                    + "'\(first.name)', found \(extent.rows)")
        }
        if let weights = sampleWeights, weights.column.shape.count != 1 {
            throw SNNError(
                .shape,
                "'\(path)': expected '\(weights.name)' to hold one number a sample, found shape "
                    + weights.column.shape.batchText)
        }
    }

    package func makeReader(of blocks: [Range<Int>]) throws(SNNError) -> any BlockReader {
        try FileReader(self, blocks)
    }
}

/// Two buffers: one is used while a thread fills the other.
private final class FileReader: BlockReader {
    private let source: FileSource
    private let blocks: [Range<Int>]
    private var used: BlockLoad
    private var loading: BlockLoad
    private var nextBlock = 0

    init(_ source: FileSource, _ blocks: [Range<Int>]) throws(SNNError) {
        self.source = source
        self.blocks = blocks
        used = try BlockLoad(source)
        loading = try BlockLoad(source)
        startLoading()
    }

    deinit { loading.wait() }

    func next() throws(SNNError) {
        try loading.finish()
        swap(&used, &loading)
        startLoading()
    }

    func column(_ index: Int) -> UnsafeRawPointer { used.column(index) }

    private func startLoading() {
        guard nextBlock < blocks.count else { return }
        loading.start(blocks[nextBlock])
        nextBlock += 1
    }
}

/// A block's memory, and the thread that fills it. `@unchecked Sendable`: the fields belong to the
/// thread from `start` to `wait`, else to the reader, who keeps the object until then.
private final class BlockLoad: @unchecked Sendable {
    private let source: FileSource
    private let memory: Buffer<UInt8>
    private let offsets: [Int]
    private var block = 0 ..< 0
    private var failure: SNNError?
    private var thread: pthread_t?
    /// Of the process that `thread` is in.
    private var generation = 0

    init(_ source: FileSource) throws(SNNError) {
        self.source = source
        var offsets: [Int] = []
        var size = 0
        for column in source.columns {
            offsets.append(size)
            size += source.blockLength * column.shape.count * column.elementType.size
            size = (size + 63) / 64 * 64
        }
        self.offsets = offsets
        memory = try Buffer(count: size)
    }

    func column(_ index: Int) -> UnsafeRawPointer { UnsafeRawPointer(memory.pointer + offsets[index]) }

    /// Begins to read; where no thread can be had, reads here and now.
    func start(_ block: Range<Int>) {
        self.block = block
        failure = nil
        var blocked = sigset_t()
        var before = sigset_t()
        sigfillset(&blocked)
        pthread_sigmask(SIG_SETMASK, &blocked, &before)
        var thread = pthread_t()
        generation = ForkGeneration.current
        let status = pthread_create(
            &thread, nil,
            { context in
                if let context {
                    Unmanaged<BlockLoad>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.read() }
                }
                return nil
            }, Unmanaged.passUnretained(self).toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        if status == 0 { self.thread = thread } else { read() }
    }

    /// Lets the thread come to its end.
    ///
    /// - Returns: whether it was one of a parent's, which is not here and may have come to any point.
    @discardableResult
    func wait() -> Bool {
        guard let thread else { return false }
        self.thread = nil
        guard generation == ForkGeneration.current else {
            // Its last value may be half written: nothing can be released.
            withUnsafeMutablePointer(to: &failure) { $0.initialize(to: nil) }
            return true
        }
        pthread_join(thread, nil)
        return false
    }

    func finish() throws(SNNError) {
        if wait() { read() }
        if let failure { throw failure }
    }

    private func read() {
        for (index, extent) in source.extents.enumerated() {
            let rowSize = extent.column.shape.count * extent.column.elementType.size
            do throws(SNNError) {
                try source.read(
                    memory.pointer + offsets[index], block.count * rowSize,
                    extent.offset + block.lowerBound * rowSize)
            } catch {
                failure = error.within("'\(extent.name)'")
                return
            }
        }
    }
}
