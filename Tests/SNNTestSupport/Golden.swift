import Foundation
import SNNCore

/// The files of Tests/Golden; their format stands in the README there.
package enum Golden {
    package static func read(_ name: String) throws -> JSON {
        try JSON.read([UInt8](Data(contentsOf: folder.appendingPathComponent(name))))
    }

    package static func cases(_ name: String) throws -> [JSON] {
        guard let cases = try read(name)["cases"]?.elements, !cases.isEmpty else {
            throw SNNError(.format, "\(name) has no cases")
        }
        return cases
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Golden")
}

/// An array of a golden file.
package struct GoldenArray {
    package let shape: [Int]
    package let values: [Float]

    /// nil for null and for what is no array.
    package init?(_ json: JSON?) {
        guard let shape = json?["shape"]?.elements, let data = json?["data"]?.elements else {
            return nil
        }
        self.shape = shape.compactMap { $0.integerValue }
        values = data.compactMap { $0.doubleValue }.map { Float($0) }
        guard self.shape.reduce(1, *) == values.count else { return nil }
    }

    /// The first extent, the batch's.
    package var rows: Int { shape[0] }
    package var sampleShape: [Int] { Array(shape.dropFirst()) }
}
