#if hasFeature(Embedded)

// The standard library wants `String.append` and the like inlined wherever text is put together or
// taken apart: some 170 bytes at each of 1,800 places. These take precedence over its own and are
// called instead.

extension DefaultStringInterpolation {
    /// There is no way to the stored text but another initializer.
    @inline(never)
    public init(literalCapacity: Int, interpolationCount: Int) {
        self = makeInterpolation(DefaultStringInterpolation.self)
    }

    @inline(never)
    public mutating func appendLiteral(_ literal: String) {
        write(literal)
    }

    @inline(never)
    public mutating func appendInterpolation(_ text: String) {
        write(text)
    }

    /// Embedded Swift would say that it cannot print the value.
    @available(*, unavailable, message: "has no text of its own here; say how it is to be written")
    public mutating func appendInterpolation<Value>(_ value: Value) {}

    @inline(never)
    public mutating func appendInterpolation(_ number: Int) {
        write(number.description)
    }
}

private func makeInterpolation<Kind: StringInterpolationProtocol>(_: Kind.Type) -> Kind {
    Kind(literalCapacity: 0, interpolationCount: 0)
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

    @inline(never)
    public static func + (first: String, second: String) -> String {
        var text = first
        text.write(second)
        return text
    }

    @inline(never)
    public init(decoding bytes: [UInt8], as _: UTF8.Type) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    @inline(never)
    public init(decoding bytes: ArraySlice<UInt8>, as _: UTF8.Type) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    @inline(never)
    public init(decoding bytes: Substring.UTF8View, as _: UTF8.Type) {
        self.init(decoding: Array(bytes), as: UTF8.self)
    }
}

#endif
