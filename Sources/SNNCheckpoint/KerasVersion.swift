import SNNCore

/// The `keras_version` of a file: it tells two dialects apart.
enum KerasVersion {
    /// What our files say. Keras does not ask for it; it makes readers of files, also us, take
    /// Keras 3's meaning of hard_sigmoid.
    private static let written = "3.0.0"

    static func write(at path: String, with writer: HDF5Writer) throws(SNNError) {
        try writer.setString(written, attribute: "keras_version", at: path)
        try writer.setString("tensorflow", attribute: "backend", at: path)
    }

    /// hard_sigmoid is clip(0.2 x + 0.5, 0, 1) up to Keras 2 and clip(x / 6 + 0.5, 0, 1) from
    /// Keras 3 on, under one name.
    static func refuseChangedActivations(
        in config: JSON, of file: HDF5Reader
    ) throws(SNNError) {
        guard try major(of: file) < 3 else { return }
        for layer in config["config"]?["layers"]?.elements ?? config["config"]?.elements ?? [] {
            guard let layerConfig = layer["config"], usesHardSigmoid(layerConfig) else { continue }
            throw SNNError(
                .unsupported,
                "layer '\(PlainText.text(layerConfig["name"]?.text ?? "?"))': the file is of Keras "
                    + "2, whose activation 'hard_sigmoid' is another function than that of Keras 3 "
                    + "under this name; this version has only the latter")
        }
    }

    /// Files of the first versions say nothing.
    private static func major(of file: HDF5Reader) throws(SNNError) -> Int {
        for path in ["/model_weights", "/"] where try file.isGroup(path) {
            guard let text = try file.string(attribute: "keras_version", at: path) else { continue }
            let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
            return digits.count > 3 ? 0 : digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        return 1
    }

    /// As a name, or as {class_name, config} in any of its forms.
    private static func usesHardSigmoid(_ json: JSON) -> Bool {
        switch json {
        case .array(let elements): return elements.contains { usesHardSigmoid($0) }
        case .object(let members):
            return members.contains { member in
                if member.value.text == "hard_sigmoid" {
                    return member.name.hasSuffix("activation") || member.name == "class_name"
                        || member.name == "config"
                }
                return usesHardSigmoid(member.value)
            }
        default: return false
        }
    }
}
