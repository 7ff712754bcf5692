import SNNCore

/// A class of Keras that layers name in their configuration: an initializer, a regularizer, ...
package struct PartRow<Part>: Sendable {
    /// Keras's class name.
    package let name: String
    /// The other names under which Keras finds it.
    package let aliases: [String]
    /// Makes one from its options. It reads every key it knows; the registry refuses the rest.
    package let make: @Sendable (inout Configuration) throws(SNNError) -> Part

    init(
        _ name: String, _ aliases: [String] = [],
        make: @escaping @Sendable (inout Configuration) throws(SNNError) -> Part
    ) {
        self.name = name
        self.aliases = aliases
        self.make = make
    }

    func isCalled(_ name: String) -> Bool {
        self.name == name || aliases.contains(name)
    }
}

/// The parts of one kind that can be made by name.
package struct PartRegistry<Part>: Sendable {
    /// As messages say it: "initializer".
    package let kind: String
    package let rows: [PartRow<Part>]
    /// A key of old versions of Keras that has no effect. Known only where it stands, so that no
    /// message offers it.
    private let ignored: String?

    init(_ kind: String, _ rows: [PartRow<Part>], ignoring ignored: String? = nil) {
        self.kind = kind
        self.rows = rows
        self.ignored = ignored
    }

    /// From Keras's configuration: a name, or `{class_name, config}`, whose other keys of Keras
    /// (`module`, `registered_name`, `build_config`, `shared_object_id`) have no effect.
    ///
    /// `owner` is for messages: "Dense 'stem': 'kernel_initializer'". Throws `configuration`.
    package func make(_ json: JSON, for owner: String) throws(SNNError) -> Part {
        if let name = json.text { return try make(name, config: .null, for: owner) }
        guard json.members != nil else {
            let article = kind.hasPrefix("i") ? "an" : "a"
            throw SNNError(
                .configuration,
                "\(owner): expected \(article) \(kind)'s name or an object {class_name, config}, "
                    + "received \(json.shortText)")
        }
        var object = try Configuration(json, of: owner)
        object.ignore("module", "registered_name", "build_config", "shared_object_id")
        let name = try object.string("class_name")
        let config = object.json("config") ?? .null
        try object.finish()
        return try make(name, config: config, for: owner)
    }

    private func make(_ name: String, config: JSON, for owner: String) throws(SNNError) -> Part {
        guard let row = rows.first(where: { $0.isCalled(name) }) else {
            let names = rows.flatMap { [$0.name] + $0.aliases }
            throw SNNError(
                .configuration,
                "\(owner): " + unknownName(kind, name, among: names, shown: rows.map { $0.name }))
        }
        var configuration = try Configuration(config, of: "\(owner): \(row.name)")
        if let ignored, configuration.has(ignored) { configuration.ignore(ignored) }
        let part = try row.make(&configuration)
        try configuration.finish()
        return part
    }

    /// {module, class_name, config} as Keras writes it; `make` reads it back.
    static func json(
        module: String, _ className: String, _ configuration: [JSON.Member]
    ) -> JSON {
        .object(
            ("module", .string(module)), ("class_name", .string(className)),
            ("config", .object(configuration)), ("registered_name", .null))
    }
}
