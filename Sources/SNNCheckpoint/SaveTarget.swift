import CSystem
import SNNCore

/// The file that a save replaces, or makes.
struct SaveTarget {
    /// Without symbolic links in its last part.
    let path: FilePath
    let name: [CChar]
    /// The permissions of the file that is there; nil when there is none.
    let mode: mode_t?

    /// - Throws: `.io` when something stands there that is no regular file, or one that may not be
    ///   written.
    init(resolving path: FilePath) throws(SNNError) {
        var resolved = path
        // As many as Linux follows.
        for _ in 0..<40 {
            guard !resolved.name.isEmpty else {
                throw SNNError(.io, "'\(path.text)': expected a file, received a directory")
            }
            var status = stat()
            if resolved.withPointer({ lstat($0, &status) }) != 0 {
                guard snnsys_errno() == ENOENT else { throw path.failure("lstat") }
                self.init(path: resolved, mode: nil)
                return
            }
            if snnsys_is_link(status.st_mode) != 0 {
                resolved = try SaveTarget.destination(of: resolved)
                continue
            }
            guard snnsys_is_regular(status.st_mode) != 0 else {
                throw SNNError(
                    .io,
                    "'\(path.text)': expected a regular file, received "
                        + String(cString: snnsys_file_kind(status.st_mode)))
            }
            // Renaming would replace a file that its owner protected.
            guard resolved.withPointer({ faccessat(AT_FDCWD, $0, W_OK, AT_EACCESS) }) == 0 else {
                throw path.failure("access")
            }
            self.init(path: resolved, mode: status.st_mode & 0o777)
            return
        }
        throw path.failure("readlink", ELOOP)
    }

    private init(path: FilePath, mode: mode_t?) {
        self.path = path
        self.name = path.name
        self.mode = mode
    }

    private static func destination(of link: FilePath) throws(SNNError) -> FilePath {
        var bytes = [CChar](repeating: 0, count: FilePath.maximumCount)
        let count = link.withPointer { readlink($0, &bytes, FilePath.maximumCount) }
        guard count > 0 else { throw link.failure("readlink") }
        let destination = Array(bytes.prefix(count))
        if destination[0] == 0x2f { return try FilePath(bytes: destination) }
        return try FilePath(bytes: link.directory.bytes + [0x2f] + destination)
    }
}

/// The directory of a file to save, held open so that everything happens in this very one.
final class Directory {
    let path: FilePath
    let descriptor: Int32

    init(of file: FilePath) throws(SNNError) {
        path = try file.directory
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        descriptor = path.withPointer { path in retrying { snnsys_open(path, flags) } }
        guard descriptor >= 0 else { throw file.failure("open its directory") }
    }

    deinit {
        _ = close(descriptor)
    }

    /// Makes the names in it survive a crash of the machine.
    func sync() throws(SNNError) {
        guard retrying({ fsync(descriptor) }) == 0 else {
            // Some file systems have no such thing for a directory.
            if snnsys_errno() == EINVAL { return }
            throw path.failure("fsync of the directory")
        }
    }
}
