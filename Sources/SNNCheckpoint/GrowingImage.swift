import CHDF5
import CSystem
import SNNCore

/// The memory of a file that libhdf5 builds, taken from `Memory`, so that running out of it is an
/// error and the result needs no copy.
///
/// libhdf5 asks for little more at a time; the capacity doubles.
final class GrowingImage {
    /// Why memory was refused, if it was: libhdf5 itself only reports that something failed.
    private(set) var failure: SNNError?
    /// libhdf5 has let go of the memory.
    private(set) var isReleased = false

    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0
    private var count = 0
    private let expectedBytes: Int

    init(expectedBytes: Int) {
        self.expectedBytes = expectedBytes
    }

    deinit {
        if let memory { Memory.deallocate(memory, count: capacity) }
    }

    /// Makes files created with the property list `access` grow in this object, which must live
    /// until the file is closed.
    func install(in access: hid_t) -> Bool {
        let status = snnh5_set_growing_image(
            access, 1 << 16,
            { size, _, image in GrowingImage.of(image)?.resize(to: size) },
            { _, size, _, image in GrowingImage.of(image)?.resize(to: size) },
            { _, operation, image in
                if operation == H5FD_FILE_IMAGE_OP_FILE_CLOSE {
                    GrowingImage.of(image)?.isReleased = true
                }
                return 0
            },
            Unmanaged.passUnretained(self).toOpaque())
        return status >= 0
    }

    private static func of(_ data: UnsafeMutableRawPointer?) -> GrowingImage? {
        data.map { Unmanaged<GrowingImage>.fromOpaque($0).takeUnretainedValue() }
    }

    private func resize(to size: Int) -> UnsafeMutableRawPointer? {
        do throws(SNNError) {
            try reserve(size)
        } catch {
            failure = failure ?? error
            return nil
        }
        count = size
        return memory
    }

    private func reserve(_ size: Int) throws(SNNError) {
        guard size >= 0, size <= FileLimits.fileBytes - Trailer.count else {
            throw SNNError(
                .limit, "the file would have more than \(FileLimits.fileBytes) bytes")
        }
        let needed = size + Trailer.count
        guard needed > capacity else { return }
        let grown = max(needed, min(2 * capacity, FileLimits.fileBytes), expectedBytes)
        let larger = try Memory.allocate(grown)
        if let memory {
            memcpy(larger, memory, count)
            Memory.deallocate(memory, count: capacity)
        }
        memory = larger
        capacity = grown
    }

    /// The file, with its trailer, once libhdf5 has closed it.
    func takeImage() throws(SNNError) -> FileImage {
        if let failure { throw failure }
        guard let memory else { throw SNNError(.internal, "libhdf5 wrote nothing") }
        let written = UnsafeRawBufferPointer(start: memory, count: count)
        let bodyCount = try Superblock(in: written).endOfFile
        guard bodyCount <= count else {
            throw SNNError(.internal, "libhdf5 wrote \(count) bytes of \(bodyCount)")
        }
        Trailer.write(into: memory, after: bodyCount)
        let image = FileImage(
            adopting: memory, capacity: capacity, count: bodyCount + Trailer.count)
        self.memory = nil
        capacity = 0
        return image
    }
}
