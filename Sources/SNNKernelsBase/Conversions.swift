import CKernels

// Plain loops: the compiler makes the set's vector conversions of them, and every one rounds to
// nearest, in the vector and in the tail.

/// out[i] = float(x[i]) * scale
@c @implementation
public func snnk_convert_uint8(
    _ x: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>, _ count: Int64, _ scale: Float
) {
    convert(count) { i in out[i] = Float(x[i]) * scale }
}

/// out[i] = float(x[i]); what lies beyond float's range becomes infinite.
@c @implementation
public func snnk_convert_float64(
    _ x: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Float>, _ count: Int64
) {
    convert(count) { i in out[i] = Float(x[i]) }
}

/// out[i] = float(x[i])
@c @implementation
public func snnk_convert_int32(
    _ x: UnsafePointer<Int32>, _ out: UnsafeMutablePointer<Float>, _ count: Int64
) {
    convert(count) { i in out[i] = Float(x[i]) }
}

/// out[i] = float(x[i])
@c @implementation
public func snnk_convert_int64(
    _ x: UnsafePointer<Int64>, _ out: UnsafeMutablePointer<Float>, _ count: Int64
) {
    convert(count) { i in out[i] = Float(x[i]) }
}

@inline(__always)
private func convert(_ count: Int64, _ body: (Int) -> Void) {
    var i = 0
    while i < Int(count) {
        body(i)
        i &+= 1
    }
}
