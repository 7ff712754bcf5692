import CSystem
import SNNCore
import Synchronization

/// The new file while it is written, beside the one it will replace; removed unless it did.
final class TemporaryFile {
    private let target: SaveTarget
    private let directory: Directory
    private let name: [CChar]
    /// -1 once closed.
    private var descriptor: Int32
    /// It still stands under its own name.
    private var exists = true

    private static let counter = Atomic<UInt32>(0)

    init(for target: SaveTarget, in directory: Directory) throws(SNNError) {
        self.target = target
        self.directory = directory
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        // An existing file's permissions come with fchmod: until then nobody else may read it.
        let mode: mode_t = target.mode == nil ? 0o666 : 0o600
        for _ in 0..<1000 {
            let number = TemporaryFile.counter.wrappingAdd(1, ordering: .relaxed).newValue
            let name = TemporaryName.make(for: target.name, process: getpid(), number: number)
            let descriptor = FilePath.withPointer(name) { name in
                retrying { snnsys_openat(directory.descriptor, name, flags, mode) }
            }
            if descriptor >= 0 {
                self.name = name
                self.descriptor = descriptor
                return
            }
            guard snnsys_errno() == EEXIST else { break }
        }
        throw target.path.failure("make a file in its directory")
    }

    deinit {
        if descriptor >= 0 { _ = close(descriptor) }
        if exists { remove(name) }
    }

    private func remove(_ name: [CChar]) {
        _ = FilePath.withPointer(name) { unlinkat(directory.descriptor, $0, 0) }
    }

    func write(_ image: FileImage) throws(SNNError) {
        if let mode = target.mode {
            guard retrying({ fchmod(descriptor, mode) }) == 0 else {
                throw target.path.failure("fchmod")
            }
        }
        try reserveSpace(image.count)
        guard let base = image.bytes.baseAddress else { return }
        var position = 0
        while position < image.count {
            let piece = min(image.count - position, 1 << 30)
            let written = retrying { CSystem.write(descriptor, base + position, piece) }
            guard written >= 0 else { throw target.path.failure("write") }
            guard written > 0 else { throw target.path.failure("write", EIO) }
            position += written
        }
        // Once: after a failed fsync the kernel may have dropped the data, and a second one
        // would report success.
        guard retrying({ fsync(descriptor) }) == 0 else { throw target.path.failure("fsync") }
    }

    /// A full disk is known before anything is written.
    private func reserveSpace(_ count: Int) throws(SNNError) {
        guard count > 0 else { return }
        var number = EINTR
        while number == EINTR { number = posix_fallocate(descriptor, 0, count) }
        // Not every file system can.
        guard number == 0 || number == EOPNOTSUPP || number == EINVAL || number == ENOSYS else {
            throw target.path.failure("fallocate", number)
        }
    }

    func verify(_ image: FileImage) throws(SNNError) {
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW
        let reading = FilePath.withPointer(name) { name in
            retrying { snnsys_openat(directory.descriptor, name, flags, 0) }
        }
        guard reading >= 0 else { throw target.path.failure("open to verify") }
        defer { _ = close(reading) }
        let piece = try Buffer<UInt8>(count: 1 << 20)
        var position = 0
        while true {
            let received = retrying { CSystem.read(reading, piece.pointer, piece.count) }
            guard received >= 0 else { throw target.path.failure("read to verify") }
            guard received > 0 else { break }
            guard let base = image.bytes.baseAddress, received <= image.count - position,
                memcmp(piece.pointer, base + position, received) == 0
            else {
                break
            }
            position += received
        }
        guard position == image.count else {
            throw SNNError(
                .io,
                "'\(target.path.text)': the file system gave back other bytes than were written, "
                    + "from byte \(position) on")
        }
    }

    func finishWriting() throws(SNNError) {
        let closing = descriptor
        descriptor = -1
        // On Linux the descriptor is gone even when a signal interrupted the call.
        guard close(closing) == 0 || snnsys_errno() == EINTR else {
            throw target.path.failure("close")
        }
    }

    /// Gives the old file its second name, "<path>.prev"; it keeps its first until the rename.
    ///
    /// - Returns: false where the file system has no hard links.
    func keepPrevious() throws(SNNError) -> Bool {
        let previous = target.name + FilePath.characters(".prev") + [0]
        let link = Array(name.dropLast()) + FilePath.characters(".prev") + [0]
        let old = target.name + [0]
        let linked = FilePath.withPointer(old) { old in
            FilePath.withPointer(link) { link in
                retrying { linkat(directory.descriptor, old, directory.descriptor, link, 0) }
            }
        }
        guard linked == 0 else {
            switch snnsys_errno() {
            // EPERM also where Linux protects files of others from being linked.
            case EPERM, EOPNOTSUPP, ENOSYS, EMLINK, ENOENT: return false
            default: throw target.path.failure("link to the previous file")
            }
        }
        // Where both are already the same file, rename leaves this one.
        defer { remove(link) }
        guard rename(link, to: previous) == 0 else {
            throw target.path.failure("rename to the previous file")
        }
        return true
    }

    func replaceTarget() throws(SNNError) {
        guard rename(name, to: target.name + [0]) == 0 else {
            throw target.path.failure("rename")
        }
        exists = false
    }

    private func rename(_ name: [CChar], to other: [CChar]) -> Int32 {
        FilePath.withPointer(name) { name in
            FilePath.withPointer(other) { other in
                retrying { renameat(directory.descriptor, name, directory.descriptor, other) }
            }
        }
    }
}
