import CSystem
import SNNCore

/// A regular file opened for reading; closed with the object.
package final class ReadableFile: Sendable {
    package let path: FilePath
    package let descriptor: Int32
    /// Its size when it was opened.
    package let count: Int

    /// - Throws: `.io` when it cannot be opened or is no regular file.
    package init(_ path: FilePath) throws(SNNError) {
        // Without O_NONBLOCK a FIFO would wait for a writer for ever.
        let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
        let descriptor = path.withPointer { path in retrying { snnsys_open(path, flags) } }
        guard descriptor >= 0 else { throw path.failure("open") }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let failure = path.failure("fstat")
            _ = close(descriptor)
            throw failure
        }
        guard snnsys_is_regular(status.st_mode) != 0 else {
            _ = close(descriptor)
            throw SNNError(
                .io,
                "'\(path.text)': expected a regular file, received "
                    + String(cString: snnsys_file_kind(status.st_mode)))
        }
        let size = Int(status.st_size)
        // No file system of today holds more, and products with it stay far from the limit of Int.
        guard size >= 0, size <= 1 << 46 else {
            _ = close(descriptor)
            throw SNNError(.limit, "'\(path.text)': expected a file of at most 2^46 bytes")
        }
        self.path = path
        self.descriptor = descriptor
        self.count = size
    }

    deinit {
        _ = close(descriptor)
    }

    /// Reads `count` bytes from `offset` on; any thread may.
    ///
    /// - Throws: `.io` when they cannot be read, also when the file ends before.
    package func read(
        into destination: UnsafeMutableRawPointer, count: Int, at offset: Int
    ) throws(SNNError) {
        var position = 0
        while position < count {
            // Linux transfers less than 2 GiB at a time.
            let piece = min(count - position, 1 << 30)
            let received = retrying {
                pread(descriptor, destination + position, piece, offset + position)
            }
            guard received >= 0 else { throw path.failure("read") }
            guard received > 0 else {
                throw SNNError(
                    .io,
                    "'\(path.text)': expected \(count) bytes from byte \(offset) on, the file "
                        + "ended after \(position)")
            }
            position += received
        }
    }

    /// The begin of the file, in which an HDF5 superblock would be.
    func head() throws(SNNError) -> FileImage {
        try image(count: min(count, 1 << 16))
    }

    /// The first `count` bytes in memory.
    func image(count: Int) throws(SNNError) -> FileImage {
        let memory = try Memory.allocate(count)
        let image = FileImage(adopting: memory, capacity: count, count: count)
        try read(into: memory, count: count, at: 0)
        return image
    }
}

/// A call of the operating system, made again when a signal interrupted it.
func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || snnsys_errno() != EINTR { return result }
    }
}
