import CSystem
import SNNCore

/// A text file that grows by rows.
package enum TextFile {
    /// Its bytes; nil when there is none.
    package static func length(of path: FilePath) throws(SNNError) -> Int? {
        var status = stat()
        guard path.withPointer({ stat($0, &status) }) == 0 else {
            guard [ENOENT, ENOTDIR].contains(snnsys_errno()) else { throw path.failure("stat") }
            return nil
        }
        return Int(status.st_size)
    }

    /// Cuts the file at `offset` bytes where it is longer, appends, and gives the new length. A file
    /// that is not there is made.
    ///
    /// - Throws: `.io` with the path, the call and the system's reason.
    package static func write(
        _ text: String, to path: FilePath, at offset: Int
    ) throws(SNNError) -> Int {
        // A FIFO without a reader would block.
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK
        let descriptor = path.withPointer { snnsys_openat(AT_FDCWD, $0, flags, 0o666) }
        guard descriptor >= 0 else { throw path.failure("open") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw path.failure("fstat") }
        guard snnsys_is_regular(status.st_mode) != 0 else {
            throw SNNError(
                .io,
                "'\(path.text)': expected a regular file, received "
                    + String(cString: snnsys_file_kind(status.st_mode)))
        }
        var end = min(offset, Int(status.st_size))
        guard ftruncate(descriptor, off_t(end)) == 0 else { throw path.failure("ftruncate") }
        let bytes = Array(text.utf8)
        try FileStorage.checkSizeLimit(end + bytes.count, for: path)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(
                    descriptor, buffer.baseAddress.unsafelyUnwrapped + written,
                    buffer.count - written, off_t(end))
            }
            if count < 0, snnsys_errno() == EINTR { continue }
            guard count > 0 else { throw path.failure("write") }
            written += count
            end += count
        }
        return end
    }
}

/// The folders of such files.
package enum Folders {
    /// Makes a folder and those above it, where they are missing.
    package static func make(_ path: FilePath) throws(SNNError) {
        let bytes = path.bytes
        for end in 1 ... bytes.count where end == bytes.count || bytes[end] == 0x2f {
            let part = try FilePath(bytes: Array(bytes[..<end]))
            if part.withPointer({ mkdir($0, 0o777) }) == 0 { continue }
            // A folder that is there may also be one that may not be written.
            let number = snnsys_errno()
            var status = stat()
            let isThere = part.withPointer { stat($0, &status) } == 0
            guard isThere, snnsys_is_folder(status.st_mode) != 0 else {
                throw part.failure("mkdir", number)
            }
        }
    }

    /// Removes a file, and its folder where nothing is left in it.
    package static func remove(_ path: FilePath) {
        _ = path.withPointer { unlink($0) }
        if let folder = try? path.directory { _ = folder.withPointer { rmdir($0) } }
    }
}
