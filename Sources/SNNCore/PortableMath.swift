// Elementary functions of sums and products only, which IEEE 754 fixes to the bit: what a training
// is computed with must not depend on a machine's libm. Errors are some units of 1e-16, relative.

/// base^exponent by squaring, for exponent >= 0.
package func power(_ base: Double, _ exponent: Int64) -> Double {
    var result = 1.0
    var factor = base
    var rest = exponent
    while rest > 0 {
        if rest & 1 == 1 { result *= factor }
        factor *= factor
        rest >>= 1
    }
    return result
}

/// base^exponent for base >= 0 and any finite exponent; 0^0 is 1.
package func power(_ base: Double, _ exponent: Double) -> Double {
    if let whole = Int64(exactly: exponent), whole >= 0 { return power(base, whole) }
    guard base > 0 else { return exponent > 0 ? 0 : .infinity }
    guard base.isNormal else { return power(base * 0x1p200, exponent) * power(0x1p-200, exponent) }
    return exponential(exponent * naturalLogarithm(base))
}

/// e^x: x = n log 2 + r with |r| <= log 2 / 2, and fourteen terms of the series of e^r.
package func exponential(_ x: Double) -> Double {
    guard x < 710 else { return x.isNaN ? x : .infinity }
    guard x > -746 else { return 0 }
    let n = (x * 1.4426950408889634).rounded()
    // log 2 in two parts, the first with few enough bits that its product is exact.
    let r = (x - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33
    var series = 1.0
    var divisor = 14.0
    while divisor >= 1 {
        series = 1 + series * r / divisor
        divisor -= 1
    }
    // In two steps, because 2^n alone may be beyond the normal numbers.
    let half = Int(n) / 2
    return series * twoToThe(half) * twoToThe(Int(n) - half)
}

private func twoToThe(_ n: Int) -> Double {
    Double(sign: .plus, exponent: n, significand: 1)
}

/// log x for a normal positive x, to about 1e-16: x = 2^e m with m in [sqrt 1/2, sqrt 2), and
/// log m = 2 (s + s^3 / 3 + s^5 / 5 + ...), s = (m - 1) / (m + 1), |s| < 0.172: eleven terms.
package func naturalLogarithm(_ x: Double) -> Double {
    var exponent = Int(truncatingIfNeeded: x.bitPattern >> 52) - 1023
    var m = Double(bitPattern: x.bitPattern & 0xF_FFFF_FFFF_FFFF | 1023 << 52)
    if m >= 1.4142135623730951 {
        m *= 0.5
        exponent += 1
    }
    let s = (m - 1) / (m + 1)
    let square = s * s
    var series = 0.0
    var divisor = 21.0
    while divisor >= 3 {
        series = (series + 1 / divisor) * square
        divisor -= 2
    }
    // log 2 in two parts, the first with few enough bits that its product is exact.
    let high = 0x1.62e42fee00000p-1
    let low = 0x1.a39ef35793c76p-33
    let e = Double(exponent)
    return e * high + (2 * s + (2 * s * series + e * low))
}

/// cos(pi x) for a finite x.
package func cosineOfPi(times x: Double) -> Double {
    // The distance to the nearest even number, 0 to 1; exact.
    let distance = abs(x - 2 * (x / 2).rounded())
    return -sineOfPi(times: distance - 0.5)
}

/// sin(pi x) for |x| <= 1/2 by its series.
private func sineOfPi(times x: Double) -> Double {
    let angle = x * 3.141592653589793
    let square = angle * angle
    var series = 1.0
    var n = 22.0
    while n >= 2 {
        series = 1 - series * square / (n * (n + 1))
        n -= 2
    }
    return angle * series
}
