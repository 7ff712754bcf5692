import CHDF5
import Foundation
import SNNCheckpoint

/// An HDF5 file made by libhdf5 itself on disk, as other programs make them, for good and for ill.
final class ForeignFile {
    let file: hid_t
    let path: String

    private init(_ path: String) {
        self.path = path
        file = H5Fcreate(path, snnh5_truncate(), 0, 0)
    }

    /// Makes the file at `path`.
    static func make(_ path: String, _ build: (ForeignFile) throws -> Void) rethrows {
        foreignLibraryLock.lock()
        defer { foreignLibraryLock.unlock() }
        let file = ForeignFile(path)
        defer { H5Fclose(file.file) }
        try build(file)
    }

    func space(_ shape: [Int]) -> hid_t {
        shape.isEmpty
            ? H5Screate(H5S_SCALAR)
            : H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil)
    }

    /// A dataset of float32, converted to `type` on the way to the file.
    func dataset(
        _ name: String, _ values: [Float], _ shape: [Int], type: hid_t,
        _ configure: (hid_t) -> Void = { _ in }
    ) {
        let creation = H5Pcreate(snnh5_dataset_create())
        configure(creation)
        let space = space(shape)
        let dataset = H5Dcreate2(file, name, type, space, 0, creation, 0)
        if !values.isEmpty { H5Dwrite(dataset, snnh5_native_float(), 0, 0, 0, values) }
        H5Dclose(dataset)
        H5Sclose(space)
        H5Pclose(creation)
    }

    func strings(
        _ name: String, _ values: [String], width: Int, padding: H5T_str_t = H5T_STR_NULLPAD
    ) {
        let type = H5Tcopy(snnh5_string())
        H5Tset_size(type, width)
        H5Tset_strpad(type, padding)
        let fill: UInt8 = padding == H5T_STR_SPACEPAD ? 0x20 : 0
        let cells = values.flatMap {
            Array($0.utf8) + Array(repeating: fill, count: width - $0.utf8.count)
        }
        let space = space([values.count])
        let attribute = H5Acreate2(file, name, type, space, 0, 0)
        H5Awrite(attribute, type, cells)
        H5Aclose(attribute)
        H5Sclose(space)
        H5Tclose(type)
    }

    func variableStrings(_ name: String, _ values: [StaticString]) {
        let type = H5Tcopy(snnh5_string())
        H5Tset_size(type, snnh5_variable_length())
        let space = space([values.count])
        let attribute = H5Acreate2(file, name, type, space, 0, 0)
        let pointers = values.map { Optional(UnsafeRawPointer($0.utf8Start)) }
        H5Awrite(attribute, type, pointers)
        H5Aclose(attribute)
        H5Sclose(space)
        H5Tclose(type)
    }
}
