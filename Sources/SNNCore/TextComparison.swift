#if hasFeature(Embedded)

// Text is compared by its code points, as Keras and HDF5 compare names: Swift would ask Unicode's
// tables, 60 KB of the library, whether two spellings of a character count as the same. These answers
// say that there are none.

@_cdecl("_swift_stdlib_getNormData")
public func _normalizationData(_ scalar: UInt32) -> UInt16 { 0 }

@_cdecl("_swift_stdlib_getDecompositionEntry")
public func _decompositionEntry(_ scalar: UInt32) -> UInt32 { .max }

@_cdecl("_swift_stdlib_getComposition")
public func _composition(_ first: UInt32, _ second: UInt32) -> UInt32 { .max }

// And that every code point stands for itself where text is walked by characters.

@_cdecl("_swift_stdlib_getGraphemeBreakProperty")
public func _graphemeBreakProperty(_ scalar: UInt32) -> UInt8 { .max }

@_cdecl("_swift_stdlib_isExtendedPictographic")
public func _isExtendedPictographic(_ scalar: UInt32) -> Bool { false }

@_cdecl("_swift_stdlib_isInCB_Consonant")
public func _isIndicConsonant(_ scalar: UInt32) -> Bool { false }

extension String {
    public func hasPrefix(_ prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

    public func hasSuffix(_ suffix: String) -> Bool {
        utf8.reversed().starts(with: suffix.utf8.reversed())
    }

    /// Of ASCII's letters.
    public func lowercased() -> String {
        String(decoding: utf8.map { 0x41...0x5a ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// Of ASCII's letters.
    public func uppercased() -> String {
        String(decoding: utf8.map { 0x61...0x7a ~= $0 ? $0 & ~0x20 : $0 }, as: UTF8.self)
    }
}

#endif
