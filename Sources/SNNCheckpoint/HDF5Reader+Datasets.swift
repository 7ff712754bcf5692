import CHDF5
import CSystem
import SNNCore

extension HDF5Reader {
    /// What a dataset says of itself, after the checks of this file.
    package struct DatasetDescription: Equatable {
        package enum ElementClass {
            case integer
            case float
        }

        /// Empty for a scalar.
        package let shape: [Int]
        package let elementClass: ElementClass
        package let elementBytes: Int
        package let isFiltered: Bool

        /// "float32 (3, 4)".
        package var text: String {
            let name = elementClass == .float ? "float" : "int"
            return "\(name)\(elementBytes * 8) \(Shape.text(of: shape))"
        }
    }

    package func describe(_ path: String) throws(SNNError) -> DatasetDescription {
        try withDataset(path) { _, description throws(SNNError) in description }
    }

    /// Reads floats of any width, or integers, as float32. The dataset must have this very shape;
    /// `destination` has room for its product.
    package func readFloats(
        _ path: String, into destination: UnsafeMutablePointer<Float>, shape: [Int]
    ) throws(SNNError) {
        try read(path, into: destination, shape, snnh5_native_float, 4)
    }

    /// Reads floats of any width, or integers, as doubles.
    package func readDoubles(
        _ path: String, into destination: UnsafeMutablePointer<Double>, shape: [Int]
    ) throws(SNNError) {
        try read(path, into: destination, shape, snnh5_native_double, 8)
    }

    /// Reads integers of any width.
    package func readIntegers(
        _ path: String, into destination: UnsafeMutablePointer<Int64>, shape: [Int]
    ) throws(SNNError) {
        try read(path, into: destination, shape, snnh5_native_int64, 8, only: .integer)
    }

    /// Reads integers of one byte.
    package func readBytes(
        _ path: String, into destination: UnsafeMutablePointer<UInt8>, shape: [Int]
    ) throws(SNNError) {
        try read(path, into: destination, shape, snnh5_native_uint8, 1, only: .integer)
    }

    /// A scalar integer such as `iteration`.
    package func readInteger(_ path: String) throws(SNNError) -> Int64 {
        var value: Int64 = 0
        try readIntegers(path, into: &value, shape: [])
        return value
    }

    private func read(
        _ path: String, into destination: UnsafeMutableRawPointer, _ shape: [Int],
        _ memoryType: () -> hid_t, _ memoryBytes: Int,
        only elementClass: DatasetDescription.ElementClass? = nil
    ) throws(SNNError) {
        try withDataset(path) { dataset, description throws(SNNError) in
            guard description.shape == shape else {
                throw SNNError(
                    .format,
                    "expected the shape \(Shape.text(of: shape)), received "
                        + Shape.text(of: description.shape))
            }
            if let elementClass, elementClass != description.elementClass {
                throw SNNError(.format, "expected integers, received \(description.text)")
            }
            if memoryBytes == 1 && description.elementBytes != 1 {
                throw SNNError(.format, "expected bytes, received \(description.text)")
            }
            // withDataset checked the product.
            let bytes = shape.reduce(memoryBytes, &*)
            guard bytes > 0 else { return }
            try self.charge(bytes, isFiltered: description.isFiltered)
            guard H5Dread(dataset, memoryType(), 0, 0, 0, destination) >= 0 else {
                throw HDF5Library.failure(.format, "its data cannot be read")
            }
        }
    }

    /// Many datasets over the same bytes could ask for far more memory than the file is large.
    private func charge(_ bytes: Int, isFiltered: Bool) throws(SNNError) {
        let limit =
            isFiltered
            ? FileLimits.fileBytes
            : fileBytes * FileLimits.declaredPerByte + FileLimits.freeBytes
        guard readBytes <= limit, bytes <= limit - readBytes else {
            throw SNNError(
                .limit, "the file's datasets claim more than \(limit) bytes together")
        }
        readBytes += bytes
    }

    /// `body` gets a dataset that passed every check that can be made before reading it.
    func withDataset<Result>(
        _ path: String, _ body: (hid_t, DatasetDescription) throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        try read(at: path) { file, parts throws(SNNError) in
            let dataset = try Self.object(parts, in: file, expecting: .dataset)
            let description = try DatasetGuard(dataset: dataset.id, fileBytes: self.fileBytes)
                .description()
            return try body(dataset.id, description)
        }
    }
}
