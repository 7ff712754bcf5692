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

@c @implementation
public func snnk_depthwise(
    _ window: UnsafePointer<snnk_window>, _ x: UnsafePointer<Float>,
    _ kernel: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ first: Int64,
    _ count: Int64, _ bias: UnsafePointer<Float>?, _ addend: UnsafePointer<Float>?,
    _ rectifier: UnsafePointer<snnk_rectifier>?
) {
    let channels = Int(window.pointee.channels)
    let dilation = Int(window.pointee.width.dilation)
    // Not an optional one, which is copied by a function that is not the set's.
    let rectify = Rectifier(rectifier?.pointee ?? snnk_rectifier())
    var index = 0
    while index < Int(count) {
        forEachBlockAlike(window.pointee.taken) { block in
            var sum = Vector(0)
            forEachRow(window, at: Int(first) &+ index) { row in
                var column = row.first
                while column < row.end {
                    let place = (row.input &+ column &* dilation) &* channels
                    let tap = (row.tap &+ column) &* channels
                    sum = snnv_madd(
                        block.load(x + place), block.load(kernel + tap), sum)
                    column &+= 1
                }
            }
            if let bias { sum += block.load(bias) }
            let target = index &* channels
            if let addend { sum += block.load(addend + target) }
            if rectifier != nil { sum = rectify(sum) }
            block.store(sum, y + target)
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
        forEachBlockAlike(window.pointee.taken) { block in
            let slope = block.load(dy + index &* channels)
            forEachRow(window, at: index) { row in
                var column = row.first
                while column < row.end {
                    let place = (row.input &+ column &* dilation) &* channels
                    let tap = (row.tap &+ column) &* channels
                    if let dx, let kernel {
                        addProduct(slope, kernel + tap, to: dx + place, block)
                    }
                    if let dKernel, let x {
                        addProduct(slope, x + place, to: dKernel + tap, block)
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
    _ a: Vector, _ b: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, _ block: Block
) {
    block.store(snnv_madd(a, block.load(b), block.load(sum)), sum)
}
