import CVector

/// sin(x). Error at most 1.6 ulp (1.6) for every finite x. Infinity gives NaN.
@inline(__always)
func sine(_ x: Vector) -> Vector {
    let (n, r) = reduceToQuarter(x)
    return select(x .== Vector(0), x, sine(quarter: n, r))
}

/// cos(x). Error at most 1.6 ulp (1.6) for every finite x. Infinity gives NaN.
@inline(__always)
func cosine(_ x: Vector) -> Vector {
    let (n, r) = reduceToQuarter(x)
    return sine(quarter: n &+ IntegerVector(repeating: 1), r)
}

/// sin(n pi / 2 + r) for |r| <= pi / 4.
@inline(__always)
private func sine(quarter n: IntegerVector, _ r: Vector) -> Vector {
    let s = r * r
    var p = Vector(-0x1.995270p-13)
    p = horner(p, s, 0x1.110776p-7)
    p = horner(p, s, -0x1.555546p-3)
    let sine = snnv_madd(r * s, p, r)
    var q = Vector(0x1.99e70ap-16)
    q = horner(q, s, -0x1.6c0c26p-10)
    q = horner(q, s, 0x1.55554ap-5)
    let cosine = Vector(1) + snnv_madd(s * s, q, Vector(-0.5) * s)
    let one = IntegerVector(repeating: 1)
    let y = select((n & one) .== one, cosine, sine)
    let sign = (n &<< IntegerVector(repeating: 30)) & IntegerVector(repeating: .min)
    return Vector(bits: y.bits ^ sign)
}

/// x = n pi / 2 + r with |r| <= pi / 4 (n modulo 4), in double arithmetic without multiply-add, so
/// that every set gives the same r.
@inline(__always)
private func reduceToQuarter(_ x: Vector) -> (n: IntegerVector, r: Vector) {
    let wide = snnv_widen(x)
    let shift = SIMD16<Double>(repeating: 0x1.8p52)
    let shifted = wide * SIMD16<Double>(repeating: 0x1.45f306dc9c883p-1) + shift
    let count = shifted - shift
    // pi / 2 in two parts; the first has 33 bits and the count at most 18: the product is exact.
    let rest =
        (wide - count * SIMD16<Double>(repeating: 0x1.921fb544p0))
        - count * SIMD16<Double>(repeating: 0x1.0b4611a626331p-34)
    var n = unsafeBitCast(snnv_low_words(shifted), to: IntegerVector.self)
    var r = snnv_narrow(rest)
    if isSet((x.magnitude .>= Vector(0x1p18)) .& (x.magnitude .< Vector(.infinity))) {
        var lane: Int64 = 0
        while lane < 16 {
            let number = snnv_lane(x, lane)
            if number.magnitude >= 0x1p18 && number.magnitude < .infinity {
                let (quarter, remainder) = reduceLarge(number)
                n = snnv_with_integer(n, lane, quarter)
                r = snnv_with_lane(r, lane, remainder)
            }
            lane &+= 1
        }
    }
    return (n, r)
}

/// The same for 2^18 <= |x|, finite, in integers (Payne and Hanek 1983): of x times 2 / pi only the
/// bits below 4 are computed, 126 behind the point.
@inline(__always)
private func reduceLarge(_ x: Float) -> (n: Int32, r: Float) {
    // 2 / pi in binary, the first bit worth 1/2.
    let first: UInt64 = 0xa2f9_836e_4e44_1529
    let second: UInt64 = 0xfc27_57d1_f534_ddc0
    let third: UInt64 = 0xdb62_9599_3c43_9041
    let fourth: UInt64 = 0xfe51_63ab_debb_c561
    let bits = x.bitPattern
    let mantissa = UInt64((bits & 0x7f_ffff) | 0x80_0000)
    // |x| = mantissa 2^exponent, -5 <= exponent <= 104
    let exponent = Int((bits >> 23) & 0xff) &- 150
    var high: UInt64
    var low: UInt64
    if exponent < 2 {
        let shift = UInt64(truncatingIfNeeded: 2 &- exponent)
        high = first &>> shift
        low = (second &>> shift) | (first &<< (64 &- shift))
    } else {
        let start = exponent &- 2
        let shift = UInt64(truncatingIfNeeded: start & 63)
        let isLater = start >= 64
        let words = isLater ? (second, third, fourth) : (first, second, third)
        // Twice by one less than 64 - shift and by one: a shift by 64 counts as none.
        high = (words.0 &<< shift) | ((words.1 &>> (63 &- shift)) &>> 1)
        low = (words.1 &<< shift) | ((words.2 &>> (63 &- shift)) &>> 1)
    }
    high = high &* mantissa &+ low.multipliedFullWidth(by: mantissa).high
    low = low &* mantissa
    let fraction = (high &<< 2) | (low &>> 62)
    let quarter = Int32(truncatingIfNeeded: (high &>> 62) &+ (fraction &>> 63))
    // pi / 2 times 2^-64; a fraction of a half and more has gone to the quarter.
    let r = Float(Double(Int64(bitPattern: fraction)) * 0x1.921fb54442d18p-64)
    return x < 0 ? (0 &- quarter, -r) : (quarter, r)
}
