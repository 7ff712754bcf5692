import CHDF5
import CSystem
import SNNCore

extension HDF5Reader {
    /// Data that `pread` can take from the file as they are: contiguous and of this machine's byte
    /// order. Training reads them on another thread, which libhdf5 would serialize.
    package struct ContiguousExtent: Equatable, Sendable {
        package enum Element: Sendable {
            case float32
            case float64
            case uint8
            case int32
            case int64
        }

        /// Bytes from the begin of the file.
        package let offset: Int
        package let element: Element
        package let shape: [Int]
    }

    /// Where the data of a dataset are.
    ///
    /// - Throws: `.unsupported`, with what is in the way, for a valid dataset that is chunked,
    ///   compressed, or of another type or byte order; `.format` as for every dataset.
    package func contiguousExtent(_ path: String) throws(SNNError) -> ContiguousExtent {
        try withDataset(path) { dataset, description throws(SNNError) in
            guard let creation = HDF5Object(H5Dget_create_plist(dataset)),
                let type = HDF5Object(H5Dget_type(dataset))
            else {
                throw HDF5Library.failure(.format, "the dataset cannot be read")
            }
            guard !description.isFiltered else {
                throw SNNError(
                    .unsupported, "expected a contiguous dataset, received a compressed one")
            }
            guard H5Pget_layout(creation.id) == H5D_CONTIGUOUS else {
                throw SNNError(
                    .unsupported,
                    "expected a contiguous dataset, received a chunked or compact one")
            }
            let element = try Self.element(of: type.id, description)
            let offset = H5Dget_offset(dataset)
            let bytes = try DatasetGuard.product(description.shape, description.elementBytes)
            guard offset != snnh5_undefined_address(), let start = Int(exactly: offset),
                start <= self.fileBytes, bytes <= self.fileBytes - start
            else {
                throw SNNError(.format, "its data are not in the file")
            }
            return ContiguousExtent(offset: start, element: element, shape: description.shape)
        }
    }

    private static func element(
        of type: hid_t, _ description: DatasetDescription
    ) throws(SNNError) -> ContiguousExtent.Element {
        if H5Tequal(type, snnh5_native_float()) > 0 { return .float32 }
        if H5Tequal(type, snnh5_native_double()) > 0 { return .float64 }
        if H5Tequal(type, snnh5_native_uint8()) > 0 { return .uint8 }
        if H5Tequal(type, snnh5_native_int32()) > 0 { return .int32 }
        if H5Tequal(type, snnh5_native_int64()) > 0 { return .int64 }
        let order = H5Tget_order(type) == H5T_ORDER_BE ? "big-endian " : ""
        throw SNNError(
            .unsupported,
            "expected float32, float64, uint8, int32 or int64 in this machine's byte order, "
                + "received \(order)\(description.text)")
    }
}
