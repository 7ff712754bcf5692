import CSystem

/// Model-sized memory of `count` elements, zero at first, freed with the object.
///
/// Throws `.limit` for a negative count or more than 2^46 bytes, `.memory` when there is none.
/// The pointer is valid as long as the object is; who keeps the pointer keeps the object too.
package final class Buffer<Element: BitwiseCopyable>: @unchecked Sendable {
    // Sendable: the owner decides who writes when (the model's access, the plan's step order).
    package let pointer: UnsafeMutablePointer<Element>
    package let count: Int

    package init(count: Int) throws(SNNError) {
        let (bytes, overflows) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
        guard count >= 0, !overflows, bytes <= 1 << 46 else {
            throw SNNError(
                .limit,
                "expected 0 to 2^46 bytes, received \(count) elements of "
                    + "\(MemoryLayout<Element>.stride)")
        }
        let memory = try Memory.allocate(bytes)
        memset(memory, 0, bytes)
        self.pointer = memory.bindMemory(to: Element.self, capacity: count)
        self.count = count
    }

    deinit {
        Memory.deallocate(
            UnsafeMutableRawPointer(pointer), count: count * MemoryLayout<Element>.stride)
    }
}

extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
    /// Copies `count` elements of memory that does not overlap. (The standard `update(from:)` goes
    /// element by element in Embedded Swift.)
    @inline(__always)
    package func copy(from source: UnsafePointer<Pointee>, count: Int) {
        memcpy(self, source, count &* MemoryLayout<Pointee>.stride)
    }
}
