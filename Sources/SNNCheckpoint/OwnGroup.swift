import SNNCore

/// The group `/swiftnn`: what Keras has no place for. Keys that are not known are left alone.
///
///     /swiftnn attrs: format_version "1.0", creator, [seed]
enum OwnGroup {
    static let path = "/swiftnn"
    /// A reader of major version 1 reads every 1.x.
    private static let formatVersion = "1.0"
    private static let formatMajor = 1
    /// As SNN_VERSION_* in swiftnn.h.
    package static let creator = "SwiftNN 0.1.0"

    /// Where a file comes from.
    struct Origin {
        let isOwn: Bool
        let ignoresOwnGroup: Bool

        /// nil for a foreign file.
        func seed(of file: HDF5Reader) throws(SNNError) -> UInt64? {
            guard isOwn else { return nil }
            guard let bits = try file.integer(attribute: "seed", at: OwnGroup.path) else {
                throw SNNError(.format, "'\(OwnGroup.path)': expected the attribute 'seed'")
            }
            return UInt64(bitPattern: bits)
        }
    }

    static func write(seed: UInt64?, with writer: HDF5Writer) throws(SNNError) {
        try writer.createGroup(path)
        try writer.setString(formatVersion, attribute: "format_version", at: path)
        try writer.setString(creator, attribute: "creator", at: path)
        if let seed {
            try writer.setInteger(Int64(bitPattern: seed), attribute: "seed", at: path)
        }
    }

    /// - Throws: `.format` for a foreign file where none is allowed, `.unsupported` for one of a
    ///   newer format.
    static func origin(of file: HDF5Reader, allowsForeign: Bool) throws(SNNError) -> Origin {
        let hasGroup = try file.exists(path)
        guard file.isOwn else {
            guard allowsForeign else {
                throw SNNError(
                    .format,
                    "expected a file as this library wrote it, received "
                        + (hasGroup
                            ? "one that another program changed" : "one of another program"))
            }
            return Origin(isOwn: false, ignoresOwnGroup: hasGroup)
        }
        guard hasGroup, let version = try file.string(attribute: "format_version", at: path) else {
            throw SNNError(.format, "'\(path)': expected the attribute 'format_version'")
        }
        try checkVersion(version)
        return Origin(isOwn: true, ignoresOwnGroup: false)
    }

    private static func checkVersion(_ version: String) throws(SNNError) {
        let digits = version.utf8.prefix { $0 != UInt8(ascii: ".") }
        guard let major = Int(String(decoding: digits, as: UTF8.self)), major >= 1 else {
            throw SNNError(
                .format, "expected a format version such as 1.0, received '\(PlainText.text(version))'")
        }
        guard major <= formatMajor else {
            throw SNNError(
                .unsupported,
                "expected a file of format \(formatMajor).x, received one of format "
                    + "\(PlainText.text(version)), which a newer version of the library wrote")
        }
    }
}
