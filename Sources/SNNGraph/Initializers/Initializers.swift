import SNNCore

/// One initializer of the registry.
package typealias InitializerRow = PartRow<any Initializer>

/// The initializers of Keras 3.
package enum Initializers {
    package static let registry = PartRegistry<any Initializer>(
        "initializer",
        [
            Zeros.row, Ones.row, Constant.row, Identity.row, STFT.row, RandomNormal.row,
            RandomUniform.row, TruncatedNormal.row, Orthogonal.row, VarianceScaling.row,
        ] + FanPreset.rows,
        // Keras 1 and 2 wrote it; a variable's dtype is its layer's business.
        ignoring: "dtype")

    package static var rows: [InitializerRow] { registry.rows }

    package static var zeros: any Initializer { Zeros() }
    package static var ones: any Initializer { Ones() }
    package static var glorotUniform: any Initializer { FanPreset(.glorotUniform) }
    package static var orthogonal: any Initializer { Orthogonal() }

    /// From a name, or `{class_name, config}`; see `PartRegistry.make`.
    package static func make(_ json: JSON, for owner: String) throws(SNNError) -> any Initializer {
        try registry.make(json, for: owner)
    }

    /// As Keras writes it; `make` reads it back.
    package static func json(_ initializer: any Initializer) -> JSON {
        PartRegistry<any Initializer>.json(
            module: "keras.initializers", initializer.className, initializer.configuration)
    }
}

extension Configuration {
    /// A number that a Float can hold; everything an initializer is given ends up in one.
    mutating func value(_ key: String, default value: Double) throws(SNNError) -> Double {
        let greatest = Double(Float.greatestFiniteMagnitude)
        return try number(key, default: value, in: -greatest...greatest)
    }
}
