import CKernels

/// The kernels of one instruction set, as C function pointers.
package typealias KernelTable = snnk_table

extension InstructionSet {
    /// The set's kernels, by value; about 1 KB. Calling them needs `isSupported`.
    package var table: KernelTable { kernels.pointee }

    /// The set's kernels; made once, never freed. Plans hold this pointer.
    package var kernels: UnsafePointer<KernelTable> {
        switch self {
        case .base: InstructionSet.baseKernels
        case .avx2: InstructionSet.avx2Kernels
        case .avx512: InstructionSet.avx512Kernels
        }
    }

    // Safe to share: written before anyone sees them, only read after.
    nonisolated(unsafe) private static let baseKernels = immortal(snnk_table_base())
    nonisolated(unsafe) private static let avx2Kernels = immortal(snnk_table_avx2())
    nonisolated(unsafe) private static let avx512Kernels = immortal(snnk_table_avx512())

    private static func immortal(_ table: KernelTable) -> UnsafePointer<KernelTable> {
        let memory = UnsafeMutablePointer<KernelTable>.allocate(capacity: 1)
        memory.initialize(to: table)
        return UnsafePointer(memory)
    }
}
