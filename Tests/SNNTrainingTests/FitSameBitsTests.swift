import Foundation
import SNNCore
import SNNGraph
import SNNKernels
import SNNLayers
import SNNTestSupport
import SNNTraining
import Testing

/// Whole trainings end with the same bits for any number of threads and with AVX2 and AVX-512.
struct FitSameBitsTests {
    /// Wide enough that its products, activations and steps are cut into pieces.
    private static let json = """
        {class_name: 'Sequential', config: {name: 'wide', layers: [
          {class_name: 'InputLayer', config: {name: 'x', shape: [150]}},
          {class_name: 'Dense', config: {name: 'a', units: 300, use_bias: false}},
          {class_name: 'BatchNormalization', config: {name: 'n'}},
          {class_name: 'Activation', config: {name: 'g', activation: 'gelu'}},
          {class_name: 'Dropout', config: {name: 'd', rate: 0.3}},
          {class_name: 'Dense', config: {name: 'b', units: 257, activation: 'tanh'}},
          {class_name: 'Dense', config: {name: 'y', units: 7, activation: 'softmax'}}]}}
        """
    private static let rows = 200

    /// Plain, and with what looks at all gradients at once.
    static let optimizers = [
        "'adam'",
        "{class_name: 'AdamW', config: {weight_decay: 0.1, global_clipnorm: 0.01}}",
        "{class_name: 'SGD', config: {momentum: 0.9, weight_decay: 0.1, clipnorm: 0.01}}",
        "{class_name: 'Adam', config: {amsgrad: true, clipvalue: 0.001}}",
    ]

    /// All that a training leaves: every parameter, statistic and slot, the history.
    struct Result: Equatable {
        var numbers: [UInt32] = []
        var history = ""
    }

    private static func train(
        threads: Int, _ set: InstructionSet, optimizer: String = optimizers[0]
    ) throws -> Result {
        let x = testNumbers(rows * 150, seed: 1)
        let y = (0..<rows).map { UInt8($0 % 7) }
        return try x.withUnsafeBytes { x in
            try y.withUnsafeBytes { y in
                try train(
                    ArrayView(x.baseAddress!, .float32, rows: rows, shape: Shape([150])),
                    ArrayView(y.baseAddress!, .uint8, rows: rows, shape: .scalar),
                    threads: threads, set, optimizer)
            }
        }
    }

    private static func train(
        _ x: ArrayView, _ y: ArrayView, threads: Int, _ set: InstructionSet, _ optimizer: String
    ) throws -> Result {
        let model = try KerasModel(JSON.read(json), registry: .all)
        let network = try Network(name: model.name, graph: model.graph, seed: 4)
        let loop = try TrainingLoop(
            network,
            objective: Objective(
                network.graph, loss: "sparse_categorical_crossentropy", lossWeights: .null,
                metrics: .array(["accuracy"])),
            optimizer: Optimizers.make(JSON.read(optimizer)), workers: Workers(threads: threads),
            kernels: set.kernels)
        var options = FitOptions()
        options.epochs = 2
        options.batchSize = 90
        let source = try ArraySource(inputs: [x], targets: [y], sampleWeights: nil, scale: 1)
        _ = try loop.fit(source, validation: source, options, FitObserver())
        var result = Result()
        for buffer in [network.parameters, network.statistics] {
            result.numbers += (0..<buffer.count).map { buffer.pointer[$0].bitPattern }
        }
        for entry in loop.state.entries {
            guard case .floats(let values) = entry.value else { continue }
            result.numbers += (0..<values.count).map { values.pointer[$0].bitPattern }
        }
        result.history = loop.history.json.write()
        return result
    }

    @Test(arguments: InstructionSet.supported, optimizers)
    func forAnyNumberOfThreads(set: InstructionSet, optimizer: String) throws {
        let one = try Self.train(threads: 1, set, optimizer: optimizer)
        for threads in [2, 5] {
            #expect(try Self.train(threads: threads, set, optimizer: optimizer) == one)
        }
    }

    @Test(.enabled(if: InstructionSet.avx512.isSupported), arguments: optimizers)
    func forEveryVectorInstructionSet(optimizer: String) throws {
        let expected = try Self.train(threads: 2, .avx2, optimizer: optimizer)
        #expect(try Self.train(threads: 2, .avx512, optimizer: optimizer) == expected)
    }

    /// The base set has no fused multiply-add.
    @Test(.enabled(if: InstructionSet.avx2.isSupported))
    func withTheBaseSetToRounding() throws {
        let best = try #require(InstructionSet.supported.last)
        let base = try Self.train(threads: 2, .base)
        let other = try Self.train(threads: 2, best)
        #expect(base.numbers.count == other.numbers.count)
        let largest = zip(base.numbers, other.numbers).reduce(Float(0)) {
            max($0, abs(Float(bitPattern: $1.0) - Float(bitPattern: $1.1)))
        }
        // Six steps of Adam at 0.001, each of which can turn where a gradient is nearly 0.
        #expect(largest < 2e-3)
    }

    /// Else the tests above prove nothing.
    @Test func theWorkIsCutForThreads() throws {
        _ = try Self.train(threads: 1, .best)
        let status = inChild {
            func threads() -> Int {
                (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
            }
            guard threads() == 1, (try? Self.train(threads: 1, .best)) != nil else { return 1 }
            guard threads() == 1, (try? Self.train(threads: 2, .best)) != nil else { return 2 }
            guard threads() == 2, (try? Self.train(threads: 5, .best)) != nil else { return 3 }
            return threads() == 5 ? 0 : 4
        }
        #expect(status == 0)
    }
}
