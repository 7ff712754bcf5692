import CSystem
import SNNCore

/// A path as the operating system sees it: bytes without NUL, in whatever encoding.
package struct FilePath: Sendable {
    package static let maximumCount = 4096

    /// Ends with NUL.
    let characters: [CChar]

    /// - Throws: `.argument` for an empty path, one over 4096 bytes, or one with a NUL inside.
    package init(_ path: String) throws(SNNError) {
        var characters: [CChar] = []
        for byte in path.utf8 { characters.append(CChar(bitPattern: byte)) }
        try self.init(bytes: characters)
    }

    /// A path that ends with NUL; reads at most 4097 bytes.
    package init(cString: UnsafePointer<CChar>) throws(SNNError) {
        let count = strnlen(cString, FilePath.maximumCount + 1)
        try self.init(bytes: Array(UnsafeBufferPointer(start: cString, count: count)))
    }

    init(bytes: [CChar]) throws(SNNError) {
        guard !bytes.isEmpty else {
            throw SNNError(.argument, "expected a path, received an empty text")
        }
        guard bytes.count <= FilePath.maximumCount else {
            throw SNNError(
                .argument, "expected a path of at most \(FilePath.maximumCount) bytes")
        }
        guard !bytes.contains(0) else {
            throw SNNError(.argument, "expected a path without a NUL byte")
        }
        self.characters = bytes + [0]
    }

    /// For messages.
    package var text: String {
        characters.withUnsafeBufferPointer { characters in
            guard let base = characters.baseAddress else { return "" }
            return PlainText.text(of: base, count: characters.count - 1)
        }
    }

    /// The path of the generation before: "<path>.prev".
    package var previous: FilePath {
        get throws(SNNError) { try FilePath(bytes: bytes + FilePath.characters(".prev")) }
    }

    var bytes: [CChar] { Array(characters.dropLast()) }

    /// What stands before the last "/", or "." without one.
    var directory: FilePath {
        get throws(SNNError) {
            guard let slash = bytes.lastIndex(of: 0x2f) else {
                return try FilePath(bytes: [0x2e])
            }
            return try FilePath(bytes: slash == 0 ? [0x2f] : Array(bytes[..<slash]))
        }
    }

    /// What stands after the last "/"; empty when the path ends with one.
    var name: [CChar] {
        guard let slash = bytes.lastIndex(of: 0x2f) else { return bytes }
        return Array(bytes[(slash + 1)...])
    }

    static func characters(_ text: String) -> [CChar] {
        text.utf8.map { CChar(bitPattern: $0) }
    }

    func withPointer<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        FilePath.withPointer(characters, body)
    }

    /// `characters` must end with NUL.
    static func withPointer<Result>(
        _ characters: [CChar], _ body: (UnsafePointer<CChar>) -> Result
    ) -> Result {
        body(characters)
    }

    /// An error of the operating system: what was tried and why it failed.
    func failure(_ call: StaticString, _ number: Int32 = snnsys_errno()) -> SNNError {
        var reason = "error \(number)"
        if let text = snnsys_error_text(number) { reason = String(cString: text) }
        if let name = snnsys_error_name(number) { reason += " (\(String(cString: name)))" }
        return SNNError(.io, "'\(text)': \(call): \(reason)")
    }
}
