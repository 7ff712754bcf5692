import CKernels

/// The first index of each row's largest number; NaN counts as smaller than all (a row of NaN
/// gives 0).
@c @implementation
public func snnk_row_argmax(
    _ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ rows: Int64, _ width: Int64
) {
    let width = Int(width)
    var row = 0
    while row < Int(rows) {
        let numbers = x + row &* width
        var most = Float.nan
        var best = 0
        var i = 0
        while i < width {
            // Not "at most" is also true of the NaN that `most` starts as.
            if !(numbers[i] <= most) && numbers[i] == numbers[i] {
                most = numbers[i]
                best = i
            }
            i &+= 1
        }
        out[row] = Float(best)
        row &+= 1
    }
}
