import Foundation
import SNNCore
import Testing

@testable import SNNGraph

/// What the initializer of a JSON5 text makes of a variable.
func initialized(
    _ text: String, _ extents: [Int], seed: UInt64 = 1, ordinal: Int = 0
) throws -> [Float] {
    try initialized(
        Initializers.make(JSON.read(text), for: "test"), extents, seed: seed, ordinal: ordinal)
}

func initialized(
    _ initializer: any Initializer, _ extents: [Int], seed: UInt64 = 1, ordinal: Int = 0
) throws -> [Float] {
    let shape = try Shape(extents)
    let random = RandomStream(
        seed: seed, purpose: .initialization, call: 0, ordinal: ordinal, step: 0)
    // What `fill` leaves out shows.
    var values = [Float](repeating: .nan, count: shape.count)
    try values.withUnsafeMutableBufferPointer { values in
        try initializer.fill(values, shape: shape, random: random)
    }
    return values
}

/// The message of the `SNNError` that `body` throws; a failed expectation and "" where it does not.
func initializerError(_ status: Status, _ body: () throws -> Void) -> String {
    do {
        try body()
    } catch let error as SNNError {
        #expect(error.status == status)
        return error.message
    } catch {
        Issue.record("expected an SNNError, received \(error)")
        return ""
    }
    Issue.record("expected an error")
    return ""
}

enum InitializerGolden {
    static func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: url(name).path)
    }

    static func read(_ name: String) throws -> JSON {
        try JSON.read([UInt8](Data(contentsOf: url(name))))
    }

    private static func url(_ name: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Golden").appendingPathComponent(name)
    }
}

struct InitializerMoments {
    let mean: Double
    let standardDeviation: Double
    let least: Double
    let greatest: Double

    init(_ values: [Float]) {
        let numbers = values.map(Double.init)
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        let squares = numbers.map { ($0 - mean) * ($0 - mean) }
        self.mean = mean
        standardDeviation = (squares.reduce(0, +) / Double(numbers.count)).squareRoot()
        least = numbers.min() ?? .nan
        greatest = numbers.max() ?? .nan
    }
}

extension JSON {
    var goldenIntegers: [Int]? { elements?.compactMap { $0.integerValue } }
    var goldenNumbers: [Double]? { elements?.compactMap { $0.doubleValue } }
    var goldenTexts: [String]? { elements?.compactMap { $0.text } }
}
