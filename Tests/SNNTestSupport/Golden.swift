import Foundation
import SNNCore
import Synchronization

/// The files of Tests/Golden; their format stands in the README there.
package enum Golden {
    /// Each file is read once.
    package static func read(_ name: String) throws -> JSON {
        try files.withLock { files in
            if let json = files[name] { return json }
            let json = try JSON.read([UInt8](Data(contentsOf: folder.appendingPathComponent(name))))
            files[name] = json
            return json
        }
    }

    private static let files = Mutex<[String: JSON]>([:])

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

    /// Whether `value` is a derivative at element `index`: one of a golden file's, or between
    /// those of both sides where the function has a kink there.
    package func accepts(_ value: Float, at index: Int, kinks: JSON?) -> Bool {
        if Tolerance.golden.accepts(value, Double(values[index])) { return true }
        guard
            let kink = kinks?.elements?.first(where: { $0["index"]?.integerValue == index }),
            let below = kink["below"]?.doubleValue, let above = kink["above"]?.doubleValue
        else { return false }
        let range = min(below, above) - 1e-6 ... max(below, above) + 1e-6
        return range.contains(Double(value))
    }
}
