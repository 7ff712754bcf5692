extension JSON5Reader {
    /// A quoted text or an identifier.
    mutating func readKey() throws(SNNError) -> String {
        if scanner.next == UInt8(ascii: "\"") || scanner.next == UInt8(ascii: "'") {
            return try readString()
        }
        guard JSON5Reader.continuesIdentifier(scanner), !JSON5Reader.isDigit(scanner.next) else {
            throw unexpected("a key or '}'")
        }
        var name: [UInt8] = []
        while JSON5Reader.continuesIdentifier(scanner), let (value, length) = scanner.scalar() {
            if value == 0x5c {
                let start = scanner
                scanner.skip()
                guard scanner.skip(if: "u") else { throw unexpected("'u' after '\\' in a key") }
                let scalar = try readUnicodeEscape(from: start)
                guard JSON5Reader.isIdentifier(scalar.value) else {
                    throw failure("expected an escaped letter or digit in a key", at: start)
                }
                name.append(contentsOf: UTF8.encode(scalar)!)
            } else {
                name.append(contentsOf: scanner.bytes[scanner.position..<scanner.position + length])
                scanner.skip(length)
            }
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// Whether a character of an identifier comes next, or a `\` that may begin one.
    static func continuesIdentifier(_ scanner: UTF8Scanner) -> Bool {
        guard let (value, _) = scanner.scalar() else { return false }
        return value == 0x5c || isIdentifier(value)
    }

    static func isDigit(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isIdentifier(_ value: UInt32) -> Bool {
        switch value {
        case 0x24, 0x30...0x39, 0x41...0x5a, 0x5f, 0x61...0x7a: true
        case 0x00...0x7f: false
        default: !isSpace(value)
        }
    }

    /// The text between two equal quotes, its escapes resolved.
    mutating func readString() throws(SNNError) -> String {
        let start = scanner
        let quote = scanner.next
        scanner.skip()
        var text: [UInt8] = []
        while let byte = scanner.next, byte != quote {
            if byte == UInt8(ascii: "\\") {
                try readEscape(into: &text)
            } else if byte == 0x0a || byte == 0x0d {
                throw failure("expected the closing quote of this text in its line", at: start)
            } else {
                text.append(byte)
                scanner.skip()
            }
        }
        guard !scanner.isAtEnd else {
            throw failure("expected the closing quote of this text", at: start)
        }
        scanner.skip()
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(SNNError) {
        let start = scanner
        scanner.skip()
        guard let (value, length) = scanner.scalar() else {
            throw unexpected("an escaped character")
        }
        let first = scanner.position
        scanner.skip(length)
        switch value {
        case 0x62: text.append(0x08)
        case 0x66: text.append(0x0c)
        case 0x6e: text.append(0x0a)
        case 0x72: text.append(0x0d)
        case 0x74: text.append(0x09)
        case 0x76: text.append(0x0b)
        case 0x30 where !JSON5Reader.isDigit(scanner.next): text.append(0)
        case 0x30...0x39: throw failure("expected an escape, received a digit after '\\'", at: start)
        case 0x78:
            let value = try readHexDigits(2)
            text.append(contentsOf: UTF8.encode(Unicode.Scalar(UInt8(truncatingIfNeeded: value)))!)
        case 0x75: text.append(contentsOf: UTF8.encode(try readUnicodeEscape(from: start))!)
        case 0x0d: _ = scanner.skip(if: "\n")
        case 0x0a, 0x2028, 0x2029: break
        default: text.append(contentsOf: scanner.bytes[first..<first + length])
        }
    }

    /// What follows `\u`: four digits, and for a high surrogate another `\u` with the low one.
    private mutating func readUnicodeEscape(
        from start: UTF8Scanner
    ) throws(SNNError) -> Unicode.Scalar {
        let high = try readHexDigits(4)
        if let scalar = Unicode.Scalar(high) { return scalar }
        if high < 0xdc00, scanner.isAt("\\u") {
            scanner.skip(2)
            let low = try readHexDigits(4)
            if (0xdc00...0xdfff).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (high & 0x3ff) << 10 + (low & 0x3ff))
            {
                return scalar
            }
        }
        throw failure("expected a pair of surrogates, received one alone", at: start)
    }

    private mutating func readHexDigits(_ count: Int) throws(SNNError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = JSON5Reader.hexDigit(scanner.next) else {
                throw unexpected("\(count) hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            scanner.skip()
        }
        return value
    }

    static func hexDigit(_ byte: UInt8?) -> UInt8? {
        switch byte {
        case .some(let byte) where isDigit(byte): byte - UInt8(ascii: "0")
        case .some(let byte) where (0x61...0x66).contains(byte | 0x20): (byte | 0x20) - 0x57
        default: nil
        }
    }
}
