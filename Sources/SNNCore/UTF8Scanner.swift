/// A position in UTF-8 bytes that was never moved beyond their end.
///
/// The bytes belong to the caller and must outlive the scanner.
struct UTF8Scanner {
    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position >= bytes.count }

    /// The next byte, or nil at the end.
    var next: UInt8? { peek(0) }

    func peek(_ distance: Int) -> UInt8? {
        distance < bytes.count - position ? bytes[position + distance] : nil
    }

    mutating func skip(_ count: Int = 1) {
        position = min(position + count, bytes.count)
    }

    /// Skips the next byte when it is this one, and tells whether it was.
    mutating func skip(if byte: Unicode.Scalar) -> Bool {
        guard next == UInt8(truncatingIfNeeded: byte.value) else { return false }
        position += 1
        return true
    }

    /// Whether the text goes on with `word`.
    func isAt(_ word: StaticString) -> Bool {
        guard word.utf8CodeUnitCount <= bytes.count - position else { return false }
        return (0..<word.utf8CodeUnitCount).allSatisfy {
            bytes[position + $0] == word.utf8Start[$0]
        }
    }

    func text(from start: Int) -> String {
        String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// The scalar at the position and its length in bytes; nil at the end and where the bytes are
    /// no UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
    func scalar() -> (value: UInt32, length: Int)? {
        guard let first = next else { return nil }
        switch first {
        case 0x00...0x7f: return (UInt32(first), 1)
        case 0xc2...0xdf: return scalar(UInt32(first) & 0x1f, length: 2, from: 0x80)
        case 0xe0...0xef: return scalar(UInt32(first) & 0x0f, length: 3, from: 0x800)
        case 0xf0...0xf4: return scalar(UInt32(first) & 0x07, length: 4, from: 0x10000)
        default: return nil
        }
    }

    private func scalar(
        _ lead: UInt32, length: Int, from minimum: UInt32
    ) -> (value: UInt32, length: Int)? {
        var value = lead
        for distance in 1..<length {
            guard let byte = peek(distance), byte & 0xc0 == 0x80 else { return nil }
            value = value << 6 | UInt32(byte & 0x3f)
        }
        guard value >= minimum, value <= 0x10ffff, !(0xd800...0xdfff).contains(value) else {
            return nil
        }
        return (value, length)
    }

    /// Line and column of the position, both from 1; a column is a Unicode scalar.
    var place: (line: Int, column: Int) {
        var line = 1
        var column = 1
        for index in 0..<position {
            let byte = bytes[index]
            if byte == 0x0a || (byte == 0x0d && !(index + 1 < position && bytes[index + 1] == 0x0a))
            {
                line += 1
                column = 1
            } else if byte & 0xc0 != 0x80 && byte != 0x0d {
                column += 1
            }
        }
        return (line, column)
    }
}
