import SNNCore
import SNNKernels

extension KernelTable {
    /// Converts `count` elements at `source` to float32; uint8 is multiplied with `scale`.
    package func convert(
        _ source: UnsafeRawPointer, _ type: ElementType, into out: UnsafeMutablePointer<Float>,
        count: Int, scale: Float
    ) {
        let length = Int64(count)
        switch type {
        case .float32:
            out.copy(from: source.assumingMemoryBound(to: Float.self), count: count)
        case .float64:
            convert_float64(source.assumingMemoryBound(to: Double.self), out, length)
        case .uint8: convert_uint8(source.assumingMemoryBound(to: UInt8.self), out, length, scale)
        case .int32: convert_int32(source.assumingMemoryBound(to: Int32.self), out, length)
        case .int64: convert_int64(source.assumingMemoryBound(to: Int64.self), out, length)
        }
    }
}
