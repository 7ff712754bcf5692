import SNNCore

/// A weight that a file lists: where it is and what it says of itself. Its data are not read yet.
struct StoredWeight {
    /// Keras's name within the layer, such as "kernel", without the ":0" of Keras 2.
    let name: String
    let path: String
    let shape: [Int]

    var text: String { "\(PlainText.text(name)) \(Shape.text(of: shape))" }
}

/// A layer that a file lists, with its weights in the order of the file.
struct StoredLayer {
    let name: String
    let weights: [StoredWeight]
}

/// Describes weights of a file and counts what they claim together, so that no model takes memory
/// for more than a file can hold.
struct WeightScan {
    private let file: HDF5Reader
    private var count = 0
    private var bytes = 0
    private var isFiltered = false

    init(_ file: HDF5Reader) {
        self.file = file
    }

    mutating func weight(named name: String, at path: String) throws(SNNError) -> StoredWeight {
        let description = try file.describe(path)
        let (sum, overflows) = bytes.addingReportingOverflow(
            try DatasetGuard.product(description.shape, MemoryLayout<Float>.stride))
        count += 1
        bytes = sum
        isFiltered = isFiltered || description.isFiltered
        let limit =
            isFiltered
            ? FileLimits.fileBytes
            : file.fileBytes &* FileLimits.declaredPerByte &+ FileLimits.freeBytes
        guard !overflows, bytes <= limit, count <= FileLimits.listCount else {
            throw SNNError(
                .limit,
                "'\(PlainText.text(path))': the weights up to this one claim more than a file of "
                    + "\(file.fileBytes) bytes may hold")
        }
        return StoredWeight(name: name, path: path, shape: description.shape)
    }
}
