import SNNCore

/// A row of the registry: a layer class's name and how to make one.
package struct LayerKind: Sendable {
    package let className: String
    /// Reads its keys from the configuration; the registry has read `name`, `trainable` and `dtype`
    /// before, and refuses what is left after.
    package let make: @Sendable (inout Configuration) throws(SNNError) -> any Layer

    package init(
        _ className: String,
        make: @escaping @Sendable (inout Configuration) throws(SNNError) -> any Layer
    ) {
        self.className = className
        self.make = make
    }
}

/// The layers that can be made by name. A value, so that who reads models is given it.
package struct LayerRegistry: Sendable {
    package let kinds: [LayerKind]
    /// Makes those that are not among `kinds`.
    private let other: @Sendable (_ className: String) -> LayerKind?

    package init(
        _ kinds: [LayerKind],
        other: @escaping @Sendable (_ className: String) -> LayerKind? = { _ in nil }
    ) {
        self.kinds = kinds
        self.other = other
    }

    /// Whether a class of the library or of Keras has the name.
    package func isTaken(_ className: String) -> Bool {
        kinds.contains { $0.className == className } || KerasLayers.has(className)
            || KerasModel.classNames.contains(className)
    }

    /// What a configuration describes.
    package struct Description {
        package let layer: any Layer
        /// nil where the configuration gives none.
        package let name: String?
        package let isTrainable: Bool
    }

    /// Makes a layer from its Keras configuration. Unknown classes and keys are errors that name
    /// the nearest known one.
    package func make(
        _ className: String, _ config: JSON
    ) throws(SNNError) -> Description {
        guard let kind = kinds.first(where: { $0.className == className }) ?? other(className) else {
            guard !KerasLayers.has(className) else {
                throw SNNError(
                    .unsupported,
                    "layer class '\(className)' is one of Keras that this version does not have")
            }
            throw SNNError(
                .configuration,
                unknownName("layer class", className, among: kinds.map { $0.className })
                    + "; one of your own must be registered first (snn_layer_register)")
        }
        let givenName = config["name"]?.text
        let owner = givenName.map { "\(className) '\($0)'" } ?? className
        var configuration = try Configuration(config, of: owner)
        let name = try configuration.optionalString("name")
        if let name { try LayerRegistry.checkName(name, of: owner) }
        let isTrainable = try configuration.bool("trainable", default: true)
        try LayerRegistry.checkDtype(&configuration)
        let layer = try LayerRegistry.layer(kind, &configuration)
        try configuration.finish()
        return Description(layer: layer, name: name, isTrainable: isTrainable)
    }

    private static func layer(
        _ kind: LayerKind, _ configuration: inout Configuration
    ) throws(SNNError) -> any Layer {
        let layer = try kind.make(&configuration)
        // The others have no such key in Keras either.
        guard layer.knowsTrainable, layer.activityRegularizer == nil,
            let regularizer = try configuration.regularizer("activity_regularizer")
        else { return layer }
        return RegularizedLayer(layer, regularizer)
    }

    /// Names go into files as paths, which '/' would part.
    package static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 256
            && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "/") }
    }

    private static func checkName(_ name: String, of owner: String) throws(SNNError) {
        guard isName(name) else {
            throw SNNError(
                .configuration,
                "\(owner): 'name' must be 1 to 256 bytes without '/' and control characters, received "
                    + JSON.string(name).shortText)
        }
    }

    /// float32 in any of the forms that Keras writes.
    private static func checkDtype(_ configuration: inout Configuration) throws(SNNError) {
        guard let dtype = configuration.json("dtype"), !dtype.isNull else { return }
        let name = dtype.text ?? dtype["config"]?["name"]?.text
        guard name == "float32" else {
            throw SNNError(
                .unsupported,
                "\(configuration.owner): 'dtype' must be 'float32', received \(dtype.shortText)")
        }
    }
}

/// The names that layers get where none is given: Keras's snake case of the class, then `_1`, ...
/// counted per model.
package func automaticName(for className: String, in graph: Graph) -> String {
    let base = snakeCase(className)
    if !graph.hasNode(named: base) { return base }
    // From the number of layers down to a free one: the names so far cannot fill them all.
    var number = 1
    while graph.hasNode(named: base + "_" + String(number)) { number += 1 }
    return base + "_" + String(number)
}

/// Keras's `to_snake_case`: "LeakyReLU" is "leaky_re_lu", "Conv2DTranspose" "conv2d_transpose".
package func snakeCase(_ name: String) -> String {
    let bytes = Array(name.utf8).filter { isWord($0) }
    var result: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
        let previous = index > 0 ? bytes[index - 1] : nil
        let next = index + 1 < bytes.count ? bytes[index + 1] : nil
        if isUpper(byte), let previous, previous != UInt8(ascii: "_"),
            next.map(isLower) ?? false || isLower(previous)
        {
            result.append(UInt8(ascii: "_"))
        }
        result.append(isUpper(byte) ? byte | 0x20 : byte)
    }
    return String(decoding: result, as: UTF8.self)
}

private func isUpper(_ byte: UInt8) -> Bool { (0x41 ... 0x5a).contains(byte) }
private func isLower(_ byte: UInt8) -> Bool { (0x61 ... 0x7a).contains(byte) }
private func isWord(_ byte: UInt8) -> Bool {
    isUpper(byte) || isLower(byte) || (0x30 ... 0x39).contains(byte) || byte == UInt8(ascii: "_")
}
