import SNNCore

/// A class of layers that the host computes.
package protocol HostLayerClass: AnyObject, Sendable {
    /// A layer of this configuration, JSON with `name` and `trainable` where they were given.
    func make(config: String) throws(SNNError) -> any HostComputation
}

/// What computes one layer of the host's. It is called on the thread that called the library, by
/// several threads at once where several sessions predict.
package protocol HostComputation: AnyObject, Sendable {
    /// What the layer is for these inputs, in JSON5: see `snn_layer_build`. nil or blank: weightless
    /// and of its first input's shape.
    func build(_ inputs: HostShapes) throws(SNNError) -> String?

    /// Not 0: it failed.
    func forward(_ call: HostCall) -> Int32
    func backward(_ call: HostCall) -> Int32
}

extension SNNError {
    /// Of a callback that returned another number than 0.
    @inline(never)
    package static func callback(_ name: String, _ status: Int32) -> SNNError {
        SNNError(.state, "its " + name + " callback failed with " + String(status))
    }
}

/// The host's layers by name, for the whole process.
package enum HostLayers {
    /// Guarded by the process's lock.
    nonisolated(unsafe) private static var classes: [(name: String, made: any HostLayerClass)] = []

    /// nil removes the name; what was made with it goes on.
    ///
    /// - Parameter registry: whose names are refused, as Keras's are.
    package static func register(
        _ name: String, _ hostClass: (any HostLayerClass)?, besides registry: LayerRegistry
    ) throws(SNNError) {
        guard LayerRegistry.isName(name) else {
            throw SNNError(
                .argument, "expected a layer class's name of printable characters without '/'")
        }
        guard !registry.isTaken(name) else {
            throw SNNError(
                .argument,
                "expected a name that no class of the library or of Keras has, received '\(name)'")
        }
        ProcessLock.whileLocked {
            classes.removeAll { $0.name == name }
            if let hostClass { classes.append((name, hostClass)) }
        }
    }

    package static func kind(_ name: String) -> LayerKind? {
        guard let made = ProcessLock.whileLocked({ classes.first { $0.name == name }?.made })
        else { return nil }
        return LayerKind(name) { (options) throws(SNNError) in
            try HostLayer(name, made, &options)
        }
    }
}
