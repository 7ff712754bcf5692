import CSystem
import SNNCore

/// Whole files, read and replaced so that none is ever lost: after a crash at any moment there is
/// the old file or the new one.
package enum FileStorage {
    package struct SaveOptions: Sendable {
        /// Keeps the file that is replaced as "<path>.prev".
        package var keepsPrevious = true
        /// Reads the new file back and compares it before it takes the place of the old one.
        package var verifies = true

        package init(keepsPrevious: Bool = true, verifies: Bool = true) {
            self.keepsPrevious = keepsPrevious
            self.verifies = verifies
        }
    }

    package struct SaveResult: Sendable {
        /// "<path>.prev" is the file that was replaced. False without one, when it was not asked
        /// for, or when the file system has no hard links.
        package let keptPrevious: Bool
    }

    /// A regular file of at most 16 GiB in memory.
    ///
    /// - Throws: `.io` with the path and the reason, `.limit`, `.memory`.
    package static func read(_ path: FilePath) throws(SNNError) -> FileImage {
        let file = try ReadableFile(path)
        guard file.count <= FileLimits.fileBytes else {
            throw SNNError(
                .limit,
                "'\(path.text)': expected at most \(FileLimits.fileBytes) bytes, received "
                    + "\(file.count)")
        }
        // read() into memory of ours: a mapped file that is truncated meanwhile kills the host.
        return try file.image(count: file.count)
    }

    /// Makes the file at `path` hold `image`; of a symbolic link, the file that it leads to.
    ///
    /// Everything is written and synced beside the old file before it takes its place. When this
    /// throws, the old file is as it was (or, where only the last sync failed, the new one is
    /// complete), and nothing else is left.
    ///
    /// - Throws: `.io` with the path, the call and the system's reason.
    package static func save(
        _ image: FileImage, to path: FilePath, _ options: SaveOptions = SaveOptions()
    ) throws(SNNError) -> SaveResult {
        let target = try SaveTarget(resolving: path)
        try checkSizeLimit(image.count, for: path)
        let directory = try Directory(of: target.path)
        StaleFiles.remove(beside: target, in: directory)
        let temporary = try TemporaryFile(for: target, in: directory)
        try temporary.write(image)
        if options.verifies { try temporary.verify(image) }
        try temporary.finishWriting()
        let keptPrevious =
            options.keepsPrevious && target.mode != nil
            ? try temporary.keepPrevious() : false
        try temporary.replaceTarget()
        try directory.sync()
        return SaveResult(keptPrevious: keptPrevious)
    }

    /// Writing beyond this limit would kill the process with SIGXFSZ.
    static func checkSizeLimit(_ count: Int, for path: FilePath) throws(SNNError) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else {
            throw path.failure("getrlimit")
        }
        guard limit.rlim_cur >= rlim_t(count) else {
            throw path.failure("write", EFBIG)
        }
    }
}
