import CSystem
import SNNCore

/// The bytes of a whole file in memory; they never change.
package final class FileImage: @unchecked Sendable {
    // Sendable: nothing writes to the memory once the image exists.
    private let memory: UnsafeMutableRawPointer
    private let capacity: Int
    package let count: Int

    /// Takes over memory of `Memory` with `capacity` bytes, whose first `count` are the file.
    init(adopting memory: UnsafeMutableRawPointer, capacity: Int, count: Int) {
        self.memory = memory
        self.capacity = capacity
        self.count = count
    }

    package convenience init(copying bytes: UnsafeRawBufferPointer) throws(SNNError) {
        let memory = try Memory.allocate(bytes.count)
        if let base = bytes.baseAddress { memcpy(memory, base, bytes.count) }
        self.init(adopting: memory, capacity: bytes.count, count: bytes.count)
    }

    deinit {
        Memory.deallocate(memory, count: capacity)
    }

    /// Valid as long as the image is.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: memory, count: count)
    }
}
