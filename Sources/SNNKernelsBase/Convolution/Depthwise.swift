import CKernels
import CVector

/// What a window covers of the input at a place: taps of the kernel and where they fall.
private struct CoveredRow {
    /// Of the kernel's places, the first one of the row.
    let tap: Int
    /// Columns of the kernel that fall into the input, and the input's place of column 0.
    let first: Int
    let end: Int
    let input: Int
}

@inline(__always)
private func forEachRow(
    _ window: UnsafePointer<snnk_window>, at index: Int, _ body: (CoveredRow) -> Void
) {
    let (depth, height, width) = (
        window.pointee.depth, window.pointee.height, window.pointee.width
    )
    let (row, column) = divided(index, by: width.output)
    let (plane, line) = divided(row, by: height.output)
    let x = column &* Int(width.stride) &- Int(width.before)
    // The first and the last column with 0 <= x + column * dilation < width.
    let up = Int(width.dilation) &- 1
    let first = x >= 0 ? 0 : divided(up &- x, by: width.dilation).quotient
    let fitting = divided(max(Int(width.input) &- x, 0) &+ up, by: width.dilation).quotient
    let end = min(Int(width.kernel), fitting)
    var d = 0
    while d < Int(depth.kernel) {
        let z =
            plane &* Int(depth.stride) &- Int(depth.before) &+ d &* Int(depth.dilation)
        var h = 0
        while h < Int(height.kernel) {
            let y =
                line &* Int(height.stride) &- Int(height.before) &+ h &* Int(height.dilation)
            if z >= 0 && z < Int(depth.input) && y >= 0 && y < Int(height.input) {
                body(
                    CoveredRow(
                        tap: (d &* Int(height.kernel) &+ h) &* Int(width.kernel), first: first,
                        end: end,
                        input: (z &* Int(height.input) &+ y) &* Int(width.input) &+ x))
            }
            h &+= 1
        }
        d &+= 1
    }
}

/// Calls `body` with the first one and the number of up to sixteen neighbouring channels. Not
/// `forEachBlock`: with a body of its own for whole blocks these kernels are twice as long.
@inline(__always)
private func forEachPart(_ channels: Int64, _ body: (_ first: Int, _ count: Int) -> Void) {
    var first = 0
    while first < Int(channels) {
        body(first, min(16, Int(channels) &- first))
        first &+= 16
    }
}

@c @implementation
public func snnk_depthwise(
    _ window: UnsafePointer<snnk_window>, _ x: UnsafePointer<Float>,
    _ kernel: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ first: Int64,
    _ count: Int64, _ bias: UnsafePointer<Float>?, _ addend: UnsafePointer<Float>?,
    _ rectifier: UnsafePointer<snnk_rectifier>?
) {
    let channels = Int(window.pointee.channels)
    let dilation = Int(window.pointee.width.dilation)
    let rectify = rectifier.map { Rectifier($0.pointee) }
    var index = 0
    while index < Int(count) {
        forEachPart(window.pointee.taken) { channel, part in
            var sum = Vector(0)
            forEachRow(window, at: Int(first) &+ index) { row in
                var column = row.first
                while column < row.end {
                    let place = (row.input &+ column &* dilation) &* channels &+ channel
                    let tap = (row.tap &+ column) &* channels &+ channel
                    sum = snnv_madd(
                        Vector(at: x + place, count: part), Vector(at: kernel + tap, count: part),
                        sum)
                    column &+= 1
                }
            }
            if let bias { sum += Vector(at: bias + channel, count: part) }
            let target = index &* channels &+ channel
            if let addend { sum += Vector(at: addend + target, count: part) }
            if let rectify { sum = rectify(sum) }
            sum.store(at: y + target, count: part)
        }
        index &+= 1
    }
}

@c @implementation
public func snnk_depthwise_gradients(
    _ window: UnsafePointer<snnk_window>, _ x: UnsafePointer<Float>?,
    _ kernel: UnsafePointer<Float>?, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>?, _ dKernel: UnsafeMutablePointer<Float>?
) {
    let channels = Int(window.pointee.channels)
    let axes = (window.pointee.depth, window.pointee.height, window.pointee.width)
    let places = Int(axes.0.output &* axes.1.output &* axes.2.output)
    let dilation = Int(axes.2.dilation)
    var index = 0
    while index < places {
        forEachPart(window.pointee.taken) { channel, part in
            let slope = Vector(at: dy + (index &* channels &+ channel), count: part)
            forEachRow(window, at: index) { row in
                var column = row.first
                while column < row.end {
                    let place = (row.input &+ column &* dilation) &* channels &+ channel
                    let tap = (row.tap &+ column) &* channels &+ channel
                    if let dx, let kernel {
                        addProduct(slope, kernel + tap, to: dx + place, part)
                    }
                    if let dKernel, let x {
                        addProduct(slope, x + place, to: dKernel + tap, part)
                    }
                    column &+= 1
                }
            }
        }
        index &+= 1
    }
}

@inline(__always)
private func addProduct(
    _ a: Vector, _ b: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, _ count: Int
) {
    snnv_madd(a, Vector(at: b, count: count), Vector(at: sum, count: count))
        .store(at: sum, count: count)
}
