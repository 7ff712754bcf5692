import CHDF5
import CSystem
import SNNCore

/// How Keras stores its attributes: texts as scalars of variable length, which may be longer than
/// an object header (64 KiB); lists of names as arrays of fixed length, filled with NUL.
extension HDF5Writer {
    /// h5py and Keras split longer lists: an object header takes 64 KiB
    /// (HDF5_OBJECT_HEADER_LIMIT in keras/src/legacy/saving/legacy_h5_format.py).
    static let listLimit = 64512

    /// A text as a scalar string of variable length, tagged UTF-8.
    package func setString(
        _ value: String, attribute: String, at path: String
    ) throws(SNNError) {
        try writeAttribute(attribute, at: path) { object throws(SNNError) in
            var value = value
            guard !value.utf8.contains(0) else {
                throw SNNError(.argument, "expected a text without a NUL character")
            }
            value += "\0"
            guard let type = Self.stringType(count: snnh5_variable_length()),
                H5Tset_cset(type.id, H5T_CSET_UTF8) >= 0,
                let space = HDF5Object(H5Screate(H5S_SCALAR)),
                let created = HDF5Object(
                    H5Acreate2(object, attribute, type.id, space.id, 0, 0))
            else {
                return false
            }
            return value.withUTF8 { bytes in
                var text = bytes.baseAddress
                return H5Awrite(created.id, type.id, &text) >= 0
            }
        }
    }

    /// Names as an array of strings of equal length, or as `attribute`0, `attribute`1, ... where
    /// that would be over 64512 bytes. An empty list is an array of no strings.
    package func setStringList(
        _ values: [String], attribute: String, at path: String
    ) throws(SNNError) {
        let width = max(values.reduce(0) { max($0, $1.utf8.count) }, 1)
        guard width <= FileLimits.nameBytes else {
            throw SNNError(
                .limit,
                "'\(PlainText.text(path))': attribute '\(attribute)': expected names of at most "
                    + "\(FileLimits.nameBytes) bytes, received one of \(width)")
        }
        let rows = Self.listLimit / width
        guard values.count > rows else {
            return try writeList(values[...], width: width, attribute: attribute, at: path)
        }
        var start = 0
        var part = 0
        while start < values.count {
            let end = min(start + rows, values.count)
            try writeList(
                values[start..<end], width: width, attribute: attribute + String(part), at: path)
            start = end
            part += 1
        }
    }

    private func writeList(
        _ values: ArraySlice<String>, width: Int, attribute: String, at path: String
    ) throws(SNNError) {
        var cells: [UInt8] = []
        cells.reserveCapacity(values.count * width)
        var isASCII = true
        for value in values {
            cells.append(contentsOf: value.utf8)
            cells.append(contentsOf: repeatElement(0, count: width - value.utf8.count))
            isASCII = isASCII && value.utf8.allSatisfy { $0 < 0x80 }
        }
        try writeAttribute(attribute, at: path) { object throws(SNNError) in
            guard let type = Self.stringType(count: width),
                H5Tset_strpad(type.id, H5T_STR_NULLPAD) >= 0,
                H5Tset_cset(type.id, isASCII ? H5T_CSET_ASCII : H5T_CSET_UTF8) >= 0,
                let space = try Self.dataspace(of: [values.count]),
                let created = HDF5Object(
                    H5Acreate2(object, attribute, type.id, space.id, 0, 0))
            else {
                return false
            }
            return values.isEmpty || H5Awrite(created.id, type.id, cells) >= 0
        }
    }

    package func setInteger(
        _ value: Int64, attribute: String, at path: String
    ) throws(SNNError) {
        try setScalar(value, snnh5_native_int64, snnh5_file_int64, attribute: attribute, at: path)
    }

    package func setDouble(
        _ value: Double, attribute: String, at path: String
    ) throws(SNNError) {
        try setScalar(value, snnh5_native_double, snnh5_file_double, attribute: attribute, at: path)
    }

    private func setScalar<Value: BitwiseCopyable>(
        _ value: Value, _ memoryType: () -> hid_t, _ fileType: () -> hid_t,
        attribute: String, at path: String
    ) throws(SNNError) {
        try writeAttribute(attribute, at: path) { object throws(SNNError) in
            guard let space = HDF5Object(H5Screate(H5S_SCALAR)),
                let created = HDF5Object(
                    H5Acreate2(object, attribute, fileType(), space.id, 0, 0))
            else {
                return false
            }
            var value = value
            return H5Awrite(created.id, memoryType(), &value) >= 0
        }
    }

    /// `body` gets the object at `path` and returns whether libhdf5 did what it asked.
    private func writeAttribute(
        _ attribute: String, at path: String, _ body: (hid_t) throws(SNNError) -> Bool
    ) throws(SNNError) {
        try write(at: path) { file throws(SNNError) in
            let place = ObjectPath.text(of: try ObjectPath(path).parts)
            guard let object = HDF5Object(H5Oopen(file, place, 0)) else {
                throw HDF5Library.failure(.argument, "expected a group or dataset")
            }
            guard try body(object.id) else {
                throw HDF5Library.failure(
                    .internal, "libhdf5 cannot write the attribute '\(attribute)'")
            }
        }
    }

    private static func stringType(count: Int) -> HDF5Object? {
        guard let type = HDF5Object(H5Tcopy(snnh5_string())),
            H5Tset_size(type.id, count) >= 0
        else {
            return nil
        }
        return type
    }
}
