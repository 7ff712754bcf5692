extension JSON {
    package static let maximumDepth = 64
    package static let maximumLength = 16 << 20
    package static let maximumNodes = 1_000_000

    /// The value that a text in JSON5 (json5.org, version 1.0.0) holds.
    ///
    /// One liberty: an unquoted key may hold any character outside ASCII that is no white space.
    /// Throws `.configuration` with line and column, for duplicate keys and lone surrogates too,
    /// and `.limit` beyond 64 levels, 16 MiB or a million values.
    package static func read(_ text: String) throws(SNNError) -> JSON {
        try checkLength(text.utf8.count)
        return try read([UInt8](text.utf8))
    }

    package static func read(_ bytes: [UInt8]) throws(SNNError) -> JSON {
        try bytes.withUnsafeBufferPointer { (bytes) throws(SNNError) -> JSON in
            try read(UnsafeRawBufferPointer(bytes))
        }
    }

    package static func read(_ bytes: UnsafeRawBufferPointer) throws(SNNError) -> JSON {
        try checkLength(bytes.count)
        var reader = JSON5Reader(bytes)
        return try reader.readDocument()
    }

    private static func checkLength(_ length: Int) throws(SNNError) {
        guard length <= maximumLength else {
            throw SNNError(
                .limit, "expected JSON5 of at most \(maximumLength) bytes, received \(length)")
        }
    }
}

/// Recursive descent, as deep as `JSON.maximumDepth`. Strings, keys and numbers are in extensions.
struct JSON5Reader {
    var scanner: UTF8Scanner
    private var nodes = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        scanner = UTF8Scanner(bytes)
    }

    mutating func readDocument() throws(SNNError) -> JSON {
        try checkEncoding()
        try skipSpace()
        let value = try readValue(depth: 0)
        try skipSpace()
        guard scanner.isAtEnd else { throw unexpected("the end of the text") }
        return value
    }

    private func checkEncoding() throws(SNNError) {
        var scanner = scanner
        while !scanner.isAtEnd {
            guard let scalar = scanner.scalar() else {
                throw failure("expected UTF-8, received a byte that is none", at: scanner)
            }
            scanner.skip(scalar.length)
        }
    }

    private mutating func readValue(depth: Int) throws(SNNError) -> JSON {
        nodes += 1
        guard nodes <= JSON.maximumNodes else {
            throw SNNError(.limit, "expected at most \(JSON.maximumNodes) values in JSON5")
        }
        switch scanner.next {
        case UInt8(ascii: "{"): return try readObject(depth: depth)
        case UInt8(ascii: "["): return try readArray(depth: depth)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        default: return try readNumber()
        }
    }

    /// A word that no character of an identifier follows.
    mutating func readWord(_ word: StaticString, _ value: JSON) throws(SNNError) -> JSON {
        guard scanner.isAt(word) else { throw unexpected("a value") }
        var after = scanner
        after.skip(word.utf8CodeUnitCount)
        guard !JSON5Reader.continuesIdentifier(after) else { throw unexpected("a value") }
        scanner = after
        return value
    }

    private mutating func enter(_ depth: Int) throws(SNNError) {
        guard depth < JSON.maximumDepth else {
            throw SNNError(
                .limit,
                "\(placeText(scanner)): expected at most \(JSON.maximumDepth) levels of JSON5")
        }
        scanner.skip()
        try skipSpace()
    }

    private mutating func readArray(depth: Int) throws(SNNError) -> JSON {
        try enter(depth)
        var elements: [JSON] = []
        while !scanner.skip(if: "]") {
            elements.append(try readValue(depth: depth + 1))
            try skipSpace()
            if scanner.skip(if: ",") {
                try skipSpace()
            } else if scanner.next != UInt8(ascii: "]") {
                throw unexpected("',' or ']'")
            }
        }
        return .array(elements)
    }

    private mutating func readObject(depth: Int) throws(SNNError) -> JSON {
        try enter(depth)
        var members: [JSON.Member] = []
        var names = Set<String>()
        while !scanner.skip(if: "}") {
            let start = scanner
            let name = try readKey()
            guard names.insert(name).inserted else {
                throw failure("expected every key once, received '\(name)' again", at: start)
            }
            try skipSpace()
            guard scanner.skip(if: ":") else { throw unexpected("':' after the key '\(name)'") }
            try skipSpace()
            members.append(JSON.Member(name, try readValue(depth: depth + 1)))
            try skipSpace()
            if scanner.skip(if: ",") {
                try skipSpace()
            } else if scanner.next != UInt8(ascii: "}") {
                throw unexpected("',' or '}'")
            }
        }
        return .object(members)
    }

    /// White space and comments.
    private mutating func skipSpace() throws(SNNError) {
        while let (value, length) = scanner.scalar() {
            if JSON5Reader.isSpace(value) {
                scanner.skip(length)
            } else if scanner.isAt("//") {
                while let (value, length) = scanner.scalar(), !JSON5Reader.isLineEnd(value) {
                    scanner.skip(length)
                }
            } else if scanner.isAt("/*") {
                let start = scanner
                scanner.skip(2)
                while !scanner.isAt("*/") {
                    guard !scanner.isAtEnd else {
                        throw failure("expected '*/' at the end of the comment", at: start)
                    }
                    scanner.skip()
                }
                scanner.skip(2)
            } else {
                return
            }
        }
    }

    static func isLineEnd(_ value: UInt32) -> Bool {
        value == 0x0a || value == 0x0d || value == 0x2028 || value == 0x2029
    }

    /// JSON5's white space: its table, and Unicode's category Zs.
    static func isSpace(_ value: UInt32) -> Bool {
        switch value {
        case 0x09...0x0d, 0x20, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f,
            0x3000, 0xfeff:
            true
        default: false
        }
    }

    func unexpected(_ expected: String) -> SNNError {
        failure("expected \(expected), received \(received)", at: scanner)
    }

    func failure(_ text: String, at place: UTF8Scanner) -> SNNError {
        SNNError(.configuration, "\(placeText(place)): \(text)")
    }

    private func placeText(_ scanner: UTF8Scanner) -> String {
        let (line, column) = scanner.place
        return "JSON5, line \(line), column \(column)"
    }

    /// The word or character at the position, for messages.
    private var received: String {
        var end = scanner
        while end.position - scanner.position < 40, JSON5Reader.continuesIdentifier(end),
            let (_, length) = end.scalar()
        {
            end.skip(length)
        }
        if end.position == scanner.position {
            guard let (value, length) = end.scalar() else { return "the end of the text" }
            if JSON5Reader.isLineEnd(value) { return "the end of the line" }
            end.skip(length)
        }
        return "'\(end.text(from: scanner.position))'"
    }
}
