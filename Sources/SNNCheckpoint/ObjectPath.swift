import SNNCore

/// Where an object stands in an HDF5 file: "/model_weights/dense/kernel"; "/" is the root.
struct ObjectPath {
    let parts: [String]

    /// - Throws: `.format` for a path that libhdf5 would read otherwise than as names in groups,
    ///   `.limit` for one that is too long or deep.
    init(_ path: String) throws(SNNError) {
        var parts: [String] = []
        var part: [UInt8] = []
        for byte in path.utf8 {
            guard byte != 0 else {
                throw SNNError(.format, "expected a path without a NUL byte")
            }
            if byte != 0x2f {
                part.append(byte)
            } else if !part.isEmpty {
                parts.append(String(decoding: part, as: UTF8.self))
                part = []
            }
        }
        if !part.isEmpty { parts.append(String(decoding: part, as: UTF8.self)) }
        for part in parts {
            // "." is the group itself to libhdf5.
            guard part.utf8.count != 1 || part.utf8.first != 0x2e else {
                throw SNNError(.format, "expected names in a path, received '.'")
            }
            guard part.utf8.count <= FileLimits.nameBytes else {
                throw SNNError(
                    .limit, "expected names of at most \(FileLimits.nameBytes) bytes")
            }
        }
        guard parts.count <= FileLimits.pathDepth else {
            throw SNNError(
                .limit, "expected a path of at most \(FileLimits.pathDepth) names")
        }
        self.parts = parts
    }

    static func text(of parts: [String]) -> String {
        parts.isEmpty ? "/" : parts.reduce("") { $0 + "/" + $1 }
    }
}
