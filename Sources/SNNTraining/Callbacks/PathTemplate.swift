import CSystem
import SNNCore

/// A path with fields in braces as Python's `str.format` has them: "model-{epoch:02d}-{val_loss:.4f}".
///
/// A field is `epoch` or `batch` (whole numbers from 1) or a reported value. After a colon may stand
/// `[0][width][.precision]` and, of whole numbers, `d`; of others `e`, `f` or `g`. "{{" is a brace.
struct PathTemplate {
    private struct Field {
        let name: String
        var fillsWithZeros = false
        var width = 0
        var precision: Int?
        /// nil: the shortest digits that say the number.
        var kind: UInt8?
    }

    private enum Piece {
        case text([UInt8])
        case field(Field)
    }

    private let pieces: [Piece]
    private let owner: String

    init(_ text: String, _ options: Configuration) throws(SNNError) {
        owner = options.owner
        var pieces: [Piece] = []
        var plain: [UInt8] = []
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let isDoubled = index + 1 < bytes.count && bytes[index + 1] == byte
            if (byte == 0x7b || byte == 0x7d), isDoubled {
                plain.append(byte)
                index += 2
            } else if byte == 0x7b {
                guard let end = bytes[index...].firstIndex(of: 0x7d) else {
                    throw PathTemplate.unpaired(text, options)
                }
                if !plain.isEmpty { pieces.append(.text(plain)) }
                plain = []
                pieces.append(
                    .field(try PathTemplate.field(Array(bytes[(index + 1)..<end]), options)))
                index = end + 1
            } else if byte == 0x7d {
                throw PathTemplate.unpaired(text, options)
            } else {
                plain.append(byte)
                index += 1
            }
        }
        if !plain.isEmpty { pieces.append(.text(plain)) }
        self.pieces = pieces
    }

    private static func unpaired(_ text: String, _ options: Configuration) -> SNNError {
        options.mismatch("filepath", "a text whose braces are paired", .string(text))
    }

    private static func field(
        _ bytes: [UInt8], _ options: Configuration
    ) throws(SNNError) -> Field {
        let colon = bytes.firstIndex(of: 0x3a) ?? bytes.count
        var field = Field(name: String(decoding: bytes[..<colon], as: UTF8.self))
        var rest = bytes.dropFirst(colon + 1)
        if rest.first == 0x30 {
            field.fillsWithZeros = true
            rest = rest.dropFirst()
        }
        field.width = number(&rest) ?? 0
        if rest.first == 0x2e {
            rest = rest.dropFirst()
            field.precision = number(&rest) ?? -1
        }
        field.kind = rest.popFirst()
        let isWhole = field.name == "epoch" || field.name == "batch"
        let kinds = isWhole ? "d" : "efg"
        let isKnown = field.kind.map { kinds.utf8.contains($0) } ?? (field.precision == nil)
        guard isKnown, rest.isEmpty, field.width <= 64, 0 ... 32 ~= (field.precision ?? 0),
            !isWhole || field.precision == nil
        else {
            throw options.failure(
                "'filepath': expected a field as {epoch:02d} or {val_loss:.4f}, received "
                    + JSON.string("{\(String(decoding: bytes, as: UTF8.self))}").shortText)
        }
        return field
    }

    private static func number(_ digits: inout ArraySlice<UInt8>) -> Int? {
        var value: Int?
        while let digit = digits.first, 0x30 ... 0x39 ~= digit, (value ?? 0) < 1000 {
            value = (value ?? 0) * 10 + Int(digit) - 0x30
            digits = digits.dropFirst()
        }
        return value
    }

    /// Throws when a field is none of what this fit reports, or more than a number.
    func check(_ fit: FitMoment, hasBatch: Bool) throws(SNNError) {
        let names = fit.reported
        // A batch reports no validation.
        var known = hasBatch ? names.filter { !$0.utf8.starts(with: "val_".utf8) } : names
        known = ["epoch"] + (hasBatch ? ["batch"] : []) + known
        for case .field(let field) in pieces {
            guard known.contains(field.name) else {
                throw SNNError(
                    .configuration,
                    "\(owner): 'filepath': expected fields of "
                        + known.map { "'\($0)'" }.joined(separator: ", ")
                        + ", received '\(field.name)'")
            }
            try fit.requireOneNumber(field.name, "\(owner): 'filepath'")
        }
    }

    /// - Parameters:
    ///   - epoch: from 1.
    ///   - batch: from 1; nil at the end of an epoch.
    func text(epoch: Int, batch: Int?, _ fit: FitMoment) throws(SNNError) -> String {
        var bytes: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .text(let text): bytes += text
            case .field(let field): bytes += try PathTemplate.text(field, epoch, batch, fit)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func text(
        _ field: Field, _ epoch: Int, _ batch: Int?, _ fit: FitMoment
    ) throws(SNNError) -> [UInt8] {
        var digits: [UInt8]
        if field.name == "epoch" || field.name == "batch" {
            digits = Array(String(field.name == "epoch" ? epoch : batch ?? 0).utf8)
        } else {
            guard let value = fit.value(field.name) else {
                throw SNNError(
                    .state, "'filepath' names '\(field.name)', which this epoch did not report")
            }
            digits = number(value, field)
        }
        let missing = max(0, field.width - digits.count)
        if field.fillsWithZeros, digits.first == 0x2d {
            digits.insert(contentsOf: [UInt8](repeating: 0x30, count: missing), at: 1)
        } else {
            let filling: UInt8 = field.fillsWithZeros ? 0x30 : 0x20
            digits.insert(contentsOf: [UInt8](repeating: filling, count: missing), at: 0)
        }
        return digits
    }

    private static func number(_ value: Double, _ field: Field) -> [UInt8] {
        if value.isNaN { return Array("nan".utf8) }
        if value.isInfinite { return Array((value < 0 ? "-inf" : "inf").utf8) }
        guard let kind = field.kind else { return Array(value.description.utf8) }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            let count = snnsys_format_double(
                buffer.baseAddress, buffer.count, CChar(bitPattern: kind),
                Int32(field.precision ?? 6), value)
            return buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }
        }
    }
}
