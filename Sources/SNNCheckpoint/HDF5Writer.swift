import CHDF5
import CSystem
import SNNCore

/// Builds an HDF5 file in memory: groups, attributes and contiguous little-endian datasets.
///
/// Equal content gives equal bytes: no time is stored. Paths are absolute ("/a/b"); groups on the
/// way are made. A failed call leaves a writer that is good for nothing but to be dropped.
/// One thread at a time. libhdf5 1.8 and later read the file.
package final class HDF5Writer {
    private let image: GrowingImage
    /// Closed, and nil, after `finish`.
    private var file: hid_t?

    /// - Parameter expectedBytes: about how large the file will be, to take memory once.
    package init(expectedBytes: Int = 0) throws(SNNError) {
        let image = GrowingImage(
            expectedBytes: min(max(expectedBytes, 0), FileLimits.fileBytes))
        self.image = image
        self.file = try HDF5Library.locked { () throws(SNNError) in
            try HDF5Writer.createFile(in: image)
        }
        // The first attribute: see Trailer.originAttribute.
        try setInteger(Int64(Trailer.version), attribute: "\(Trailer.originAttribute)", at: "/")
    }

    deinit {
        HDF5Library.lockedForClosing { _ = close() }
    }

    private static func createFile(in image: GrowingImage) throws(SNNError) -> hid_t {
        guard let access = HDF5Object(H5Pcreate(snnh5_file_access())),
            let creation = HDF5Object(H5Pcreate(snnh5_file_create())),
            image.install(in: access.id),
            H5Pset_libver_bounds(access.id, H5F_LIBVER_V18, H5F_LIBVER_V110) >= 0,
            H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG) >= 0,
            H5Pset_obj_track_times(creation.id, false) >= 0
        else {
            throw HDF5Library.failure(.internal, "libhdf5 cannot be set up for writing")
        }
        let name = HDF5Library.memoryFileName()
        let file = H5Fcreate(name, snnh5_truncate(), creation.id, access.id)
        guard file >= 0 else {
            let failure = HDF5Library.failure(.internal, "libhdf5 cannot make a file in memory")
            throw image.failure ?? failure
        }
        return file
    }

    /// Whether libhdf5 wrote everything.
    private func close() -> Bool {
        guard let file else { return true }
        self.file = nil
        let flushed = H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0
        let closed = H5Fclose(file) >= 0
        if !image.isReleased {
            // libhdf5 still holds the memory and would use it when the process ends.
            _ = Unmanaged.passRetained(image)
        }
        return flushed && closed && image.isReleased
    }

    /// The whole file with its trailer. The writer is empty afterwards.
    package func finish() throws(SNNError) -> FileImage {
        try HDF5Library.locked { () throws(SNNError) in
            guard file != nil else {
                throw SNNError(.state, "expected a file that is not finished yet")
            }
            guard close() else {
                let failure = HDF5Library.failure(.internal, "libhdf5 cannot finish the file")
                throw image.failure ?? failure
            }
        }
        return try image.takeImage()
    }

    /// Runs `body` with the open file; errors name `path`.
    func write(
        at path: String, _ body: (hid_t) throws(SNNError) -> Void
    ) throws(SNNError) {
        try HDF5Library.locked { () throws(SNNError) in
            do throws(SNNError) {
                guard let file else {
                    throw SNNError(.state, "expected a file that is not finished yet")
                }
                try body(file)
            } catch {
                throw (image.failure ?? error).within("'\(PlainText.text(path))'")
            }
        }
    }
}
