import CKernels
import CVector

/// y = x1 sigmoid(x2), x1 and x2 the halves of a row of x. Error at most 1.5 ulp (2.8) for
/// |x1| < 2^127; for x2 < -104 the sigmoid counts as 0.
@c @implementation
public func snnk_glu(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ rows: Int64, _ width: Int64
) {
    let width = Int(width)
    var row = 0
    while row < Int(rows) {
        let first = x + 2 &* row &* width
        transform(first, first + width, y + row &* width, Int64(width)) {
            value, gate in
            // Below -104 the sigmoid is 0, and an infinite value times it no number.
            let kept = select(gate .< Vector(-104), value * Vector(0), value)
            return Gate(gate.lowered(to: 104).raised(to: -104))
                .passedAsLogistic(kept, finite: kept.bounded)
        }
        row &+= 1
    }
}

/// dx1 = dy s, dx2 = dy x1 s (1 - s), s = sigmoid(x2). dx may be x, not dy.
@c @implementation
public func snnk_glu_gradient(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>,
    _ rows: Int64, _ width: Int64
) {
    let width = Int(width)
    var row = 0
    while row < Int(rows) {
        let first = x + 2 &* row &* width
        let dFirst = dx + 2 &* row &* width
        let strand = Strand(row: 0, width: width)
        strand.forEachStep { step in
            let value = strand.load(first, step)
            let gate = strand.load(first + width, step)
            let change = strand.load(dy + row &* width, step)
            let s = logistic(gate)
            strand.store(change * s, dFirst, step)
            strand.store(change * (value * (s * logistic(-gate))), dFirst + width, step)
        }
        row &+= 1
    }
}
