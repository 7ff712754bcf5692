import CVector

/// Vectors of sixteen integers, for the bits of `Vector`.
typealias IntegerVector = SIMD16<Int32>
typealias Mask = SIMDMask<IntegerVector>

/// What the elementary functions are made of. Their coefficients come from
/// Tests/Golden/make_polynomials.py. Bounds are in units of the last place of the right result, over
/// all floats, subnormal results included: first for the sets with fused multiply-add, in brackets
/// for the base set. A gradient kernel's bound is in units of 2^-24 max(1, |slope|), for dy = 1 and
/// away from kinks. Tests measure each (`ActivationCase.all`). A NaN comes out as a NaN whose sign
/// and payload are not specified. The functions are @_transparent: @inline(__always) leaves calls in
/// the larger kernels.
extension Vector {
    @inline(__always)
    init(_ value: Float) {
        self.init(repeating: value)
    }

    @inline(__always)
    init(bits: IntegerVector) {
        self = unsafeBitCast(bits, to: Vector.self)
    }

    @inline(__always)
    var bits: IntegerVector { unsafeBitCast(self, to: IntegerVector.self) }

    @inline(__always)
    var magnitude: Vector { snnv_magnitude(self) }

    /// The larger, and `self` where it is NaN.
    @inline(__always)
    func raised(to least: Float) -> Vector {
        select(self .< Vector(least), Vector(least), self)
    }

    /// The smaller, and `self` where it is NaN.
    @inline(__always)
    func lowered(to most: Float) -> Vector {
        select(self .> Vector(most), Vector(most), self)
    }

    /// The infinities become the largest numbers; NaN stays.
    @inline(__always)
    var bounded: Vector {
        lowered(to: .greatestFiniteMagnitude).raised(to: -.greatestFiniteMagnitude)
    }

    /// A vector of no negative numbers, with the signs of `source`.
    @inline(__always)
    func withSign(of source: Vector) -> Vector {
        Vector(bits: bits | (source.bits & IntegerVector(repeating: .min)))
    }

    /// Whether a lane is a NaN.
    @inline(__always)
    var isNaN: Mask { self .!= self }
}

/// `yes` where the mask is set, else `no`.
@inline(__always)
func select(_ mask: Mask, _ yes: Vector, _ no: Vector) -> Vector {
    snnv_select(unsafeBitCast(mask, to: IntegerVector.self), yes, no)
}

/// Whether a lane of the mask is set.
@inline(__always)
func isSet(_ mask: Mask) -> Bool {
    snnv_any(unsafeBitCast(mask, to: IntegerVector.self)) != 0
}

/// p x + c, a step of Horner's scheme.
@inline(__always)
func horner(_ p: Vector, _ x: Vector, _ c: Float) -> Vector {
    snnv_madd(p, x, Vector(c))
}

/// Added to a float of magnitude below 2^22, rounds it to an integer, which the low bits then hold.
let roundingShift: Float = 0x1.8p23
