import CVector

/// y[i] = body(x[i]), sixteen at a time and the tail padded. The one call of `body` keeps large
/// bodies inlined, where `map`, which calls it twice, leaves the compiler to make it a function.
@inline(__always)
func transform(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64,
    _ body: (Vector) -> Vector
) {
    let strand = Strand(row: 0, width: Int(count))
    strand.forEachStep { step in
        strand.store(body(strand.load(x, step)), y, step)
    }
}

/// out[i] = body(a[i], b[i]).
@inline(__always)
func transform(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>,
    _ count: Int64, _ body: (Vector, Vector) -> Vector
) {
    let strand = Strand(row: 0, width: Int(count))
    strand.forEachStep { step in
        strand.store(body(strand.load(a, step), strand.load(b, step)), out, step)
    }
}
