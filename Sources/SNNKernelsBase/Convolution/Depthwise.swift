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
    let (row, column) = (index / Int(width.output), index % Int(width.output))
    let (plane, line) = (row / Int(height.output), row % Int(height.output))
    let x = column &* Int(width.stride) &- Int(width.before)
    let dilation = Int(width.dilation)
    // The first and the last column with 0 <= x + column * dilation < width.
    let first = x >= 0 ? 0 : (dilation &- 1 &- x) / dilation
    let fitting = (Int(width.input) &- x &+ dilation &- 1) / dilation
    let end = min(Int(width.kernel), max(fitting, 0))
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
    _ count: Int64, _ bias: UnsafePointer<Float>?, _ rectifier: UnsafePointer<snnk_rectifier>?
) {
    let channels = Int(window.pointee.channels)
    let dilation = Int(window.pointee.width.dilation)
    let rectify = rectifier.map { Rectifier($0.pointee) }
    var index = 0
    while index < Int(count) {
        forEachBlock(window.pointee.taken) { block in
            var sum = Vector(0)
            forEachRow(window, at: Int(first) &+ index) { row in
                var column = row.first
                while column < row.end {
                    let place = row.input &+ column &* dilation
                    sum = snnv_madd(
                        block.load(x + place &* channels),
                        block.load(kernel + (row.tap &+ column) &* channels), sum)
                    column &+= 1
                }
            }
            if let bias { sum += block.load(bias) }
            if let rectify { sum = rectify(sum) }
            block.store(sum, y + index &* channels)
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
        forEachBlock(window.pointee.taken) { block in
            let slope = block.load(dy + index &* channels)
            forEachRow(window, at: index) { row in
                var column = row.first
                while column < row.end {
                    let place = (row.input &+ column &* dilation) &* channels
                    let tap = (row.tap &+ column) &* channels
                    if let dx, let kernel {
                        let sum = snnv_madd(
                            slope, block.load(kernel + tap), block.load(dx + place))
                        block.store(sum, dx + place)
                    }
                    if let dKernel, let x {
                        let sum = snnv_madd(
                            slope, block.load(x + place), block.load(dKernel + tap))
                        block.store(sum, dKernel + tap)
                    }
                    column &+= 1
                }
            }
        }
        index &+= 1
    }
}
