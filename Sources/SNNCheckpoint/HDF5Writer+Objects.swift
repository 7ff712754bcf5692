import CHDF5
import CSystem
import SNNCore

extension HDF5Writer {
    /// Makes a group and those on the way to it; one that exists stays as it is.
    package func createGroup(_ path: String) throws(SNNError) {
        try write(at: path) { file throws(SNNError) in
            try Self.createGroups(try ObjectPath(path).parts, in: file)
        }
    }

    /// A dataset of float32, or of int64 made of them by libhdf5; an empty shape is a scalar.
    package func writeFloats(
        _ values: UnsafePointer<Float>, shape: [Int], at path: String, asIntegers: Bool = false
    ) throws(SNNError) {
        try writeDataset(
            values, snnh5_native_float, asIntegers ? snnh5_file_int64 : snnh5_file_float,
            shape: shape, at: path)
    }

    package func writeDoubles(
        _ values: UnsafePointer<Double>, shape: [Int], at path: String
    ) throws(SNNError) {
        try writeDataset(
            values, snnh5_native_double, snnh5_file_double, shape: shape, at: path)
    }

    package func writeIntegers(
        _ values: UnsafePointer<Int64>, shape: [Int], at path: String
    ) throws(SNNError) {
        try writeDataset(
            values, snnh5_native_int64, snnh5_file_int64, shape: shape, at: path)
    }

    package func writeBytes(
        _ values: UnsafePointer<UInt8>, shape: [Int], at path: String
    ) throws(SNNError) {
        try writeDataset(
            values, snnh5_native_uint8, snnh5_file_uint8, shape: shape, at: path)
    }

    private func writeDataset(
        _ values: UnsafeRawPointer, _ memoryType: () -> hid_t, _ fileType: () -> hid_t,
        shape: [Int], at path: String
    ) throws(SNNError) {
        try write(at: path) { file throws(SNNError) in
            let parts = try ObjectPath(path).parts
            guard !parts.isEmpty else {
                throw SNNError(.argument, "expected the path of a dataset")
            }
            try Self.createGroups(Array(parts.dropLast()), in: file)
            guard let space = try Self.dataspace(of: shape),
                let creation = HDF5Object(H5Pcreate(snnh5_dataset_create())),
                H5Pset_obj_track_times(creation.id, false) >= 0,
                H5Pset_layout(creation.id, H5D_CONTIGUOUS) >= 0,
                // Everything is written below: no need to fill it first.
                H5Pset_fill_time(creation.id, H5D_FILL_TIME_NEVER) >= 0
            else {
                throw HDF5Library.failure(.internal, "libhdf5 cannot describe the dataset")
            }
            guard
                let dataset = HDF5Object(
                    H5Dcreate2(
                        file, ObjectPath.text(of: parts), fileType(), space.id, 0, creation.id, 0))
            else {
                throw HDF5Library.failure(.internal, "libhdf5 cannot make the dataset")
            }
            guard H5Dwrite(dataset.id, memoryType(), 0, 0, 0, values) >= 0 else {
                throw HDF5Library.failure(.internal, "libhdf5 cannot write the dataset")
            }
        }
    }

    /// A scalar for an empty shape; nil when libhdf5 fails.
    static func dataspace(of shape: [Int]) throws(SNNError) -> HDF5Object? {
        guard shape.count <= FileLimits.rank else {
            throw SNNError(
                .shape, "expected at most \(FileLimits.rank) axes, received \(shape.count)")
        }
        guard shape.allSatisfy({ $0 >= 0 }) else {
            throw SNNError(.shape, "expected no negative extent, received \(Shape.text(of: shape))")
        }
        guard !shape.isEmpty else { return HDF5Object(H5Screate(H5S_SCALAR)) }
        let extents = shape.map { hsize_t($0) }
        return HDF5Object(H5Screate_simple(Int32(shape.count), extents, nil))
    }

    private static func createGroups(_ parts: [String], in file: hid_t) throws(SNNError) {
        var path = ""
        for part in parts {
            path += "/" + part
            let exists = H5Lexists(file, path, 0)
            if exists > 0 { continue }
            // One by one, because libhdf5 would store times in those that it makes on its way.
            guard exists == 0, let creation = HDF5Object(H5Pcreate(snnh5_group_create())),
                H5Pset_obj_track_times(creation.id, false) >= 0,
                HDF5Object(H5Gcreate2(file, path, 0, creation.id, 0)) != nil
            else {
                throw HDF5Library.failure(.internal, "libhdf5 cannot make the group '\(path)'")
            }
        }
    }
}
