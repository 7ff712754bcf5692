import CKernels
import CVector

extension Strand {
    /// The largest number along the axis; -infinity when all are NaN.
    @inline(__always)
    func maximum(of x: UnsafePointer<Float>) -> Vector {
        var most = Vector(-.infinity)
        forEachStep { step in
            let vector = load(x, step, padding: -.infinity)
            most = select(vector .> most, vector, most)
        }
        return maximum(most)
    }

    /// sum exp(x - shift), a NaN among x or in the shift passing into it.
    @inline(__always)
    func sumOfExponentials(of x: UnsafePointer<Float>, shift: Vector) -> Vector {
        var total = Vector(0)
        forEachStep { step in
            total += keep(exponential(load(x, step) - shift), step)
        }
        return sum(total)
    }

    /// sum a b, by multiply-add.
    @inline(__always)
    func sumOfProducts(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Vector {
        var total = Vector(0)
        forEachStep { step in
            total = snnv_madd(load(a, step), load(b, step), total)
        }
        return sum(total)
    }
}

/// y = exp(x - m) / sum exp(x - m), m the largest x. All NaN where a number is NaN or +infinity or
/// all are -infinity.
@c @implementation
public func snnk_softmax(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ outer: Int64, _ length: Int64,
    _ inner: Int64
) {
    forEachStrand(outer, length, inner) { strand in
        let shift = strand.maximum(of: x)
        var total = Vector(0)
        strand.forEachStep { step in
            let e = strand.keep(exponential(strand.load(x, step) - shift), step)
            total += e
            strand.store(e, y, step)
        }
        total = strand.sum(total)
        strand.forEachStep { step in
            strand.store(strand.load(y, step) / total, y, step)
        }
    }
}

/// dx = y (dy - sum y dy)
@c @implementation
public func snnk_softmax_gradient(
    _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>,
    _ outer: Int64, _ length: Int64, _ inner: Int64
) {
    forEachStrand(outer, length, inner) { strand in
        let total = strand.sumOfProducts(y, dy)
        strand.forEachStep { step in
            strand.store(strand.load(y, step) * (strand.load(dy, step) - total), dx, step)
        }
    }
}

/// y = x - m - log(sum exp(x - m)), m the largest x. NaN as in softmax.
@c @implementation
public func snnk_log_softmax(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ outer: Int64, _ length: Int64,
    _ inner: Int64
) {
    forEachStrand(outer, length, inner) { strand in
        let shift = strand.maximum(of: x)
        let scale = logarithm(strand.sumOfExponentials(of: x, shift: shift))
        strand.forEachStep { step in
            strand.store((strand.load(x, step) - shift) - scale, y, step)
        }
    }
}

/// dx = dy - exp(y) sum dy
@c @implementation
public func snnk_log_softmax_gradient(
    _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>,
    _ outer: Int64, _ length: Int64, _ inner: Int64
) {
    forEachStrand(outer, length, inner) { strand in
        var total = Vector(0)
        strand.forEachStep { step in
            total += strand.load(dy, step)
        }
        total = strand.sum(total)
        strand.forEachStep { step in
            let probability = exponential(strand.load(y, step))
            strand.store(snnv_madd(-probability, total, strand.load(dy, step)), dx, step)
        }
    }
}
