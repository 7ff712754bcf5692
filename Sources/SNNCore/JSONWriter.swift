extension JSON {
    /// Strict JSON in ASCII on one line, as Python's `json.loads` reads it: the shortest digits
    /// that read back to the same double, and its extensions `NaN`, `Infinity` and `-Infinity`.
    package func write() -> String {
        var writer = JSONWriter()
        writer.append(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// `write()` shortened for a message: at most 60 characters, "..." at the end where it is cut.
    package var shortText: String {
        let text = write()
        guard text.utf8.count > 60 else { return text }
        return String(text.prefix(57)) + "..."
    }
}

private struct JSONWriter {
    var bytes: [UInt8] = []

    mutating func append(_ json: JSON) {
        switch json {
        case .null: append(raw: "null")
        case .bool(let value): append(raw: value ? "true" : "false")
        case .integer(let value): append(raw: String(value))
        case .number(let value): append(number: value)
        case .string(let value): append(quoted: value)
        case .array(let elements):
            append(raw: "[")
            for index in elements.indices {
                if index > 0 { append(raw: ", ") }
                append(elements[index])
            }
            append(raw: "]")
        case .object(let members):
            append(raw: "{")
            for index in members.indices {
                if index > 0 { append(raw: ", ") }
                append(quoted: members[index].name)
                append(raw: ": ")
                append(members[index].value)
            }
            append(raw: "}")
        }
    }

    private mutating func append(raw text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func append(number value: Double) {
        if value.isNaN {
            append(raw: "NaN")
        } else if value.isInfinite {
            append(raw: value < 0 ? "-Infinity" : "Infinity")
        } else {
            // Swift's own text is the shortest that round-trips and has a '.' or an 'e'.
            append(raw: value.description)
        }
    }

    private mutating func append(quoted text: String) {
        bytes.append(UInt8(ascii: "\""))
        for unit in text.utf16 {
            switch unit {
            case 0x22: append(raw: "\\\"")
            case 0x5c: append(raw: "\\\\")
            case 0x08: append(raw: "\\b")
            case 0x09: append(raw: "\\t")
            case 0x0a: append(raw: "\\n")
            case 0x0c: append(raw: "\\f")
            case 0x0d: append(raw: "\\r")
            case 0x20...0x7e: bytes.append(UInt8(truncatingIfNeeded: unit))
            default: append(escaped: unit)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func append(escaped unit: UInt16) {
        append(raw: "\\u")
        for shift: UInt16 in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: (unit >> shift) & 15)
            bytes.append(digit < 10 ? 48 + digit : 87 + digit)
        }
    }
}
