import SNNCheckpoint
import SNNCore
import SNNTraining

/// Samples to train with: in memory of the caller, or in an HDF5 file of any size.
public final class Dataset: Sendable {
    package let source: any SampleSource

    public var count: Int { source.count }

    /// Samples in memory of the caller, not copied: it stays as it is for as long as the data set
    /// is used. Options (JSON5): `scale`.
    public init(
        inputs: [ArrayView], targets: [ArrayView], sampleWeights: ArrayView?,
        options: String? = nil
    ) throws(SNNError) {
        var options = try Configuration(text: options, of: "dataset")
        let scale = try Dataset.scale(&options)
        try options.finish()
        source = try ArraySource(
            inputs: inputs, targets: targets, sampleWeights: sampleWeights, scale: scale)
    }

    /// Samples in an HDF5 file. Options (JSON5): `inputs`, `targets`, `sample_weight`, `scale`,
    /// `block_rows`.
    public convenience init(path: String, options: String? = nil) throws(SNNError) {
        try self.init(path: FilePath(path), options: options)
    }

    package init(path: FilePath, options: String? = nil) throws(SNNError) {
        var options = try Configuration(text: options, of: "dataset")
        let inputs = try Dataset.names("inputs", default: ["x"], &options)
        let targets = try Dataset.names("targets", default: ["y"], &options)
        let weights = try options.optionalString("sample_weight")
        let scale = try Dataset.scale(&options)
        let blockLength = try options.integer("block_rows", default: 0, in: 0 ... 1 << 40)
        try options.finish()
        let file = try ReadableFile(path)
        do throws(SNNError) {
            let reader = try HDF5Reader(onDisk: file)
            var inputExtents: [FileSource.Extent] = []
            var targetExtents: [FileSource.Extent] = []
            for name in inputs { inputExtents.append(try Dataset.extent(name, reader)) }
            for name in targets { targetExtents.append(try Dataset.extent(name, reader)) }
            var weightExtent: FileSource.Extent?
            if let weights { weightExtent = try Dataset.extent(weights, reader) }
            source = try FileSource(
                path: path.text, inputs: inputExtents, targets: targetExtents,
                sampleWeights: weightExtent, scale: scale, blockLength: blockLength
            ) { (destination, count, offset) throws(SNNError) in
                try file.read(into: destination, count: count, at: offset)
            }
        } catch {
            throw error.within("'\(path.text)'")
        }
    }

    static func scale(_ options: inout Configuration) throws(SNNError) -> Float {
        let limit = Double(Float.greatestFiniteMagnitude)
        return Float(try options.number("scale", default: 1, in: -limit ... limit))
    }

    private static func names(
        _ key: String, default names: [String], _ options: inout Configuration
    ) throws(SNNError) -> [String] {
        guard let json = options.json(key), !json.isNull else { return names }
        let elements = json.elements ?? [json]
        let texts = elements.compactMap { $0.text }
        guard texts.count == elements.count, !texts.isEmpty, texts.count <= 1024 else {
            throw options.mismatch(key, "a path of a dataset or a list of them", json)
        }
        return texts
    }

    private static func extent(
        _ name: String, _ reader: HDF5Reader
    ) throws(SNNError) -> FileSource.Extent {
        let found = try reader.contiguousExtent(name)
        guard let rows = found.shape.first else {
            throw SNNError(.shape, "'\(name)': expected samples along the first axis, found a scalar")
        }
        let type: ElementType =
            switch found.element {
            case .float32: .float32
            case .float64: .float64
            case .uint8: .uint8
            case .int32: .int32
            case .int64: .int64
            }
        return FileSource.Extent(
            name: name, offset: found.offset, rows: rows,
            column: SampleColumn(type, try Shape(Array(found.shape.dropFirst()))))
    }
}
