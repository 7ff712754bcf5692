/// e^x for x <= 0, to about 16 digits, by sums and products only: the same bits on every machine.
/// 0 below -708.
package func naturalExponential(_ x: Double) -> Double {
    guard x > -708 else { return 0 }
    // log 2 in two parts, the first with few enough bits that its product is exact.
    let high = 0x1.62e42fee00000p-1
    let low = 0x1.a39ef35793c76p-33
    let n = (x * 0x1.71547652b82fep0).rounded()
    let r = (x - n * high) - n * low
    // |r| <= log(2) / 2: the term of degree 15 is below 2^-60.
    var series = 1.0
    var degree = 14.0
    while degree >= 1 {
        series = 1 + series * r / degree
        degree -= 1
    }
    return series * Double(bitPattern: UInt64(Int(n) + 1023) << 52)
}
