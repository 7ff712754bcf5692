import SNNCore

/// One initializer of the registry.
package struct InitializerRow: Sendable {
    /// Keras's class name.
    package let name: String
    /// The other names under which Keras finds it.
    package let aliases: [String]
    /// Makes one from its options. It reads every key it knows; the caller refuses the rest.
    package let make: @Sendable (inout Configuration) throws(SNNError) -> any Initializer

    init(
        _ name: String, _ aliases: [String],
        make: @escaping @Sendable (inout Configuration) throws(SNNError) -> any Initializer
    ) {
        self.name = name
        self.aliases = aliases
        self.make = make
    }

    func isCalled(_ name: String) -> Bool {
        self.name == name || aliases.contains(name)
    }
}

/// The initializers of Keras 3.
package enum Initializers {
    package static let rows: [InitializerRow] =
        [
            Zeros.row, Ones.row, Constant.row, Identity.row, STFT.row, RandomNormal.row,
            RandomUniform.row, TruncatedNormal.row, Orthogonal.row, VarianceScaling.row,
        ] + FanPreset.rows

    package static var zeros: any Initializer { Zeros() }
    package static var ones: any Initializer { Ones() }
    package static var glorotUniform: any Initializer { FanPreset(.glorotUniform) }
    package static var orthogonal: any Initializer { Orthogonal() }

    /// From Keras's configuration: a name, or `{class_name, config}`, whose other keys of Keras
    /// (`module`, `registered_name`, `build_config`, `shared_object_id`) have no effect.
    ///
    /// `owner` is for messages: "Dense 'stem': kernel_initializer". Throws `configuration`.
    package static func make(_ json: JSON, for owner: String) throws(SNNError) -> any Initializer {
        if let name = json.text { return try make(name, config: .null, for: owner) }
        guard json.members != nil else {
            throw SNNError(
                .configuration,
                "\(owner): expected an initializer's name or an object {class_name, config}, "
                    + "received \(json.shortText)")
        }
        var object = try Configuration(json, of: owner)
        object.ignore("module", "registered_name", "build_config", "shared_object_id")
        let name = try object.string("class_name")
        let config = object.json("config") ?? .null
        try object.finish()
        return try make(name, config: config, for: owner)
    }

    /// As Keras writes it; `make` reads it back.
    package static func json(_ initializer: any Initializer) -> JSON {
        .object(
            ("module", .string("keras.initializers")),
            ("class_name", .string(initializer.className)),
            ("config", .object(initializer.configuration)), ("registered_name", .null))
    }

    private static func make(_ name: String, config: JSON, for owner: String) throws(SNNError)
        -> any Initializer
    {
        guard let row = rows.first(where: { $0.isCalled(name) }) else {
            let names = rows.flatMap { [$0.name] + $0.aliases }
            let hint =
                nearestName(to: name, among: names).map { "did you mean '\($0)'?" }
                ?? "known are \(rows.map { "'\($0.name)'" }.joined(separator: ", "))"
            throw SNNError(
                .configuration,
                "\(owner): unknown initializer \(JSON.string(name).shortText); \(hint)")
        }
        var configuration = try Configuration(config, of: "\(owner): \(row.name)")
        // Keras 1 and 2 wrote it; a variable's dtype is its layer's business. Known only where it
        // stands, so that no message offers it.
        if configuration.has("dtype") { configuration.ignore("dtype") }
        let initializer = try row.make(&configuration)
        try configuration.finish()
        return initializer
    }
}

extension Configuration {
    /// A number that a Float can hold; everything an initializer is given ends up in one.
    mutating func value(_ key: String, default value: Double) throws(SNNError) -> Double {
        let greatest = Double(Float.greatestFiniteMagnitude)
        return try number(key, default: value, in: -greatest...greatest)
    }
}
