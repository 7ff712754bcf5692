import CSystem
import SNNCore
import SNNGraph

/// Files of weights alone, in the two layouts that Keras tells apart by the file's name:
/// "x.weights.h5" is Keras 3's, any other ".h5" the one of Keras 2.
extension ModelFile {
    /// The weights of a model as a file that Keras's `load_weights` takes.
    package static func weightsImage(
        of network: Network, isKeras3Layout: Bool
    ) throws(SNNError) -> FileImage {
        let writer = try HDF5Writer(expectedBytes: expectedBytes(network, nil))
        if isKeras3Layout {
            try Keras3Layout.write(network, with: writer)
        } else {
            try LegacyLayout.write(network, at: "/", with: writer)
        }
        try OwnGroup.write(seed: nil, with: writer)
        return try writer.finish()
    }

    /// Gives the model the weights of a file: all of them or, on an error, none.
    ///
    /// The old layout may stand in a whole-model file. Layers are paired in order, whatever their
    /// names, as Keras does it; weights within a layer must agree in name and shape.
    ///
    /// - Throws: as `read`.
    package static func loadWeights(
        _ image: FileImage, into network: Network, isKeras3Layout: Bool, allowsForeign: Bool
    ) throws(SNNError) {
        try loadWeights(HDF5Reader(image), network, isKeras3Layout, allowsForeign)
    }

    /// The same for bytes of the caller.
    package static func loadWeights(
        borrowing bytes: UnsafeRawBufferPointer, into network: Network, isKeras3Layout: Bool,
        allowsForeign: Bool
    ) throws(SNNError) {
        try loadWeights(
            HDF5Reader(borrowing: bytes), network, isKeras3Layout, allowsForeign)
    }

    private static func loadWeights(
        _ file: HDF5Reader, _ network: Network, _ isKeras3Layout: Bool, _ allowsForeign: Bool
    ) throws(SNNError) {
        _ = try OwnGroup.origin(of: file, allowsForeign: allowsForeign)
        let pairs =
            isKeras3Layout
            ? try Keras3Layout.pairs(for: network.graph, in: file)
            : try WeightPairing.byPosition(
                network.graph, LegacyLayout.layers(in: file, at: LegacyLayout.base(in: file)))
        let parameters = try Buffer<Float>(count: network.parameters.count)
        let statistics = try Buffer<Float>(count: network.statistics.count)
        try WeightPairing.read(
            pairs, of: network.graph, from: file, parameters: parameters, statistics: statistics)
        // From here on nothing fails.
        network.parameters.pointer.copy(from: parameters.pointer, count: parameters.count)
        network.statistics.pointer.copy(from: statistics.pointer, count: statistics.count)
        network.weightsDidChange()
    }
}
