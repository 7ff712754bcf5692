import SNNCore
import SNNGraph
import SNNKernels
import SNNProducts

/// A way to compute convolutions of one geometry, and their gradients. Which one it is follows from
/// the geometry alone, so that bits do not depend on threads, batches or instruction sets.
///
/// All pointers are to whole batches of `context.rows` samples; results do not overlap with what they
/// are made of. `scratch` is for as many floats as `scratchCount`.
protocol ConvolutionMethod: AnyObject, Sendable {
    /// Floats of the kernel's layout that `forward` reads.
    var packedCount: Int { get }
    /// Where a layout is there already, and where all of it is asked for.
    var scratchCount: (inference: Int, training: Int) { get }
    /// See `OperationNeeds`.
    var workspace: Int { get }

    /// Lays the kernel out.
    func pack(
        _ kernel: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>, _ context: OperationContext)

    /// y = end(x * kernel + bias + addend)
    ///
    /// - Parameter packed: what `pack` made of the kernel; nil where that is to be done anew.
    func forward(
        _ x: UnsafePointer<Float>, _ kernel: UnsafePointer<Float>,
        packed: UnsafeMutablePointer<Float>?, into y: UnsafeMutablePointer<Float>,
        bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?, end: ProductEnd,
        scratch: UnsafeMutablePointer<Float>, _ context: OperationContext)

    /// dx for a dy; and to each place bias, where that is what a layer does.
    func inputGradient(
        _ dy: UnsafePointer<Float>, _ kernel: UnsafePointer<Float>,
        into dx: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>?,
        scratch: UnsafeMutablePointer<Float>, _ context: OperationContext)

    func kernelGradient(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
        into dKernel: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
        _ context: OperationContext)
}

extension ConvolutionGeometry {
    /// The table of shapes.
    func method(in mode: Mode) -> any ConvolutionMethod {
        if let depthwise = DepthwiseConvolution(self) { return depthwise }
        if let winograd = WinogradConvolution(self, mode) { return winograd }
        return PatchConvolution(self)
    }
}

extension OperationContext {
    /// Every row is `row`, or 0 where there is none: what a gradient is then added to.
    func fillRows(
        _ x: UnsafeMutablePointer<Float>, rows: Int, _ columns: Int,
        with row: UnsafePointer<Float>?
    ) {
        workers.split(rows, cost: columns, granule: 16, with: (kernels, x, row, columns)) {
            work, start, count in
            let (kernels, x, row, columns) = work
            guard let row else {
                kernels.pointee.fill(x + start &* columns, Int64(count &* columns), 0)
                return
            }
            kernels.pointee.copy_rows(
                row, 0, x + start &* columns, Int64(columns), Int64(count), Int64(columns))
        }
    }
}
