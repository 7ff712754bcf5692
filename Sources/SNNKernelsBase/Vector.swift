import CVector

/// Sixteen lanes on every instruction set; see CVector.h.
typealias Vector = SIMD16<Float>

extension Vector {
    static var laneCount: Int { 16 }

    /// The numbers at `pointer`, of any alignment.
    @inline(__always)
    init(at pointer: UnsafePointer<Float>) {
        self = UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
    }

    /// The first `count` (below 16) numbers at `pointer`, and `padding` in the other lanes.
    @inline(__always)
    init(at pointer: UnsafePointer<Float>, count: Int, padding: Float = 0) {
        self = snnv_load_first(pointer, Int64(count), padding)
    }

    @inline(__always)
    func store(at pointer: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Vector.self)
    }

    /// Stores the first `count` lanes.
    @inline(__always)
    func store(at pointer: UnsafeMutablePointer<Float>, count: Int) {
        snnv_store_first(self, pointer, Int64(count))
    }
}

/// y[i] = body(x[i]): whole vectors, then the tail as one padded vector.
@inline(__always)
func map(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int64,
    _ body: (Vector) -> Vector
) {
    let count = Int(count)
    var i = 0
    while i &+ 16 <= count {
        body(Vector(at: x + i)).store(at: y + i)
        i &+= 16
    }
    if i < count {
        body(Vector(at: x + i, count: count &- i)).store(at: y + i, count: count &- i)
    }
}

/// out[i] = body(a[i], b[i]).
@inline(__always)
func map(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>,
    _ count: Int64, _ body: (Vector, Vector) -> Vector
) {
    let count = Int(count)
    var i = 0
    while i &+ 16 <= count {
        body(Vector(at: a + i), Vector(at: b + i)).store(at: out + i)
        i &+= 16
    }
    if i < count {
        let rest = count &- i
        body(Vector(at: a + i, count: rest), Vector(at: b + i, count: rest))
            .store(at: out + i, count: rest)
    }
}

/// out[i] = body(a[i], b[i], c[i]).
@inline(__always)
func map(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>,
    _ out: UnsafeMutablePointer<Float>, _ count: Int64, _ body: (Vector, Vector, Vector) -> Vector
) {
    let count = Int(count)
    var i = 0
    while i &+ 16 <= count {
        body(Vector(at: a + i), Vector(at: b + i), Vector(at: c + i)).store(at: out + i)
        i &+= 16
    }
    if i < count {
        let rest = count &- i
        body(
            Vector(at: a + i, count: rest), Vector(at: b + i, count: rest),
            Vector(at: c + i, count: rest)
        ).store(at: out + i, count: rest)
    }
}
