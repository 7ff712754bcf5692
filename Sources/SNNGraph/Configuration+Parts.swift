import SNNCore

// The parts that layers have in common, as they stand in a layer's configuration. Not inlined: the
// tables of names would be there once for each use.
extension Configuration {
    @inline(never)
    package mutating func initializer(
        _ key: String, default initializer: any Initializer
    ) throws(SNNError) -> any Initializer {
        guard let json = json(key), !json.isNull else { return initializer }
        return try Initializers.make(json, for: "\(owner): '\(key)'")
    }

    /// nil where there is none.
    @inline(never)
    package mutating func regularizer(
        _ key: String
    ) throws(SNNError) -> (any Regularizer)? {
        guard let json = json(key), !json.isNull else { return nil }
        return try Regularizers.registry.make(json, for: "\(owner): '\(key)'")
    }

    /// nil where there is none.
    @inline(never)
    package mutating func constraint(_ key: String) throws(SNNError) -> (any Constraint)? {
        guard let json = json(key), !json.isNull else { return nil }
        return try Constraints.registry.make(json, for: "\(owner): '\(key)'")
    }

    @inline(never)
    package mutating func activation(_ key: String) throws(SNNError) -> any Activation {
        try Activations.make(json(key), for: owner)
    }

    /// Keys of Keras that must stand at null, since what they ask for does not exist here yet.
    package mutating func refuse(unlessNull keys: String...) throws(SNNError) {
        for key in keys {
            try refuse(key, unless: [.null], because: "this version does not do that")
        }
    }
}
