import CHDF5
import CSystem
import SNNCore

/// Attributes as h5py 2 and 3 and old Keras files hold them: strings of fixed or variable length
/// under any character-set tag, always taken as UTF-8.
extension HDF5Reader {
    package func hasAttribute(_ name: String, at path: String) throws(SNNError) -> Bool {
        try read(at: path) { file, parts throws(SNNError) in
            let object = try Self.object(parts, in: file, expecting: .groupOrDataset)
            return try Self.hasAttribute(name, of: object.id)
        }
    }

    /// The text of an attribute; nil when there is none of this name.
    package func string(attribute name: String, at path: String) throws(SNNError) -> String? {
        try withAttribute(name, at: path) { attribute, type, space throws(SNNError) in
            guard H5Sget_simple_extent_npoints(space) == 1 else {
                throw SNNError(.format, "expected one text")
            }
            let texts = try self.strings(of: attribute, type, space, count: 1)
            return texts.first ?? ""
        }
    }

    /// A list of names: the attribute, or `name`0, `name`1, ... joined where a writer had to split
    /// it; nil when there is neither. An array of size 0, of whatever type, is the empty list.
    package func stringList(attribute name: String, at path: String) throws(SNNError) -> [String]? {
        if let list = try part(ofList: name, at: path) { return list }
        guard var list = try part(ofList: name + "0", at: path) else { return nil }
        var index = 1
        while let more = try part(ofList: name + String(index), at: path) {
            guard list.count + more.count <= FileLimits.listCount else {
                throw SNNError(
                    .limit,
                    "'\(PlainText.text(path))': attribute '\(name)': expected at most "
                        + "\(FileLimits.listCount) names")
            }
            list += more
            index += 1
        }
        return list
    }

    private func part(ofList name: String, at path: String) throws(SNNError) -> [String]? {
        try withAttribute(name, at: path) { attribute, type, space throws(SNNError) in
            let count = H5Sget_simple_extent_npoints(space)
            guard count >= 0, count <= FileLimits.listCount else {
                throw SNNError(
                    .limit, "expected at most \(FileLimits.listCount) names, received \(count)")
            }
            return count == 0
                ? [] : try self.strings(of: attribute, type, space, count: Int(count))
        }
    }

    package func integer(attribute name: String, at path: String) throws(SNNError) -> Int64? {
        try withAttribute(name, at: path) { attribute, type, space throws(SNNError) in
            var value: Int64 = 0
            guard H5Sget_simple_extent_npoints(space) == 1, H5Tget_class(type) == H5T_INTEGER,
                H5Tget_size(type) <= 8, H5Aread(attribute, snnh5_native_int64(), &value) >= 0
            else {
                throw HDF5Library.failure(.format, "expected one integer")
            }
            return value
        }
    }

    package func double(attribute name: String, at path: String) throws(SNNError) -> Double? {
        try withAttribute(name, at: path) { attribute, type, space throws(SNNError) in
            var value = 0.0
            let typeClass = H5Tget_class(type)
            guard H5Sget_simple_extent_npoints(space) == 1,
                typeClass == H5T_INTEGER || typeClass == H5T_FLOAT,
                H5Tget_size(type) <= 8, H5Aread(attribute, snnh5_native_double(), &value) >= 0
            else {
                throw HDF5Library.failure(.format, "expected one number")
            }
            return value
        }
    }

    private static func hasAttribute(_ name: String, of object: hid_t) throws(SNNError) -> Bool {
        let exists = H5Aexists(object, name)
        guard exists >= 0 else {
            throw HDF5Library.failure(.format, "the attributes cannot be read")
        }
        return exists > 0
    }

    /// `body` gets an attribute, its type and its dataspace; nil when there is none.
    private func withAttribute<Result>(
        _ name: String, at path: String,
        _ body: (hid_t, hid_t, hid_t) throws(SNNError) -> Result
    ) throws(SNNError) -> Result? {
        try read(at: path) { file, parts throws(SNNError) in
            let object = try Self.object(parts, in: file, expecting: .groupOrDataset)
            guard try Self.hasAttribute(name, of: object.id) else { return nil }
            do throws(SNNError) {
                guard let attribute = HDF5Object(H5Aopen(object.id, name, 0)),
                    let type = HDF5Object(H5Aget_type(attribute.id)),
                    let space = HDF5Object(H5Aget_space(attribute.id))
                else {
                    throw HDF5Library.failure(.format, "it cannot be read")
                }
                return try body(attribute.id, type.id, space.id)
            } catch {
                throw error.within("attribute '\(PlainText.text(name))'")
            }
        }
    }

    private func strings(
        of attribute: hid_t, _ type: hid_t, _ space: hid_t, count: Int
    ) throws(SNNError) -> [String] {
        guard H5Tget_class(type) == H5T_STRING else {
            throw SNNError(.format, "expected text")
        }
        if H5Tis_variable_str(type) > 0 {
            return try variableStrings(of: attribute, type, space, count: count)
        }
        return try fixedStrings(of: attribute, type, count: count)
    }

    private func variableStrings(
        of attribute: hid_t, _ type: hid_t, _ space: hid_t, count: Int
    ) throws(SNNError) -> [String] {
        let pointers = try Buffer<UnsafeMutablePointer<CChar>?>(count: count)
        guard H5Aread(attribute, type, pointers.pointer) >= 0 else {
            throw HDF5Library.failure(.format, "its text cannot be read")
        }
        defer { _ = H5Dvlen_reclaim(type, space, 0, pointers.pointer) }
        var texts: [String] = []
        texts.reserveCapacity(count)
        var total = 0
        for index in 0..<count {
            // libhdf5 gives NULL for a text that was never written.
            guard let text = pointers.pointer[index] else {
                texts.append("")
                continue
            }
            total += strlen(text)
            guard total <= FileLimits.textBytes else {
                throw SNNError(.limit, "expected at most \(FileLimits.textBytes) bytes of text")
            }
            texts.append(String(cString: text))
        }
        return texts
    }

    private func fixedStrings(
        of attribute: hid_t, _ type: hid_t, count: Int
    ) throws(SNNError) -> [String] {
        let width = Int(H5Tget_size(type))
        let (total, overflows) = width.multipliedReportingOverflow(by: count)
        guard width > 0, !overflows, total <= FileLimits.textBytes else {
            throw SNNError(.limit, "expected at most \(FileLimits.textBytes) bytes of text")
        }
        guard total <= fileBytes else {
            throw SNNError(.format, "it claims more bytes than the file has")
        }
        let isSpacePadded = H5Tget_strpad(type) == H5T_STR_SPACEPAD
        let cells = try Buffer<UInt8>(count: total)
        guard H5Aread(attribute, type, cells.pointer) >= 0 else {
            throw HDF5Library.failure(.format, "its text cannot be read")
        }
        var texts: [String] = []
        texts.reserveCapacity(count)
        for index in 0..<count {
            let cell = cells.pointer + index * width
            // A text that fills its cell has no NUL.
            var length = strnlen(UnsafeRawPointer(cell).assumingMemoryBound(to: CChar.self), width)
            while isSpacePadded && length > 0 && cell[length - 1] == 0x20 { length -= 1 }
            texts.append(
                String(decoding: UnsafeBufferPointer(start: cell, count: length), as: UTF8.self))
        }
        return texts
    }
}
