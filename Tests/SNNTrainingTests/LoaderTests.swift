import SNNCore
import SNNKernels
import SNNTestSupport
import SNNTraining
import Testing

/// The order in which samples come, and what their rows hold.
struct LoaderTests {
    /// Numbered samples, in a source that reads blocks of `blockLength` as a file would.
    private func numbered(
        _ count: Int, blockLength: Int, failsAt failure: Int = .max
    ) throws -> FileSource {
        let column = SampleColumn(.int32, .scalar)
        return try FileSource(
            path: "numbers",
            inputs: [.init(name: "x", offset: 0, rows: count, column: column)],
            targets: [.init(name: "y", offset: 0, rows: count, column: column)],
            sampleWeights: nil, scale: 1, blockLength: blockLength
        ) { (destination, count, offset) throws(SNNError) in
            guard offset + count <= failure else { throw SNNError(.io, "cut at \(failure)") }
            let numbers = destination.assumingMemoryBound(to: Int32.self)
            for index in 0..<count / 4 { numbers[index] = Int32(offset / 4 + index) }
        }
    }

    private func loader(
        _ source: any SampleSource, range: Range<Int>? = nil, batchSize: Int, seed: UInt64? = 7
    ) throws -> BatchLoader {
        try BatchLoader(
            source, range: range ?? 0..<source.count, batchSize: batchSize, shuffleSeed: seed,
            kernels: InstructionSet.best.kernels)
    }

    /// The numbers of an epoch's samples from batch `first` on.
    private func order(_ loader: BatchLoader, epoch: Int, at first: Int = 0) throws -> [Int] {
        var order: [Int] = []
        try loader.begin(epoch: epoch, at: first)
        for batch in first..<loader.batchCount {
            let rows = loader.rows(ofBatch: batch)
            try loader.load(rows: rows)
            for row in 0..<rows {
                order.append(Int(loader.batch.input(0)[row]))
                // The target goes with its input.
                #expect(loader.batch.target(0)[row] == loader.batch.input(0)[row])
            }
        }
        return order
    }

    @Test(arguments: [1, 2, 7, 10, 99, 100, 1000], [1, 3, 10, 100, 1000])
    func anEpochHoldsEverySampleOnce(blockLength: Int, batchSize: Int) throws {
        let loader = try loader(numbered(100, blockLength: blockLength), batchSize: batchSize)
        for epoch in 0..<3 {
            let order = try order(loader, epoch: epoch)
            #expect(order.sorted() == Array(0..<100))
            #expect(order != Array(0..<100))
        }
    }

    @Test func withoutShufflingTheOrderStays() throws {
        for blockLength in [1, 7, 100] {
            let loader = try loader(
                numbered(100, blockLength: blockLength), batchSize: 9, seed: nil)
            for epoch in 0..<2 { #expect(try order(loader, epoch: epoch) == Array(0..<100)) }
        }
    }

    @Test func theOrderFollowsFromSeedAndEpochAlone() throws {
        let source = try numbered(100, blockLength: 13)
        let first = try loader(source, batchSize: 9)
        let orders = try (0..<5).map { try order(first, epoch: $0) }
        // Other batches, another loader, another sequence of epochs.
        let other = try loader(source, batchSize: 32)
        for epoch in [3, 0, 4, 4] { #expect(try order(other, epoch: epoch) == orders[epoch]) }
        #expect(Set(orders).count == 5)
        let seeded = try loader(source, batchSize: 9, seed: 8)
        #expect(try order(seeded, epoch: 0) != orders[0])
    }

    @Test func blocksAreShuffledAndTheSamplesWithin() throws {
        let loader = try loader(numbered(100, blockLength: 10), batchSize: 10)
        let order = try order(loader, epoch: 0)
        var blocks: [Int] = []
        var inners: Set<[Int]> = []
        for start in stride(from: 0, to: 100, by: 10) {
            let block = Array(order[start..<start + 10])
            #expect(Set(block.map { $0 / 10 }).count == 1)
            blocks.append(block[0] / 10)
            inners.insert(block.map { $0 % 10 })
        }
        #expect(blocks != Array(0..<10) && blocks.sorted() == Array(0..<10))
        #expect(inners.count == 10)
    }

    @Test func aFileOfOneBlockHasTheOrderOfMemory() throws {
        let numbers = (0..<100).map { Int32($0) }
        try numbers.withUnsafeBytes { bytes in
            let view = try ArrayView(bytes.baseAddress!, .int32, rows: 100, shape: .scalar)
            let memory = try ArraySource(
                inputs: [view], targets: [view], sampleWeights: nil, scale: 1)
            for epoch in 0..<3 {
                let fromMemory = try order(loader(memory, batchSize: 9), epoch: epoch)
                let fromFile = try order(
                    loader(numbered(100, blockLength: 0), batchSize: 9), epoch: epoch)
                #expect(fromMemory == fromFile)
            }
        }
    }

    @Test(arguments: [1, 4, 13, 100])
    func anEpochIsEnteredAtAnyBatch(blockLength: Int) throws {
        for seed: UInt64? in [7, nil] {
            let loader = try loader(
                numbered(50, blockLength: blockLength), batchSize: 6, seed: seed)
            let whole = try order(loader, epoch: 2)
            for batch in 0...loader.batchCount {
                #expect(try order(loader, epoch: 2, at: batch) == Array(whole.dropFirst(batch * 6)))
            }
        }
    }

    @Test(arguments: [1, 4, 13, 100])
    func aPartOfTheDataIsShuffledWithinItself(blockLength: Int) throws {
        let loader = try loader(
            numbered(50, blockLength: blockLength), range: 11..<37, batchSize: 6)
        #expect(loader.batchCount == 5)
        #expect(loader.rows(ofBatch: 4) == 2)
        for epoch in 0..<2 { #expect(try order(loader, epoch: epoch).sorted() == Array(11..<37)) }
    }

    @Test func aBlockThatCannotBeReadIsAnErrorWhenItIsNeeded() throws {
        let loader = try loader(
            numbered(40, blockLength: 10, failsAt: 80), batchSize: 10, seed: nil)
        try loader.begin(epoch: 0)
        try loader.load(rows: 10)
        try loader.load(rows: 10)
        do throws(SNNError) {
            try loader.load(rows: 10)
            Issue.record("read what is not there")
        } catch {
            #expect(error.status == .io)
            #expect(error.message == "'x': cut at 80")
        }
        // Again from the begin.
        try loader.begin(epoch: 0)
        try loader.load(rows: 10)
        #expect(loader.batch.input(0)[9] == 9)
    }

    @Test func aLoaderIsGivenUpWhileItReadsAhead() throws {
        for _ in 0..<20 {
            let loader = try loader(numbered(100_000, blockLength: 50_000), batchSize: 10)
            try loader.begin(epoch: 0)
        }
    }
}
