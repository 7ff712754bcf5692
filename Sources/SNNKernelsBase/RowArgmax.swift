import CKernels
import CVector

/// The first index of each row's largest number; NaN counts as smaller than all (a row of NaN
/// gives 0).
@c @implementation
public func snnk_row_argmax(
    _ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ rows: Int64, _ width: Int64
) {
    forEachRow(rows, width) { row, strand in
        let most = strand.maximum(of: x)
        var best = 0
        var step = 0
        while step < strand.steps {
            // No number equals a NaN, and none of the numbers is above `most`.
            let isMost = strand.load(x, step, padding: .nan) .== most
            let lane = Int(snnv_first_set(unsafeBitCast(isMost, to: IntegerVector.self)))
            if lane < 16 {
                best = step &* 16 &+ lane
                break
            }
            step &+= 1
        }
        out[row] = Float(best)
    }
}
