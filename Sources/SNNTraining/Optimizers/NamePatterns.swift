import SNNCore

/// Which variables a list of texts means, as Keras matches `var_names`: a variable of whose own name
/// ("kernel") one of them is a part. A text with '/' is a whole "<layer>/<variable>" and means that
/// one alone (Keras's `var_list`).
struct NamePatterns: Sendable {
    private let texts: [String]

    /// The list under `key`; missing and null are the empty list. Keras takes the texts for regular
    /// expressions: characters with a meaning there are refused.
    init(_ options: inout Configuration, _ key: String) throws(SNNError) {
        guard let json = options.json(key), !json.isNull else {
            texts = []
            return
        }
        let expected = "a list of variables' names or parts of names, no regular expressions"
        guard let elements = json.elements else { throw options.mismatch(key, expected, json) }
        var texts: [String] = []
        for element in elements {
            guard let text = element.text, !text.isEmpty,
                !text.utf8.contains(where: { NamePatterns.reserved.contains($0) })
            else { throw options.mismatch(key, expected, element) }
            texts.append(text)
        }
        self.texts = texts
    }

    private static let reserved = Array("\\^$.|?*+()[]{}".utf8)

    var json: JSON? { texts.isEmpty ? nil : .array(texts.map { .string($0) }) }

    /// Those that must name a variable of the model.
    var paths: [String] { texts.filter { $0.utf8.contains(UInt8(ascii: "/")) } }

    /// Whether a variable "<layer>/<variable>" is meant.
    func match(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        let start = (bytes.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1
        let name = Array(bytes[start...])
        return texts.contains { text in
            text.utf8.contains(UInt8(ascii: "/")) ? text == path : contains(name, Array(text.utf8))
        }
    }

    /// Whether one of the texts is a part of the whole path.
    func matchAnywhere(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        return texts.contains { contains(bytes, Array($0.utf8)) }
    }
}

/// Whether `part` stands anywhere in `whole`.
func contains(_ whole: [UInt8], _ part: [UInt8]) -> Bool {
    guard part.count <= whole.count else { return false }
    return (0 ... whole.count - part.count).contains { start in
        part.indices.allSatisfy { whole[start + $0] == part[$0] }
    }
}
