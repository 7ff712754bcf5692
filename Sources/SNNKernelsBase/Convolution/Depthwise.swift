import CKernels
import CVector

/// Where a window stands, and which of its columns fall into the input.
private struct WindowPlace {
    let window: UnsafePointer<snnk_window>
    /// The input's plane, line and column under the window's first ones.
    let plane: Int
    let line: Int
    let column: Int
    let firstColumn: Int
    let endColumn: Int

    @inline(__always)
    init(_ window: UnsafePointer<snnk_window>, _ index: Int) {
        self.window = window
        let (depth, height, width) = (
            window.pointee.depth, window.pointee.height, window.pointee.width
        )
        let (row, column) = divided(index, by: width.output)
        let (plane, line) = divided(row, by: height.output)
        self.plane = plane &* Int(depth.stride) &- Int(depth.before)
        self.line = line &* Int(height.stride) &- Int(height.before)
        self.column = column &* Int(width.stride) &- Int(width.before)
        // The first and the last column with 0 <= x + column * dilation < width.
        let up = Int(width.dilation) &- 1
        firstColumn =
            self.column >= 0 ? 0 : divided(up &- self.column, by: width.dilation).quotient
        let fitting = divided(
            max(Int(width.input) &- self.column, 0) &+ up, by: width.dilation
        ).quotient
        endColumn = min(Int(width.kernel), fitting)
    }

    /// Calls `body` for each tap that falls into the input, with where it falls: numbers of places.
    @inline(__always)
    func forEachTap(_ body: (_ tap: Int, _ place: Int) -> Void) {
        let (depth, height, width) = (
            window.pointee.depth, window.pointee.height, window.pointee.width
        )
        var d = 0
        while d < Int(depth.kernel) {
            let z = plane &+ d &* Int(depth.dilation)
            var h = 0
            while h < Int(height.kernel) {
                let y = line &+ h &* Int(height.dilation)
                if z >= 0 && z < Int(depth.input) && y >= 0 && y < Int(height.input) {
                    let tap = (d &* Int(height.kernel) &+ h) &* Int(width.kernel)
                    let place = (z &* Int(height.input) &+ y) &* Int(width.input) &+ column
                    var w = firstColumn
                    while w < endColumn {
                        body(tap &+ w, place &+ w &* Int(width.dilation))
                        w &+= 1
                    }
                }
                h &+= 1
            }
            d &+= 1
        }
    }
}

@c @implementation
public func snnk_depthwise(
    _ window: UnsafePointer<snnk_window>, _ x: UnsafePointer<Float>,
    _ kernel: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ first: Int64,
    _ count: Int64, _ bias: UnsafePointer<Float>?, _ addend: UnsafePointer<Float>?,
    _ rectifier: UnsafePointer<snnk_rectifier>?
) {
    let (channels, taken) = (Int(window.pointee.channels), Int(window.pointee.taken))
    // Not an optional one, which is copied by a function that is not the set's.
    let rectify = Rectifier(rectifier?.pointee ?? snnk_rectifier())
    var index = 0
    while index < Int(count) {
        let place = WindowPlace(window, Int(first) &+ index)
        let target = index &* channels
        let finish = { (sum: Vector, block: Block) in
            var sum = sum
            if let bias { sum += block.load(bias) }
            if let addend { sum += block.load(addend + target) }
            if rectifier != nil { sum = rectify(sum) }
            block.store(sum, y + target)
        }
        var channel = 0
        // Four vectors at once: one alone would wait for each of its multiply-adds.
        while channel &+ 64 <= taken {
            let (x, kernel) = (x + channel, kernel + channel)
            var sums = Four { _ in Vector(0) }
            place.forEachTap { tap, place in
                let (numbers, factors) = (x + place &* channels, kernel + tap &* channels)
                sums = sums.map { part, sum in
                    snnv_madd(
                        Vector(at: numbers + 16 &* part), Vector(at: factors + 16 &* part), sum)
                }
            }
            sums.forEach { part, sum in
                finish(sum, Block(first: channel &+ 16 &* part, count: 16, isWhole: false))
            }
            channel &+= 64
        }
        forEachBlockAlike(from: channel, Int64(taken)) { block in
            var sum = Vector(0)
            place.forEachTap { tap, place in
                sum = snnv_madd(
                    block.load(x + place &* channels), block.load(kernel + tap &* channels), sum)
            }
            finish(sum, block)
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
    var index = 0
    while index < places {
        let place = WindowPlace(window, index)
        forEachBlockAlike(window.pointee.taken) { block in
            let slope = block.load(dy + index &* channels)
            place.forEachTap { tap, place in
                if let dx, let kernel {
                    addProduct(slope, kernel + tap &* channels, to: dx + place &* channels, block)
                }
                if let dKernel, let x {
                    addProduct(slope, x + place &* channels, to: dKernel + tap &* channels, block)
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
