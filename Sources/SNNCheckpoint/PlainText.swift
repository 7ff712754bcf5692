import SNNCore

/// Bytes of files and paths as text for messages: valid UTF-8 without control characters, so that
/// a file cannot write to the terminal of who reads the message.
enum PlainText {
    static let maximumCount = 512

    static func text(of bytes: UnsafePointer<CChar>, count: Int) -> String {
        var clean: [UInt8] = []
        let shown = min(count, maximumCount)
        clean.reserveCapacity(shown)
        for index in 0..<max(shown, 0) {
            let byte = UInt8(bitPattern: bytes[index])
            clean.append(byte < 0x20 || byte == 0x7f ? 0x3f : byte)
        }
        return String(decoding: clean, as: UTF8.self)
    }

    static func text(_ string: String) -> String {
        var copy = string
        return copy.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                guard let base = characters.baseAddress else { return "" }
                return text(of: base, count: characters.count)
            }
        }
    }
}
