import CKernels
import CVector

/// y = max(x - tau, 0), tau such that the sum is 1 (Martins and Astudillo 2016). Counted from the
/// largest x, tau rises from -1 by tau <- (sum of x > tau of x - 1) / count; the numbers above it
/// only get fewer, so at most `length` rounds change it. All NaN where a number is NaN or +infinity
/// or all are -infinity.
@c @implementation
public func snnk_sparsemax(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ outer: Int64, _ length: Int64,
    _ inner: Int64
) {
    forEachStrand(outer, length, inner) { strand in
        var poison = Vector(0)
        strand.forEachStep { step in
            let vector = strand.load(x, step)
            poison += select(vector.isNaN, vector, Vector(0))
        }
        var most = strand.maximum(of: x)
        most += strand.sum(poison) + (most - most)
        var tau = Vector(-1)
        var round: Int64 = 0
        while round <= length {
            let next = sparsemaxStep(x, strand, most, tau)
            if !isSet(next .!= tau) { break }
            tau = next
            round &+= 1
        }
        strand.forEachStep { step in
            let above = (strand.load(x, step) - most) - tau
            let value = select(above .<= Vector(0), Vector(0), above)
            strand.store(select(most.isNaN, most, value), y, step)
        }
    }
}

/// (sum of z > tau of z - 1) / count, z = x - most. A NaN tau stays as it is.
@inline(__always)
private func sparsemaxStep(
    _ x: UnsafePointer<Float>, _ strand: Strand, _ most: Vector, _ tau: Vector
) -> Vector {
    var total = Vector(0)
    var count = Vector(0)
    strand.forEachStep { step in
        let z = strand.load(x, step, padding: -.infinity) - most
        let isAbove = z .> tau
        total += select(isAbove, z, Vector(0))
        count += select(isAbove, Vector(1), Vector(0))
    }
    let sum = strand.sum(count)
    return select(sum .> Vector(0), (strand.sum(total) - Vector(1)) / sum, tau)
}

/// dx = dy - the mean of dy over the support (y > 0) there, 0 elsewhere.
@c @implementation
public func snnk_sparsemax_gradient(
    _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>,
    _ outer: Int64, _ length: Int64, _ inner: Int64
) {
    forEachStrand(outer, length, inner) { strand in
        var total = Vector(0)
        var count = Vector(0)
        strand.forEachStep { step in
            let value = strand.load(y, step)
            let isSupport = value .> Vector(0)
            total += select(isSupport, strand.load(dy, step), Vector(0))
            count += select(isSupport, Vector(1), select(value.isNaN, value, Vector(0)))
        }
        let mean = strand.sum(total) / strand.sum(count)
        strand.forEachStep { step in
            let change = strand.load(dy, step) - mean
            let isOutside = strand.load(y, step) .<= Vector(0)
            strand.store(select(isOutside, Vector(0), change), dx, step)
        }
    }
}
