import CKernels

/// The kernels of one instruction set, as C function pointers.
package typealias KernelTable = snnk_table
