import SNNCheckpoint
import SNNCore
import SNNGraph
import SNNLayers

extension Model {
    /// Writes architecture and weights as an HDF5 file in Keras's layout, in one step. Options
    /// (JSON5): `keep_previous`, `verify`.
    public func save(to path: String, options: String? = nil) throws(SNNError) {
        try save(to: FilePath(path), options: options)
    }

    package func save(to path: FilePath, options: String?) throws(SNNError) {
        let saving = try SavingOptions(options, of: "save")
        try saving.save(image(), to: path)
    }

    /// The bytes that `save` writes.
    package func image(options: String? = nil) throws(SNNError) -> FileImage {
        _ = try SavingOptions(options, of: "save")
        return try completed { (network) throws(SNNError) in
            try access.alone(changing: false) { () throws(SNNError) in
                Model.warnOfUnknown(network)
                return try ModelFile.image(of: network, trainingConfig: nil, state: nil)
            }
        }
    }

    /// A model of this library or of Keras (.h5). Options (JSON5): `foreign`, `previous`, `seed`.
    public static func load(from path: String, options: String? = nil) throws(SNNError) -> Model {
        try load(from: FilePath(path), options: options)
    }

    package static func load(from path: FilePath, options: String?) throws(SNNError) -> Model {
        let loading = try LoadingOptions(options, of: "load")
        return try loading.read(path) { (image) throws(SNNError) in
            Model(try contents(of: image.bytes, loading).network)
        }
    }

    package static func load(
        from bytes: UnsafeRawBufferPointer, options: String?
    ) throws(SNNError) -> Model {
        Model(try contents(of: bytes, LoadingOptions(options, of: "load")).network)
    }

    /// Weights alone: in Keras 3's layout when the name ends in ".weights.h5", else in the older
    /// one.
    public func saveWeights(to path: String, options: String? = nil) throws(SNNError) {
        try saveWeights(to: FilePath(path), options: options)
    }

    package func saveWeights(to path: FilePath, options: String?) throws(SNNError) {
        let saving = try SavingOptions(options, of: "save weights")
        let image = try completed { (network) throws(SNNError) in
            try access.alone(changing: false) { () throws(SNNError) in
                try ModelFile.weightsImage(
                    of: network, isKeras3Layout: Model.isKeras3Layout(path))
            }
        }
        try saving.save(image, to: path)
    }

    /// Takes all weights from a file or, when it throws, none.
    public func loadWeights(from path: String, options: String? = nil) throws(SNNError) {
        try loadWeights(from: FilePath(path), options: options)
    }

    package func loadWeights(from path: FilePath, options: String?) throws(SNNError) {
        let loading = try LoadingOptions(options, of: "load weights")
        try completed { (network) throws(SNNError) in
            try access.alone { () throws(SNNError) in
                try loading.read(path) { (image) throws(SNNError) in
                    try ModelFile.loadWeights(
                        image, into: network, isKeras3Layout: Model.isKeras3Layout(path),
                        allowsForeign: loading.allowsForeign)
                }
            }
        }
    }

    /// What a file holds, with what there is to say of it in the log.
    static func contents(
        of bytes: UnsafeRawBufferPointer, _ loading: LoadingOptions
    ) throws(SNNError) -> ModelFile.Contents {
        let contents = try ModelFile.read(
            borrowing: bytes, registry: .all, allowsForeign: loading.allowsForeign,
            seed: loading.seed)
        if contents.ignoresOwnGroup {
            Log.write(
                .warning,
                "the file was changed by another program after it was saved: its training state "
                    + "was not read")
        }
        return contents
    }

    static func warnOfUnknown(_ network: Network) {
        for node in network.graph.nodes {
            for name in node.layer.unknownToKeras {
                Log.write(
                    .warning,
                    "layer '\(node.name)': Keras does not know '\(name)'; to open the file it needs "
                        + "custom_objects")
            }
            for name in node.layer.lostByKeras {
                Log.write(
                    .warning,
                    "layer '\(node.name)': Keras drops '\(name)' when it opens an .h5 file: there the "
                        + "layer is another one")
            }
        }
    }

    static func isKeras3Layout(_ path: FilePath) -> Bool {
        path.text.hasSuffix(".weights.h5")
    }
}
