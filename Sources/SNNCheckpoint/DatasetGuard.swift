import CHDF5
import CSystem
import SNNCore

/// The checks of a dataset before any of its data are read.
struct DatasetGuard {
    let dataset: hid_t
    let fileBytes: Int

    typealias Description = HDF5Reader.DatasetDescription

    func description() throws(SNNError) -> Description {
        guard let type = HDF5Object(H5Dget_type(dataset)),
            let space = HDF5Object(H5Dget_space(dataset)),
            let creation = HDF5Object(H5Dget_create_plist(dataset))
        else {
            throw HDF5Library.failure(.format, "the dataset cannot be read")
        }
        let (elementClass, elementBytes) = try element(of: type.id)
        let shape = try shape(of: space.id)
        let declared = try Self.product(shape, elementBytes)
        let isFiltered = try checkFilters(of: creation.id)
        try checkLayout(of: creation.id, rank: shape.count, elementBytes, isFiltered)
        try checkStorage(declared: declared, isFiltered)
        return Description(
            shape: shape, elementClass: elementClass, elementBytes: elementBytes,
            isFiltered: isFiltered)
    }

    private func element(
        of type: hid_t
    ) throws(SNNError) -> (Description.ElementClass, Int) {
        let typeClass = H5Tget_class(type)
        guard typeClass == H5T_INTEGER || typeClass == H5T_FLOAT else {
            throw SNNError(.format, "expected numbers, received data of another type")
        }
        let size = Int(H5Tget_size(type))
        guard size >= 1, size <= 8 else {
            throw SNNError(.format, "expected numbers of at most 8 bytes, received \(size)")
        }
        return (typeClass == H5T_FLOAT ? .float : .integer, size)
    }

    private func shape(of space: hid_t) throws(SNNError) -> [Int] {
        switch H5Sget_simple_extent_type(space) {
        case H5S_SCALAR: return []
        case H5S_SIMPLE: break
        default: throw SNNError(.format, "expected a scalar or an array, received no data")
        }
        let rank = Int(H5Sget_simple_extent_ndims(space))
        guard rank >= 0, rank <= FileLimits.rank else {
            throw SNNError(.format, "expected at most \(FileLimits.rank) axes, received \(rank)")
        }
        var extents = [hsize_t](repeating: 0, count: FileLimits.rank)
        guard H5Sget_simple_extent_dims(space, &extents, nil) >= 0 else {
            throw HDF5Library.failure(.format, "its shape cannot be read")
        }
        var shape: [Int] = []
        for extent in extents.prefix(rank) {
            guard let extent = Int(exactly: extent), extent <= Shape.maximumCount else {
                throw SNNError(
                    .limit, "expected extents of at most \(Shape.maximumCount), received \(extent)")
            }
            shape.append(extent)
        }
        return shape
    }

    static func product(_ extents: [Int], _ elementBytes: Int) throws(SNNError) -> Int {
        var bytes = elementBytes
        for extent in extents {
            let (product, overflows) = bytes.multipliedReportingOverflow(by: extent)
            guard !overflows, product <= Shape.maximumCount * 8 else {
                throw SNNError(
                    .limit, "the shape \(Shape.text(of: extents)) is larger than any file")
            }
            bytes = product
        }
        return bytes
    }

    /// Whether the data go through a filter.
    private func checkFilters(of creation: hid_t) throws(SNNError) -> Bool {
        let count = H5Pget_nfilters(creation)
        guard count >= 0, count <= 8 else {
            throw HDF5Library.failure(.format, "its filters cannot be read")
        }
        for index in 0..<count {
            var flags: UInt32 = 0
            var valueCount = 0
            var configuration: UInt32 = 0
            let filter = H5Pget_filter2(
                creation, UInt32(index), &flags, &valueCount, nil, 0, nil, &configuration)
            // An unknown filter would make libhdf5 load a library of that name.
            guard filter >= 1 && filter <= 3 else {
                throw SNNError(
                    .format,
                    "expected the filters deflate, shuffle or fletcher32, received number \(filter)"
                )
            }
        }
        return count > 0
    }

    private func checkLayout(
        of creation: hid_t, rank: Int, _ elementBytes: Int, _ isFiltered: Bool
    ) throws(SNNError) {
        guard H5Pget_external_count(creation) == 0 else {
            throw SNNError(.format, "expected data in this file, received external storage")
        }
        let layout = H5Pget_layout(creation)
        if layout == H5D_COMPACT || layout == H5D_CONTIGUOUS { return }
        guard layout == H5D_CHUNKED else {
            throw SNNError(.format, "expected data in this file, received a virtual dataset")
        }
        var extents = [hsize_t](repeating: 0, count: FileLimits.rank)
        guard rank > 0, H5Pget_chunk(creation, Int32(rank), &extents) == Int32(rank) else {
            throw HDF5Library.failure(.format, "its chunks cannot be read")
        }
        var chunk: [Int] = []
        for extent in extents.prefix(rank) { chunk.append(Int(clamping: extent)) }
        let bytes = try Self.product(chunk, elementBytes)
        let limit = fileBytes * (isFiltered ? FileLimits.inflation : FileLimits.declaredPerByte)
        guard bytes <= limit + FileLimits.freeBytes else {
            throw SNNError(
                .limit, "its chunks of \(bytes) bytes are too large for a file of \(fileBytes)")
        }
    }

    private func checkStorage(declared: Int, _ isFiltered: Bool) throws(SNNError) {
        guard declared > 0 else { return }
        let stored = H5Dget_storage_size(dataset)
        guard stored <= hsize_t(fileBytes) else {
            throw SNNError(
                .format, "it claims \(stored) stored bytes in a file of \(fileBytes)")
        }
        let most = Int(stored) * (isFiltered ? FileLimits.inflation : 1)
        guard declared <= most else {
            throw SNNError(
                isFiltered ? .limit : .format,
                "it claims \(declared) bytes, and \(stored) are stored")
        }
    }
}
