import CKernels
import CVector

/// ReLU with maximum a, slope b and threshold c, as `snnk_relu` says it.
struct Rectifier {
    private let a: Vector
    private let b: Vector
    private let c: Vector
    private let isFlat: Bool

    @inline(__always)
    init(_ constants: snnk_rectifier) {
        a = Vector(constants.a)
        b = Vector(constants.b)
        c = Vector(constants.c)
        isFlat = constants.b == 0
    }

    @inline(__always)
    func callAsFunction(_ x: Vector) -> Vector {
        let rest = isFlat ? Vector(0) : b * (x - c)
        return select(x .>= a, a, select(x .<= c, rest, x))
    }
}
