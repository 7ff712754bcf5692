import CKernels
import CVector

/// y = madd((x - mu) r, gamma, beta) for each row
@c @implementation
public func snnk_normalize_rows(
    _ normalization: UnsafePointer<snnk_normalization>, _ x: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, _ statistics: UnsafeMutablePointer<Float>, _ rows: Int64
) {
    let n = normalization.pointee
    var row = 0
    while row < Int(rows) {
        let offset = row &* Int(n.length)
        let mean = n.centers != 0 ? mean(of: x + offset, n.length) : 0
        let factor = factor(n, x + offset, Vector(mean))
        statistics[2 &* row] = mean
        statistics[2 &* row &+ 1] = factor
        let (mu, r) = (Vector(mean), Vector(factor))
        map(x + offset, n.gamma, n.beta, y + offset, n.length) { x, gamma, beta in
            snnv_madd((x - mu) * r, gamma, beta)
        }
        row &+= 1
    }
}

@inline(__always)
private func mean(of x: UnsafePointer<Float>, _ length: Int64) -> Float {
    Float(sums(length) { place, count in (load(x + place, count), Vector(0)) }.0 / Double(length))
}

/// 1 / sqrt(sum (x - mu)^2 / divisor + epsilon)
@inline(__always)
private func factor(
    _ n: snnk_normalization, _ x: UnsafePointer<Float>, _ mu: Vector
) -> Float {
    let mean = snnv_lane(mu, 0)
    let total = sums(n.length) { place, count in
        let deviation = load(x + place, count, padding: mean) - mu
        return (deviation * deviation, Vector(0))
    }.0
    // Of a vector: the scalar one is a call of the C library for what is below 0.
    let deviation = snnv_square_root(Vector(Float(total / n.divisor) + n.epsilon))
    let factor = 1 / snnv_lane(deviation, 0)
    // What is infinite would leave nothing of the row but beta.
    guard total - total == 0 else { return .nan }
    return factor < n.most ? factor : n.most
}

/// With g = gamma dy, xhat = (x - mu) r, N the divisor:
/// dx = r (g - mean(g) - xhat sum(g xhat) / N), mean(g) where the row was centered.
@c @implementation
public func snnk_normalize_rows_gradient(
    _ normalization: UnsafePointer<snnk_normalization>, _ x: UnsafePointer<Float>,
    _ dy: UnsafePointer<Float>, _ statistics: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>?, _ dGamma: UnsafeMutablePointer<Float>?,
    _ dBeta: UnsafeMutablePointer<Float>?, _ rows: Int64
) {
    let n = normalization.pointee
    if let dGamma { snnk_fill(dGamma, n.length, 0) }
    if let dBeta { snnk_fill(dBeta, n.length, 0) }
    var row = 0
    while row < Int(rows) {
        let x = x + row &* Int(n.length)
        let dy = dy + row &* Int(n.length)
        let (mean, factor) = (statistics[2 &* row], statistics[2 &* row &+ 1])
        let (mu, r) = (Vector(mean), Vector(factor))
        // Before dx, which may be dy.
        if let dGamma {
            map(x, dy, UnsafePointer(dGamma), dGamma, n.length) { x, dy, sum in
                snnv_madd((x - mu) * r, dy, sum)
            }
        }
        if let dBeta { snnk_add(dBeta, dy, dBeta, n.length) }
        if let dx {
            let (sum, correlation) = sums(n.length) { place, count in
                let g = load(dy + place, count) * load(n.gamma + place, count)
                return (g, g * (load(x + place, count) - mu))
            }
            let inverse = Double(factor)
            // A factor at its limit is a constant.
            let slope = factor < n.most ? inverse * inverse * inverse * correlation / n.divisor : 0
            let shift = n.centers != 0 ? inverse * sum / Double(n.length) : 0
            let (b, c) = (Vector(Float(0 - slope)), Vector(Float(0 - shift)))
            map(x, dy, n.gamma, dx + row &* Int(n.length), n.length) { x, dy, gamma in
                snnv_madd(dy * gamma, r, snnv_madd(x - mu, b, c))
            }
        }
        row &+= 1
    }
}

/// The sums of both that `terms` gives for the numbers from `place` on; the order is in
/// SNNKernelList.h. In lanes behind `count` it gives 0.
@inline(__always)
private func sums(
    _ length: Int64, _ terms: (_ place: Int, _ count: Int) -> (Vector, Vector)
) -> (Double, Double) {
    let length = Int(length)
    var totals = (0.0, 0.0)
    var place = 0
    while place < length {
        let end = place &+ 1024 < length ? place &+ 1024 : length
        var first = (Vector(0), Vector(0))
        var second = first
        while place &+ 32 <= end {
            add(terms(place, 16), to: &first)
            add(terms(place &+ 16, 16), to: &second)
            place &+= 32
        }
        while place < end {
            let count = end &- place < 16 ? end &- place : 16
            add(terms(place, count), to: &first)
            place &+= count
        }
        totals.0 += Double((first.0 + second.0).folded)
        totals.1 += Double((first.1 + second.1).folded)
    }
    return totals
}

@inline(__always)
private func add(_ terms: (Vector, Vector), to sums: inout (Vector, Vector)) {
    sums.0 += terms.0
    sums.1 += terms.1
}

@inline(__always)
private func load(_ x: UnsafePointer<Float>, _ count: Int, padding: Float = 0) -> Vector {
    count == 16 ? Vector(at: x) : Vector(at: x, count: count, padding: padding)
}
