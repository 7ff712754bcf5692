/// One object of options and what has been asked of it: every key is read with its type and range,
/// and `finish` refuses the keys that nobody asked for.
///
///     var options = try Configuration(json, of: "Dense 'stem'")
///     let units = try options.integer("units", in: 1...Int(Int32.max))
///     let usesBias = try options.bool("use_bias", default: true)
///     try options.finish()
///
/// Errors are `.configuration` and say owner, key, what was expected and what came.
package struct Configuration {
    /// What the options are for, as messages name it: "Dense 'stem'".
    package let owner: String
    private let members: [JSON.Member]
    private var known: [String] = []

    /// Null means no options.
    package init(_ json: JSON, of owner: String) throws(SNNError) {
        self.owner = owner
        switch json {
        case .null: members = []
        case .object(let members): self.members = members
        default:
            throw SNNError(
                .configuration,
                "\(owner): expected an object of options, received \(json.shortText)")
        }
    }

    /// Options in JSON5; nil and blank text mean none.
    package init(text: String?, of owner: String) throws(SNNError) {
        var json = JSON.null
        if let text, !text.utf8.allSatisfy({ $0 == 0x20 || (0x09...0x0d).contains($0) }) {
            do throws(SNNError) {
                json = try JSON.read(text)
            } catch {
                throw error.within(owner)
            }
        }
        try self.init(json, of: owner)
    }

    /// Whether the key is there, null or not. Does not make it known.
    @inline(never)
    package func has(_ key: String) -> Bool {
        members.contains { $0.name == key }
    }

    /// The value as it stands, which becomes known; nil when the key is missing.
    @inline(never)
    package mutating func json(_ key: String) -> JSON? {
        if !known.contains(key) { known.append(key) }
        return members.first { $0.name == key }?.value
    }

    /// All keys that nobody asked for yet, which become known.
    package mutating func rest() -> [JSON.Member] {
        var rest: [JSON.Member] = []
        for member in members where !known.contains(member.name) {
            rest.append(member)
            known.append(member.name)
        }
        return rest
    }

    /// Makes keys known that have no effect here.
    @inline(never)
    package mutating func ignore(_ keys: String...) {
        for key in keys { _ = json(key) }
    }

    /// Accepts a key only where it changes nothing: missing, or with one of the values `neutral`.
    /// Throws `.unsupported` otherwise; `reason` ends the message.
    @inline(never)
    package mutating func refuse(
        _ key: String, unless neutral: [JSON], because reason: String
    ) throws(SNNError) {
        guard let value = json(key), !neutral.contains(where: { $0.means(value) }) else { return }
        let accepted = neutral.map { $0.shortText }.joined(separator: " or ")
        throw SNNError(
            .unsupported,
            "\(owner): '\(key)' must be \(accepted), received \(value.shortText): \(reason)")
    }

    /// Throws when a key was given that nobody asked for. Call it after the last read.
    @inline(never)
    package func finish() throws(SNNError) {
        for member in members where !known.contains(member.name) {
            let hint =
                if let near = nearestName(to: member.name, among: known) {
                    "did you mean '\(near)'?"
                } else if known.isEmpty {
                    "there are no options"
                } else {
                    "known are \(known.map { "'\($0)'" }.joined(separator: ", "))"
                }
            throw failure("unknown key '\(member.name)'; \(hint)")
        }
    }

    /// An error of these options, for what only the owner can judge.
    @inline(never)
    package func failure(_ text: String) -> SNNError {
        SNNError(.configuration, "\(owner): \(text)")
    }

    /// "Dense 'stem': 'units' must be <expected>, received -3".
    @inline(never)
    package func mismatch(_ key: String, _ expected: String, _ received: JSON) -> SNNError {
        failure("'\(key)' must be \(expected), received \(received.shortText)")
    }

    /// The value of a key that must be there.
    @inline(never)
    mutating func required(_ key: String, _ expected: String) throws(SNNError) -> JSON {
        if let value = json(key) { return value }
        let others = members.map { $0.name }.filter { !known.contains($0) }
        let near = nearestName(to: key, among: others)
        throw failure(
            "'\(key)' is required, \(expected), but missing"
                + (near.map { "; there is '\($0)'" } ?? ""))
    }

    /// The value of a key; nil when it is missing or null.
    @inline(never)
    mutating func optional(_ key: String) -> JSON? {
        guard let value = json(key), !value.isNull else { return nil }
        return value
    }
}
