import CSystem

extension JSON5Reader {
    /// A number with an optional sign; an integer that fits 64 bits stays one.
    mutating func readNumber() throws(SNNError) -> JSON {
        let isNegative = scanner.next == UInt8(ascii: "-")
        if !scanner.skip(if: "-") { _ = scanner.skip(if: "+") }
        switch scanner.next {
        case UInt8(ascii: "I"):
            return try readWord("Infinity", .number(isNegative ? -.infinity : .infinity))
        case UInt8(ascii: "N"):
            return try readWord("NaN", .number(.nan))
        default: break
        }
        let start = scanner.position
        let isInteger =
            scanner.isAt("0x") || scanner.isAt("0X")
            ? try skipHexadecimal() : try skipDecimal()
        guard !JSON5Reader.continuesIdentifier(scanner) else {
            throw unexpected("the end of a number")
        }
        let digits = scanner.bytes[start..<scanner.position]
        if isInteger, let value = JSON5Reader.integer(digits, isNegative: isNegative) {
            return .integer(value)
        }
        guard let value = JSON5Reader.double(digits) else {
            throw SNNError(.internal, "the C locale is missing")
        }
        return .number(isNegative ? -value : value)
    }

    private mutating func skipHexadecimal() throws(SNNError) -> Bool {
        scanner.skip(2)
        guard JSON5Reader.hexDigit(scanner.next) != nil else {
            throw unexpected("a hexadecimal digit")
        }
        while JSON5Reader.hexDigit(scanner.next) != nil { scanner.skip() }
        return true
    }

    /// Skips digits, fraction and exponent; true when there are digits only.
    private mutating func skipDecimal() throws(SNNError) -> Bool {
        guard
            JSON5Reader.isDigit(scanner.next)
                || (scanner.next == UInt8(ascii: ".") && JSON5Reader.isDigit(scanner.peek(1)))
        else { throw unexpected("a value") }
        if scanner.next == UInt8(ascii: "0"), JSON5Reader.isDigit(scanner.peek(1)) {
            throw failure("expected a number without a leading 0", at: scanner)
        }
        var isInteger = true
        skipDigits()
        if scanner.skip(if: ".") {
            isInteger = false
            skipDigits()
        }
        if scanner.next == UInt8(ascii: "e") || scanner.next == UInt8(ascii: "E") {
            isInteger = false
            scanner.skip()
            if !scanner.skip(if: "-") { _ = scanner.skip(if: "+") }
            guard JSON5Reader.isDigit(scanner.next) else {
                throw unexpected("the digits of an exponent")
            }
            skipDigits()
        }
        return isInteger
    }

    private mutating func skipDigits() {
        while JSON5Reader.isDigit(scanner.next) { scanner.skip() }
    }

    /// nil when it does not fit.
    private static func integer(_ digits: Slice<UnsafeRawBufferPointer>, isNegative: Bool) -> Int64?
    {
        let isHexadecimal = digits.count > 1 && digits[digits.startIndex + 1] | 0x20 == 0x78
        let base: Int64 = isHexadecimal ? 16 : 10
        var value: Int64 = 0
        for byte in digits.dropFirst(isHexadecimal ? 2 : 0) {
            guard let digit = hexDigit(byte) else { return nil }
            let (product, overflows) = value.multipliedReportingOverflow(by: base)
            // Downward for negative ones, so that the least integer fits.
            let (sum, overflowsToo) =
                isNegative
                ? product.subtractingReportingOverflow(Int64(digit))
                : product.addingReportingOverflow(Int64(digit))
            guard !overflows, !overflowsToo else { return nil }
            value = sum
        }
        return value
    }

    /// Correctly rounded, whatever the process's locale; the same function in both builds.
    private static func double(_ digits: Slice<UnsafeRawBufferPointer>) -> Double? {
        var text = [CChar]()
        text.reserveCapacity(digits.count + 1)
        for byte in digits { text.append(CChar(bitPattern: byte)) }
        text.append(0)
        var value = 0.0
        return snnsys_read_double(text, &value) == 0 ? value : nil
    }
}
