#if hasFeature(Embedded)

// The standard library wants `String.append` inlined wherever text is put together: some 170 bytes
// at each of 1,500 places. These take precedence over its own and are called instead.

extension DefaultStringInterpolation {
    @inline(never)
    public mutating func appendLiteral(_ literal: String) {
        write(literal)
    }

    @inline(never)
    public mutating func appendInterpolation(_ text: String) {
        write(text)
    }

    @inline(never)
    public mutating func appendInterpolation(_ number: Int) {
        write(number.description)
    }
}

extension String {
    @inline(never)
    public mutating func append(_ other: String) {
        write(other)
    }

    @inline(never)
    public static func += (text: inout String, other: String) {
        text.write(other)
    }
}

#endif
