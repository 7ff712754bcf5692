import CSystem
import SNNCore

/// The 64 bytes after the HDF5 data that make a file one of ours.
///
/// Little-endian: magic (8 bytes), version (u32), flags (u32, 0), length of the body before it
/// (u64), SHA-256 of the body (32), zeros (8). HDF5 readers do not see it, and one that changes
/// the file cuts it off: it cannot go stale.
package enum Trailer {
    package static let count = 64
    package static let version: UInt32 = 1

    /// An attribute that the writer gives the root group first, so that its name stands near the
    /// begin of the file: what is left of a truncated file still says that it was ours.
    static let originAttribute: StaticString = "swiftnn_trailer"
    private static let originSearchCount = 1024

    // As in PNG and HDF5: a byte above 127, and line ends that text transfers would change.
    private static let magic: SIMD8<UInt8> = [0x93, 0x53, 0x4e, 0x4e, 0x0d, 0x0a, 0x1a, 0x0a]

    package enum State: Equatable {
        /// Whole; the HDF5 data are the first `bodyCount` bytes.
        case valid(bodyCount: Int)
        /// An HDF5 file that is not ours, or that another program changed.
        case missing
        /// Ours, but not what was written.
        case damaged(String)
        /// No HDF5 file, or a truncated one that was not ours.
        case unreadable(String)
    }

    /// Writes the trailer of `bodyCount` bytes behind them; there must be room for it.
    static func write(into memory: UnsafeMutableRawPointer, after bodyCount: Int) {
        let digest = SHA256.digest(of: UnsafeRawBufferPointer(start: memory, count: bodyCount))
        let trailer = memory + bodyCount
        memset(trailer, 0, count)
        trailer.storeBytes(of: magic, as: SIMD8<UInt8>.self)
        trailer.storeBytes(of: version.littleEndian, toByteOffset: 8, as: UInt32.self)
        let length = UInt64(truncatingIfNeeded: bodyCount).littleEndian
        trailer.storeBytes(of: length, toByteOffset: 16, as: UInt64.self)
        trailer.storeBytes(of: digest, toByteOffset: 24, as: SIMD32<UInt8>.self)
    }

    /// A file of ours from an HDF5 image.
    package static func append(to body: UnsafeRawBufferPointer) throws(SNNError) -> FileImage {
        let memory = try Memory.allocate(body.count + count)
        if let base = body.baseAddress { memcpy(memory, base, body.count) }
        write(into: memory, after: body.count)
        return FileImage(
            adopting: memory, capacity: body.count + count, count: body.count + count)
    }

    /// What the bytes of a file are; reads each once.
    package static func inspect(_ bytes: UnsafeRawBufferPointer) -> State {
        if bytes.count >= count, hasMagic(bytes, at: bytes.count - count) {
            return inspectTrailer(bytes)
        }
        let superblock: Superblock
        do throws(SNNError) {
            superblock = try Superblock(in: bytes)
        } catch {
            return wasOurs(bytes) ? .damaged(error.message) : .unreadable(error.message)
        }
        let end = superblock.endOfFile
        if end > bytes.count {
            let reason = "truncated: \(bytes.count) bytes of at least \(end)"
            return wasOurs(bytes) ? .damaged(reason) : .unreadable(reason)
        }
        let rest = bytes.count - end
        if rest == count && wasOurs(bytes) { return .damaged("its trailer was overwritten") }
        if rest > 0 && rest < count && beginsTrailer(bytes, at: end) {
            return .damaged("truncated: \(bytes.count) bytes of \(end + count)")
        }
        return .missing
    }

    /// `inspect` for who wants to read the file: how many of its bytes are HDF5 and whether the
    /// file is ours.
    ///
    /// - Throws: `.checksum` for a damaged file of ours, `.format` for one that is no HDF5 file or
    ///   truncated.
    static func check(
        _ bytes: UnsafeRawBufferPointer
    ) throws(SNNError) -> (bodyCount: Int, isOwn: Bool) {
        switch inspect(bytes) {
        case .valid(let bodyCount): return (bodyCount, true)
        case .missing: return (bytes.count, false)
        case .damaged(let reason): throw SNNError(.checksum, "the file is damaged: \(reason)")
        case .unreadable(let reason): throw SNNError(.format, reason)
        }
    }

    private static func inspectTrailer(_ bytes: UnsafeRawBufferPointer) -> State {
        let bodyCount = bytes.count - count
        func field(_ offset: Int) -> UInt64 {
            bytes.loadUnaligned(fromByteOffset: bodyCount + offset, as: UInt64.self).littleEndian
        }
        let digest = bytes.loadUnaligned(
            fromByteOffset: bodyCount + 24, as: SIMD32<UInt8>.self)
        let body = UnsafeRawBufferPointer(rebasing: bytes[..<bodyCount])
        // The length first: it tells a file that was cut or grew inside from a changed one.
        guard field(16) == UInt64(truncatingIfNeeded: bodyCount) else {
            return .damaged("it holds \(bodyCount) bytes, and \(field(16)) were written")
        }
        guard SHA256.digest(of: body) == digest else {
            return .damaged("its bytes do not have the checksum that was written with them")
        }
        // The version's upper half holds the flags.
        guard field(8) == UInt64(version), field(56) == 0 else {
            return .damaged("expected a trailer of version \(version)")
        }
        do throws(SNNError) {
            let end = try Superblock(in: body).endOfFile
            guard end == bodyCount else {
                return .damaged("its HDF5 part ends at byte \(end) of \(bodyCount)")
            }
        } catch {
            return .damaged(error.message)
        }
        return .valid(bodyCount: bodyCount)
    }

    private static func hasMagic(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        bytes.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt8>.self) == magic
    }

    private static func beginsTrailer(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        for index in 0..<min(8, bytes.count - offset) where bytes[offset + index] != magic[index] {
            return false
        }
        return true
    }

    private static func wasOurs(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        let length = originAttribute.utf8CodeUnitCount
        var start = 0
        while start + length <= min(bytes.count, originSearchCount) {
            if memcmp(base + start, originAttribute.utf8Start, length) == 0 { return true }
            start += 1
        }
        return false
    }
}
