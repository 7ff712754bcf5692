import Foundation
import SNNCheckpoint
import SNNCore
import SNNTestSupport
import SNNTraining
import SwiftNN
import Testing

/// The error that `body` throws; a test fails where it throws none.
func failure(_ body: () throws -> Void) -> SNNError {
    do {
        try body()
    } catch let error as SNNError {
        return error
    } catch {
        Issue.record("another error: \(error)")
    }
    return SNNError(.internal, "nothing was thrown")
}

protocol SampleNumber: BitwiseCopyable {
    static var elementType: ElementType { get }
}

extension Float: SampleNumber { static let elementType = ElementType.float32 }
extension Double: SampleNumber { static let elementType = ElementType.float64 }
extension UInt8: SampleNumber { static let elementType = ElementType.uint8 }
extension Int32: SampleNumber { static let elementType = ElementType.int32 }
extension Int64: SampleNumber { static let elementType = ElementType.int64 }

/// Keeps what data sets borrow for as long as the process lives.
private let keptLock = NSLock()
nonisolated(unsafe) private var kept: [UnsafeMutableRawPointer] = []

/// Numbers at a place that never goes away.
func placed<Number: SampleNumber>(_ numbers: [Number]) -> UnsafeMutablePointer<Number> {
    let memory = UnsafeMutablePointer<Number>.allocate(capacity: max(numbers.count, 1))
    memory.initialize(from: numbers, count: numbers.count)
    keptLock.withLock { kept.append(UnsafeMutableRawPointer(memory)) }
    return memory
}

/// An array of `shape`, the samples first.
func array<Number: SampleNumber>(_ numbers: [Number], _ shape: [Int]) throws -> ArrayView {
    precondition(numbers.count == shape.reduce(1, *))
    return try array(at: placed(numbers), shape)
}

func array<Number: SampleNumber>(
    at place: UnsafePointer<Number>, _ shape: [Int]
) throws -> ArrayView {
    try ArrayView(
        place, Number.elementType, rows: shape[0], shape: Shape(Array(shape.dropFirst())))
}

/// Arrays, as a data set and as a batch of their own.
struct Samples: Sendable {
    let inputs: [ArrayView]
    let targets: [ArrayView]
    let weights: ArrayView?
    let dataset: Dataset

    init(
        inputs: [ArrayView], targets: [ArrayView], sampleWeights: ArrayView?,
        options: String? = nil
    ) throws {
        self.inputs = inputs
        self.targets = targets
        weights = sampleWeights
        dataset = try Dataset(
            inputs: inputs, targets: targets, sampleWeights: sampleWeights, options: options)
    }
}

/// Samples of one input and one target.
func dataset(
    _ input: ArrayView, _ target: ArrayView, weights: [Float]? = nil, _ options: String? = nil
) throws -> Samples {
    try Samples(
        inputs: [input], targets: [target],
        sampleWeights: weights.map { try array($0, [$0.count]) }, options: options)
}

/// Numbers to regress: `rows` samples of `inputs` and `outputs` numbers in -1 ..< 1.
func regression(
    rows: Int, inputs: Int = 4, outputs: Int = 2, seed: UInt64 = 1
) throws -> Samples {
    try dataset(
        array(testNumbers(rows * inputs, seed: seed), [rows, inputs]),
        array(testNumbers(rows * outputs, seed: seed &+ 1000), [rows, outputs]))
}

/// x[4] -> Dense 5 tanh -> Dense 2, without anything random or shared by a batch's rows.
func smallModel(seed: Int = 3) throws -> Model {
    let model = try Model(options: "{class_name: 'Sequential', name: 'small', seed: \(seed)}")
    try model.add("InputLayer", "{shape: [4], name: 'x'}")
    try model.add("Dense", "{units: 5, activation: 'tanh', name: 'hidden'}")
    try model.add("Dense", "{units: 2, name: 'y'}")
    return model
}

/// Something of everything that has a state: batch normalization, dropout, two outputs.
func forkedModel(seed: Int = 3) throws -> Model {
    let model = try Model(options: "{name: 'forked', seed: \(seed)}")
    let x = try model.add("InputLayer", "{shape: [6], name: 'x'}")
    var y = try model.add("Dense", "{units: 8, use_bias: false, name: 'stem'}", to: [x])
    y = try model.add("BatchNormalization", "{momentum: 0.9, name: 'norm'}", to: [y])
    y = try model.add("ReLU", "{name: 'relu'}", to: [y])
    y = try model.add("Dropout", "{rate: 0.25, name: 'drop'}", to: [y])
    let kind = try model.add("Dense", "{units: 3, activation: 'softmax', name: 'kind'}", to: [y])
    let amount = try model.add("Dense", "{units: 1, name: 'amount'}", to: [y])
    try model.setOutputs([kind, amount])
    return model
}

let forkedTraining = """
    {optimizer: {class_name: 'Adam', config: {learning_rate: 0.01}},
     loss: ['sparse_categorical_crossentropy', 'mse'], loss_weights: [1, 0.5],
     metrics: [['accuracy'], ['mae']]}
    """

/// Samples for `forkedModel`.
func forkedData(rows: Int, seed: UInt64 = 5) throws -> Samples {
    try Samples(
        inputs: [array(testNumbers(rows * 6, seed: seed), [rows, 6])],
        targets: [
            array((0..<rows).map { UInt8(($0 * 7 + Int(seed)) % 3) }, [rows]),
            array(testNumbers(rows, seed: seed &+ 1), [rows, 1]),
        ], sampleWeights: nil)
}

extension FileImage {
    var array: [UInt8] { Array(bytes) }
}

extension Model {
    /// What `save` writes.
    func bytes() throws -> [UInt8] { try image().array }

    func values(_ name: String) throws -> [Float] {
        var values: [Float] = []
        try readVariable(name) { values = Array($0) }
        return values
    }

    func set(_ name: String, _ values: [Float]) throws {
        try values.withUnsafeBufferPointer { try setVariable(name, $0) }
    }

    func variableNames() throws -> [String] {
        try (0..<variableCount).map { try variableName($0) }
    }
}

extension Trainer {
    /// What `save` writes: the model, the optimizer's state, the position, the history.
    func bytes() throws -> [UInt8] { try image().array }

    func gradient(_ name: String) throws -> [Float] {
        var values: [Float] = []
        try readGradient(of: name) { values = Array($0) }
        return values
    }

    func inputGradient(_ index: Int) throws -> [Float] {
        var values: [Float] = []
        try readInputGradient(index) { values = Array($0) }
        return values
    }

    static func load(_ bytes: [UInt8], options: String? = nil) throws -> Trainer {
        try bytes.withUnsafeBytes { try Trainer.load(from: $0, options: options) }
    }

    func fit(
        _ samples: Samples, validation: Samples? = nil, options: String? = nil,
        onBatchEnd: ((SNNTraining.Progress) -> Bool)? = nil,
        onEpochEnd: ((SNNTraining.Progress) -> Bool)? = nil
    ) throws -> Bool {
        try fit(
            samples.dataset, validation: validation?.dataset, options: options,
            onBatchEnd: onBatchEnd, onEpochEnd: onEpochEnd)
    }

    /// Epochs as `options` say, stopped after step `step`, if that comes.
    @discardableResult
    func fit(_ samples: Samples, _ options: String, until step: Int64) throws -> Bool {
        try fit(samples.dataset, options, until: step)
    }

    @discardableResult
    func fit(_ dataset: Dataset, _ options: String, until step: Int64) throws -> Bool {
        try fit(dataset, options: options, onBatchEnd: { $0.step >= step })
    }

    func evaluate(_ samples: Samples, options: String? = nil) throws -> [Double] {
        try evaluate(samples.dataset, options: options)
    }

    func trainOnBatch(_ samples: Samples) throws -> [Double] {
        try trainOnBatch(
            inputs: samples.inputs, targets: samples.targets, sampleWeights: samples.weights)
    }

    func computeGradients(_ samples: Samples) throws -> Double {
        try computeGradients(
            inputs: samples.inputs, targets: samples.targets, sampleWeights: samples.weights)
    }
}

extension Session {
    func predict(_ input: [Float], rows: Int, outputs: Int) throws -> [Float] {
        var output = [Float](repeating: .nan, count: rows * outputs)
        try output.withUnsafeMutableBufferPointer { output in
            try input.withUnsafeBufferPointer {
                try predict(
                    $0.baseAddress!, rows: rows, into: output.baseAddress!, capacity: output.count)
            }
        }
        return output
    }

    /// Into places with room for `capacities` floats.
    func predict(
        _ inputs: [ArrayView], into places: [UnsafeMutablePointer<Float>], _ capacities: [Int]
    ) throws {
        let rooms = zip(places, capacities).map { Room($0, capacity: $1) }
        try inputs.withUnsafeBufferPointer { inputs in
            try rooms.withUnsafeBufferPointer { try predict(inputs, into: $0) }
        }
    }

    /// `outputs` are the sizes of the model's outputs.
    func predict(_ inputs: [ArrayView], outputs: [Int]) throws -> [[Float]] {
        let counts = outputs.map { inputs[0].rows * $0 }
        let places = counts.map { placed([Float](repeating: .nan, count: $0)) }
        try predict(inputs, into: places, counts)
        return zip(places, counts).map { Array(UnsafeBufferPointer(start: $0, count: $1)) }
    }
}

/// {"loss": [1, 2]} as columns. (Foundation's reader loses the last bit of a number.)
func columns(_ history: String) throws -> [String: [Double]] {
    let members = try JSON.read(history).members ?? []
    return Dictionary(
        uniqueKeysWithValues: members.map {
            ($0.name, ($0.value.elements ?? []).compactMap(\.doubleValue))
        })
}

/// A folder of its own for one test, removed with it.
final class TemporaryFolder {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/swiftnn-" + UUID().uuidString
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    func bytes(_ name: String) -> [UInt8] {
        FileManager.default.contents(atPath: file(name)).map { Array($0) } ?? []
    }
}

/// What `body` says in a forked child, where it may set the process's limits and hooks; "" when
/// all is well.
func reportOfChild(_ body: () throws -> String) -> String {
    let capacity = 4096
    let page = mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)!
    defer { munmap(page, capacity) }
    let status = inChild {
        var text: String
        do {
            text = try body()
        } catch {
            text = "threw \(error)"
        }
        memset(page, 0, capacity)
        text.withUTF8 { _ = memcpy(page, $0.baseAddress!, min($0.count, capacity - 1)) }
        return 0
    }
    let text = String(cString: page.assumingMemoryBound(to: CChar.self))
    return status == 0 ? text : "the child ended with \(status): \(text)"
}
