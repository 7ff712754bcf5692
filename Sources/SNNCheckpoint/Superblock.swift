import CSystem
import SNNCore

/// What an HDF5 file says of itself before anything else (HDF5 File Format Specification 3.0,
/// II.A): read by us, so that a truncated file is known as one before libhdf5 sees it.
struct Superblock {
    static let signature: SIMD8<UInt8> = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

    let version: Int
    /// Where the superblock begins: 0, or a power of two from 512 on.
    let offset: Int
    /// The first byte after the HDF5 data, counted from the begin of the file.
    let endOfFile: Int

    /// Finds the superblock in `bytes`, the begin of a file.
    ///
    /// - Throws: `.format` when there is none, or one of a kind that is not known.
    init(in bytes: UnsafeRawBufferPointer) throws(SNNError) {
        guard let offset = Superblock.signatureOffset(in: bytes) else {
            throw SNNError(.format, "not an HDF5 file: it has no HDF5 signature")
        }
        let fields = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        guard fields.count >= 16 else {
            throw SNNError(.format, "the HDF5 file ends within its superblock")
        }
        let version = Int(fields[8])
        // Versions 0 and 1 name the width of addresses after four other versions.
        let width = Int(version <= 1 ? fields[13] : fields[9])
        let base: Int
        switch version {
        case 0: base = 24
        case 1: base = 28
        case 2, 3: base = 12
        default:
            throw SNNError(
                .format, "expected an HDF5 superblock of version 0 to 3, received \(version)")
        }
        guard width == 4 || width == 8 else {
            throw SNNError(.format, "expected HDF5 addresses of 4 or 8 bytes, received \(width)")
        }
        // Base address, address of free space or of the extension, end of file.
        guard fields.count >= base + 3 * width else {
            throw SNNError(.format, "the HDF5 file ends within its superblock")
        }
        guard let baseAddress = Superblock.address(fields, base, width),
            let end = Superblock.address(fields, base + 2 * width, width)
        else {
            throw SNNError(.format, "the HDF5 superblock holds an address beyond any file")
        }
        self.version = version
        self.offset = offset
        // libhdf5 moves the end with the base where something was put in front of the file.
        self.endOfFile = end &+ (offset &- baseAddress)
        guard endOfFile > offset else {
            throw SNNError(.format, "the HDF5 superblock puts the end of the file before its begin")
        }
    }

    private static func signatureOffset(in bytes: UnsafeRawBufferPointer) -> Int? {
        var offset = 0
        while offset &+ 8 <= bytes.count {
            if bytes.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt8>.self) == signature {
                return offset
            }
            offset = offset == 0 ? 512 : offset &* 2
        }
        return nil
    }

    private static func address(
        _ fields: UnsafeRawBufferPointer, _ offset: Int, _ width: Int
    ) -> Int? {
        if width == 4 {
            return Int(fields.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian)
        }
        let value = fields.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
        return value <= 1 << 60 ? Int(truncatingIfNeeded: value) : nil
    }
}
