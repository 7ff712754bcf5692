import CHDF5
import CSystem
import SNNCore

/// Reads an HDF5 file from memory, distrusting it: what libhdf5 1.10 would follow out of the file
/// or cannot bear is refused before it is asked.
///
/// Of a file of ours the checksum was right, so libhdf5 reads what it wrote. A foreign file passes
/// the checks below, but libhdf5 itself is not safe against files made to attack it. Refused are
/// links other than hard ones, external and virtual storage, filters other than deflate, shuffle
/// and fletcher32 (others load code), types other than integers and floats, and sizes that the
/// file cannot hold. Paths are absolute; errors name them. One thread at a time.
package final class HDF5Reader {
    /// The file has our trailer and is as it was written.
    package let isOwn: Bool
    let fileBytes: Int
    /// What was read so far, against `FileLimits.declaredPerByte`.
    var readBytes = 0

    private let file: hid_t
    private let image: FileImage?
    /// What libhdf5 reads in place of a file; nil when it reads one from disk.
    private let lent: UnsafeMutablePointer<snnh5_lent>?

    /// Reads `image`, which the reader keeps alive.
    ///
    /// - Throws: `.checksum` for a damaged file of ours, `.format` for one that is no HDF5 file.
    package convenience init(_ image: FileImage) throws(SNNError) {
        try self.init(image.bytes, keeping: image)
    }

    /// Reads bytes of the caller, which must outlive the reader.
    package convenience init(borrowing bytes: UnsafeRawBufferPointer) throws(SNNError) {
        try self.init(bytes, keeping: nil)
    }

    private init(
        _ bytes: UnsafeRawBufferPointer, keeping image: FileImage?
    ) throws(SNNError) {
        guard bytes.count <= FileLimits.fileBytes else {
            throw SNNError(
                .limit,
                "expected a file of at most \(FileLimits.fileBytes) bytes, received \(bytes.count)")
        }
        let (bodyCount, isOwn) = try Trailer.check(bytes)
        // With libhdf5's own malloc: it is small, and may have to be leaked (see deinit).
        let lent = UnsafeMutablePointer<snnh5_lent>.allocate(capacity: 1)
        lent.initialize(
            to: snnh5_lent(
                bytes: UnsafeMutableRawPointer(mutating: bytes.baseAddress), count: bodyCount))
        do throws(SNNError) {
            self.file = try HDF5Library.locked { () throws(SNNError) in
                try HDF5Reader.open(HDF5Library.memoryFileName()) {
                    snnh5_set_lent_image($0, lent) >= 0
                }
            }
        } catch {
            lent.deallocate()
            throw error
        }
        self.lent = lent
        self.image = image
        self.isOwn = isOwn
        self.fileBytes = bodyCount
    }

    /// Reads the structure of a file that stays on disk, such as a data set larger than memory.
    ///
    /// The trailer is not checked, only that the file is whole. `file` may be closed afterwards.
    package init(onDisk file: ReadableFile) throws(SNNError) {
        let head = try file.head()
        let superblock = try Superblock(in: head.bytes)
        guard superblock.endOfFile <= file.count else {
            throw SNNError(
                .format,
                "truncated: \(file.count) bytes of at least \(superblock.endOfFile)")
        }
        // The very file that was checked, whatever its path names by now.
        let path = "/proc/self/fd/\(file.descriptor)"
        self.file = try HDF5Library.locked { () throws(SNNError) in
            let opened = try HDF5Reader.open(path) { H5Pset_fapl_sec2($0) >= 0 }
            snnh5_close_on_exec(opened)
            return opened
        }
        self.lent = nil
        self.image = nil
        self.isOwn = false
        self.fileBytes = file.count
    }

    deinit {
        HDF5Library.lockedForClosing {
            guard H5Fclose(file) >= 0 else {
                // libhdf5 may still hold the bytes; rather leak them than free them under it.
                if let image { _ = Unmanaged.passRetained(image) }
                return
            }
            lent?.deallocate()
        }
    }

    private static func open(
        _ name: String, _ setDriver: (hid_t) -> Bool
    ) throws(SNNError) -> hid_t {
        guard let access = HDF5Object(H5Pcreate(snnh5_file_access())), setDriver(access.id),
            H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG) >= 0
        else {
            throw HDF5Library.failure(.internal, "libhdf5 cannot be set up for reading")
        }
        let file = H5Fopen(name, snnh5_read_only(), access.id)
        guard file >= 0 else {
            throw HDF5Library.failure(.format, "the HDF5 file cannot be opened")
        }
        return file
    }

    /// Runs `body` with the open file and the names of `path`; errors name it.
    func read<Result>(
        at path: String, _ body: (hid_t, [String]) throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        try HDF5Library.locked { () throws(SNNError) in
            do throws(SNNError) {
                return try body(file, try ObjectPath(path).parts)
            } catch {
                throw error.within("'\(PlainText.text(path))'")
            }
        }
    }
}
