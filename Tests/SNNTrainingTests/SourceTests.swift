import SNNCore
import SNNKernels
import SNNTestSupport
import SNNTraining
import Testing

/// Columns of every element type, and what the sources say of themselves.
struct SourceTests {
    private func withArray<Number: BitwiseCopyable>(
        _ numbers: [Number], _ type: ElementType, rows: Int,
        _ body: (ArrayView) throws -> Void
    ) throws {
        try numbers.withUnsafeBytes {
            let shape = try Shape([numbers.count / rows])
            try body(ArrayView($0.baseAddress!, type, rows: rows, shape: shape))
        }
    }

    /// The first batch of three rows: input and target.
    private func batch(
        _ view: ArrayView, scale: Float, shuffled: Bool = false
    ) throws -> (input: [Float], target: [Float]) {
        let source = try ArraySource(
            inputs: [view], targets: [view], sampleWeights: nil, scale: scale)
        let loader = try BatchLoader(
            source, range: 0..<3, batchSize: 3, shuffleSeed: shuffled ? 1 : nil,
            kernels: InstructionSet.best.kernels)
        try loader.begin(epoch: 0)
        try loader.load(rows: 3)
        return (
            Array(UnsafeBufferPointer(start: loader.batch.input(0), count: 6)),
            Array(UnsafeBufferPointer(start: loader.batch.target(0), count: 6))
        )
    }

    @Test func everyElementTypeBecomesFloat32AndOnlyUint8InputsAreScaled() throws {
        let numbers = [0, 1, 2, 250, 7, 16]
        let floats = numbers.map { Float($0) }
        let scaled = numbers.map { Float($0) / 16 }
        func check(_ view: ArrayView, input: [Float]) throws {
            let batch = try batch(view, scale: 0.0625)
            #expect(batch.input == input)
            // Class numbers, not grey values.
            #expect(batch.target == floats)
        }
        try withArray(numbers.map { UInt8($0) }, .uint8, rows: 3) { try check($0, input: scaled) }
        try withArray(floats, .float32, rows: 3) { try check($0, input: floats) }
        let doubles = numbers.map { Double($0) }
        try withArray(doubles, .float64, rows: 3) { try check($0, input: floats) }
        try withArray(numbers.map { Int32($0) }, .int32, rows: 3) { try check($0, input: floats) }
        try withArray(numbers.map { Int64($0) }, .int64, rows: 3) { try check($0, input: floats) }
    }

    @Test func rowsStayWholeInAShuffle() throws {
        try withArray([0, 10, 1, 11, 2, 12] as [Float], .float32, rows: 3) { view in
            let input = try batch(view, scale: 1, shuffled: true).input
            #expect(Set([input[0], input[2], input[4]]) == [0, 1, 2])
            for row in 0..<3 { #expect(input[2 * row + 1] == input[2 * row] + 10) }
        }
    }

    @Test func aFingerprintTellsWhatABatchDependsOn() throws {
        func source(
            rows: Int = 40, type: ElementType = .float32, width: Int = 2, scale: Float = 1,
            blockLength: Int = 0, weighted: Bool = false
        ) throws -> String {
            let column = SampleColumn(type, try Shape([width]))
            let extent = FileSource.Extent(name: "x", offset: 0, rows: rows, column: column)
            let weights = FileSource.Extent(
                name: "w", offset: 0, rows: rows, column: SampleColumn(.float32, .scalar))
            return try FileSource(
                path: "f", inputs: [extent], targets: [extent],
                sampleWeights: weighted ? weights : nil, scale: scale, blockLength: blockLength
            ) { (_, _, _) throws(SNNError) in }.fingerprint
        }
        let fingerprints = try [
            source(), source(rows: 41), source(type: .int32), source(width: 3),
            source(scale: 0.5), source(blockLength: 7), source(blockLength: 8),
            source(weighted: true),
        ]
        #expect(Set(fingerprints).count == fingerprints.count)
        // One block is one block.
        #expect(try source(blockLength: 40) == source())
        #expect(try source(blockLength: 1000) == source())
        try withArray([Float](repeating: 0, count: 80), .float32, rows: 40) { view in
            let memory = try ArraySource(
                inputs: [view], targets: [view], sampleWeights: nil, scale: 1)
            #expect(try memory.fingerprint == source())
        }
    }

    @Test func extentsThatContradictEachOtherAreRefused() throws {
        let column = SampleColumn(.float32, try Shape([2]))
        func status(_ rows: [Int], weights: SampleColumn? = nil) -> Status? {
            do throws(SNNError) {
                _ = try FileSource(
                    path: "f",
                    inputs: [.init(name: "x", offset: 0, rows: rows[0], column: column)],
                    targets: [.init(name: "y", offset: 0, rows: rows[1], column: column)],
                    sampleWeights: weights.map {
                        .init(name: "w", offset: 0, rows: rows[0], column: $0)
                    }, scale: 1, blockLength: 0
                ) { (_, _, _) throws(SNNError) in }
                return nil
            } catch {
                return error.status
            }
        }
        #expect(status([3, 3]) == nil)
        #expect(status([3, 4]) == .shape)
        #expect(status([0, 0]) == .shape)
        #expect(status([3, 3], weights: column) == .shape)
        #expect(status([3, 3], weights: SampleColumn(.float64, .scalar)) == nil)
    }
}
