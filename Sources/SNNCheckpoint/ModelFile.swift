import SNNCore
import SNNGraph

/// A model as a file: Keras's whole-model HDF5 layout and, for what that has no place for, the
/// group `/swiftnn`.
///
///     / attrs: keras_version backend model_config [training_config]
///     /model_weights          see LegacyLayout
///     /swiftnn                see OwnGroup
///     /swiftnn/training       see TrainingStateGroup
package enum ModelFile {
    package struct Contents {
        /// With its weights.
        package let network: Network
        package let trainingConfig: JSON?
        package let state: StateDictionary?
        /// The file is as this library wrote it.
        package let isOwn: Bool
        /// This library wrote the file, but another program changed it: `/swiftnn` was ignored.
        package let ignoresOwnGroup: Bool
    }

    /// The model as a file that Keras opens too. Equal models give equal bytes.
    ///
    /// - Parameters:
    ///   - trainingConfig: Keras's `training_config`, in a form that Keras 3 reads: losses by
    ///     their full names. nil: the file says nothing of training to Keras.
    ///   - state: goes to `/swiftnn/training`.
    package static func image(
        of network: Network, trainingConfig: JSON?, state: StateDictionary?
    ) throws(SNNError) -> FileImage {
        let writer = try HDF5Writer(expectedBytes: expectedBytes(network, state))
        try KerasVersion.write(at: "/", with: writer)
        try write(
            KerasModel(name: network.name, graph: network.graph).json, as: "model_config",
            with: writer)
        if let trainingConfig { try write(trainingConfig, as: "training_config", with: writer) }
        try LegacyLayout.write(network, at: "/model_weights", with: writer)
        try OwnGroup.write(seed: network.seed, with: writer)
        if let state { try TrainingStateGroup.write(state, of: network.graph, with: writer) }
        return try writer.finish()
    }

    /// Opens a whole-model file of this library or, where `allowsForeign`, of Keras 2 or 3.
    ///
    /// - Parameters:
    ///   - registry: makes the layers.
    ///   - seed: of the model where the file brings none, since it is foreign.
    /// - Throws: `.checksum` for a damaged file of ours, `.format` for what is no sound model
    ///   file or foreign though that is not allowed, `.unsupported` and `.configuration` for
    ///   models that cannot be built, `.limit` for what is too large, `.memory`.
    package static func read(
        _ image: FileImage, registry: LayerRegistry, allowsForeign: Bool, seed: UInt64
    ) throws(SNNError) -> Contents {
        try read(HDF5Reader(image), registry, allowsForeign, seed)
    }

    /// The same for bytes of the caller.
    package static func read(
        borrowing bytes: UnsafeRawBufferPointer, registry: LayerRegistry, allowsForeign: Bool,
        seed: UInt64
    ) throws(SNNError) -> Contents {
        try read(HDF5Reader(borrowing: bytes), registry, allowsForeign, seed)
    }

    private static func read(
        _ file: HDF5Reader, _ registry: LayerRegistry, _ allowsForeign: Bool, _ seed: UInt64
    ) throws(SNNError) -> Contents {
        let origin = try OwnGroup.origin(of: file, allowsForeign: allowsForeign)
        guard let config = try json("model_config", in: file) else {
            throw SNNError(
                .format,
                "expected a model's file, received one without 'model_config' (a file of weights "
                    + "alone goes into a model that exists)")
        }
        try KerasVersion.refuseChangedActivations(in: config, of: file)
        let model = try KerasModel(config, registry: registry)
        // Before the model takes memory: the file must hold what it asks for.
        let stored = try LegacyLayout.layers(in: file, at: "/model_weights")
        let pairs = try WeightPairing.byName(model.graph, stored)
        let network = try Network(
            name: model.name, graph: model.graph, seed: try origin.seed(of: file) ?? seed,
            isInitialized: false)
        try WeightPairing.read(
            pairs, of: network.graph, from: file, parameters: network.parameters,
            statistics: network.statistics)
        network.weightsDidChange()
        return Contents(
            network: network, trainingConfig: try json("training_config", in: file),
            state: origin.isOwn ? try TrainingStateGroup.read(file) : nil, isOwn: origin.isOwn,
            ignoresOwnGroup: origin.ignoresOwnGroup)
    }

    // MARK: Parts

    private static func write(
        _ json: JSON, as attribute: String, with writer: HDF5Writer
    ) throws(SNNError) {
        let text = json.write()
        // What is written can be read again.
        guard text.utf8.count <= FileLimits.textBytes else {
            throw SNNError(
                .limit,
                "'\(attribute)' would have \(text.utf8.count) bytes; a file holds at most "
                    + "\(FileLimits.textBytes)")
        }
        try writer.setString(text, attribute: attribute, at: "/")
    }

    /// The JSON in an attribute of the file; nil when there is none.
    private static func json(
        _ attribute: String, in file: HDF5Reader
    ) throws(SNNError) -> JSON? {
        guard let text = try file.string(attribute: attribute, at: "/") else { return nil }
        do throws(SNNError) {
            return try JSON.read(text)
        } catch {
            // The file's fault, not that of the caller's options.
            let status = error.status == .configuration ? .format : error.status
            throw SNNError(status, error.message).within("'\(attribute)'")
        }
    }

    static func expectedBytes(_ network: Network, _ state: StateDictionary?) -> Int {
        var floats = network.parameters.count &+ network.statistics.count
        for entry in state?.entries ?? [] {
            if case .floats(let values) = entry.value { floats &+= values.count }
        }
        // Beside them names and headers, some 1 KiB for each variable.
        return 4 &* floats &+ 1024 &* (network.graph.variables.count &+ 100)
    }
}
