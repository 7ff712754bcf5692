import CKernels
import CVector

/// Every line of places is made up in y itself, cell by cell: what the window covers next is then
/// read as it lies in memory.
@c @implementation
public func snnk_pool(
    _ window: UnsafePointer<snnk_window>, _ x: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, _ winners: UnsafeMutablePointer<Float>?,
    _ picksLargest: Int32, _ first: Int64, _ count: Int64
) {
    let (w, channels) = (window.pointee, Int(window.pointee.channels))
    var number = Int(first)
    while number < Int(first &+ count) {
        let line = Line(number, depth: w.depth.output, height: w.height.output)
        let x = x + line.sample &* w.inputCells &* channels
        let (depths, heights) = (w.depth.inputs(of: line.depth), w.height.inputs(of: line.height))
        var place = 0
        while place < Int(w.width.output) {
            let widths = w.width.inputs(of: place)
            let offset = (number &* Int(w.width.output) &+ place) &* channels
            let y = y + offset
            let winners = winners.map { $0 + offset }
            var isFirst = true
            w.forEachInput(depths, heights, widths) { cell in
                let x = x + cell &* channels
                if isFirst {
                    snnk_copy_rows(x, 0, y, 0, 1, w.channels)
                    if let winners { snnk_fill(winners, w.channels, asBits(cell)) }
                    isFirst = false
                } else if picksLargest == 0 {
                    snnk_add(y, x, y, w.channels)
                } else if let winners {
                    pickLarger(x, y, winners, w.channels, cell)
                } else {
                    map(y, x, y, w.channels) { most, x in
                        select(isLarger(x, most), x, most)
                    }
                }
            }
            if picksLargest == 0 {
                let cells = depths.count &* heights.count &* widths.count
                snnk_scale(y, y, w.channels, 1 / Float(cells))
            }
            place &+= 1
        }
        number &+= 1
    }
}

/// A NaN is larger than all numbers; of equals the first stays.
@inline(__always)
private func isLarger(_ x: Vector, _ most: Vector) -> Mask {
    (x .> most) .| (x .!= x)
}

@inline(__always)
private func pickLarger(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    _ winners: UnsafeMutablePointer<Float>, _ channels: Int64, _ cell: Int
) {
    let winner = Vector(asBits(cell))
    forEachBlock(channels) { block in
        let (candidate, most) = (block.load(x), block.load(y))
        let wins = isLarger(candidate, most)
        block.store(select(wins, candidate, most), y)
        block.store(select(wins, winner, block.load(winners)), winners)
    }
}

/// Gathered, not scattered: what a place of dx gets does not depend on how the lines are shared.
@c @implementation
public func snnk_pool_gradient(
    _ window: UnsafePointer<snnk_window>, _ dy: UnsafePointer<Float>,
    _ winners: UnsafePointer<Float>?, _ dx: UnsafeMutablePointer<Float>, _ first: Int64,
    _ count: Int64
) {
    let (w, channels) = (window.pointee, Int(window.pointee.channels))
    var number = Int(first)
    while number < Int(first &+ count) {
        let line = Line(number, depth: w.depth.input, height: w.height.input)
        let (depths, heights) = (w.depth.outputs(of: line.depth), w.height.outputs(of: line.height))
        let firstCell = (line.depth &* Int(w.height.input) &+ line.height) &* Int(w.width.input)
        var widths = Reach(first: 0, end: 0)
        var place = 0
        while place < Int(w.width.input) {
            w.width.move(&widths, to: place)
            let dx = dx + (number &* Int(w.width.input) &+ place) &* channels
            let cell = asBits(firstCell &+ place)
            snnk_fill(dx, w.channels, 0)
            w.forEachOutput(line.sample, depths, heights, widths) { output, cells in
                let dy = dy + output &* channels
                if let winners {
                    takeWon(dy, winners + output &* channels, dx, w.channels, cell)
                } else {
                    let share = Vector(1 / Float(cells))
                    map(dy, dx, dx, w.channels) { dy, sum in snnv_madd(dy, share, sum) }
                }
            }
            place &+= 1
        }
        number &+= 1
    }
}

@inline(__always)
private func takeWon(
    _ dy: UnsafePointer<Float>, _ winners: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ channels: Int64, _ cell: Float
) {
    let cell = unsafeBitCast(Vector(cell), to: IntegerVector.self)
    map(dy, winners, UnsafePointer(dx), dx, channels) { dy, winner, sum in
        sum + select(unsafeBitCast(winner, to: IntegerVector.self) .== cell, dy, Vector(0))
    }
}

/// The number of a place as a winner is stored.
@inline(__always)
private func asBits(_ cell: Int) -> Float {
    Float(bitPattern: UInt32(truncatingIfNeeded: cell))
}

/// Where a line is, by its number.
private struct Line {
    let sample: Int
    let depth: Int
    let height: Int

    @inline(__always)
    init(_ number: Int, depth depths: Int64, height heights: Int64) {
        let plane = Int(snnv_quotient(Int64(number), heights))
        height = number &- plane &* Int(heights)
        sample = Int(snnv_quotient(Int64(plane), depths))
        depth = plane &- sample &* Int(depths)
    }
}

/// Places first ..< end along an axis.
private struct Reach {
    var first: Int
    var end: Int

    @inline(__always)
    var count: Int { end &- first }
}

extension snnk_window_axis {
    /// The inputs that place `place` of the output covers.
    @inline(__always)
    fileprivate func inputs(of place: Int) -> Reach {
        let start = place &* Int(stride) &- Int(before)
        let end = start &+ Int(kernel)
        return Reach(
            first: start > 0 ? start : 0, end: end < Int(input) ? end : Int(input))
    }

    /// The places of the output that cover place `place` of the input.
    @inline(__always)
    fileprivate func outputs(of place: Int) -> Reach {
        let padded = Int64(place) &+ before
        let end = Int(snnv_quotient(padded, stride)) &+ 1
        let first = padded < kernel ? 0 : Int(snnv_quotient(padded &- kernel, stride)) &+ 1
        return Reach(first: first, end: end < Int(output) ? end : Int(output))
    }

    /// Moves `outputs(of:)` of a place to a later one.
    @inline(__always)
    fileprivate func move(_ reach: inout Reach, to place: Int) {
        let padded = place &+ Int(before)
        while reach.end < Int(output), reach.end &* Int(stride) <= padded { reach.end &+= 1 }
        while reach.first &* Int(stride) &+ Int(kernel) <= padded { reach.first &+= 1 }
    }
}

extension snnk_window {
    @inline(__always)
    fileprivate var inputCells: Int { Int(depth.input) &* Int(height.input) &* Int(width.input) }

    /// Runs `body` for the number of each cell of a sample, row-major.
    @inline(__always)
    fileprivate func forEachInput(
        _ depths: Reach, _ heights: Reach, _ widths: Reach, _ body: (Int) -> Void
    ) {
        var d = depths.first
        while d < depths.end {
            var h = heights.first
            while h < heights.end {
                let row = (d &* Int(height.input) &+ h) &* Int(width.input)
                var w = widths.first
                while w < widths.end {
                    body(row &+ w)
                    w &+= 1
                }
                h &+= 1
            }
            d &+= 1
        }
    }

    /// Runs `body` for the number of each place of y and the number of inputs that it covers.
    @inline(__always)
    fileprivate func forEachOutput(
        _ sample: Int, _ depths: Reach, _ heights: Reach, _ widths: Reach,
        _ body: (_ place: Int, _ inputs: Int) -> Void
    ) {
        var d = depths.first
        while d < depths.end {
            let plane = sample &* Int(depth.output) &+ d
            var h = heights.first
            while h < heights.end {
                let row = (plane &* Int(height.output) &+ h) &* Int(width.output)
                let inputs = depth.inputs(of: d).count &* height.inputs(of: h).count
                var w = widths.first
                while w < widths.end {
                    body(row &+ w, inputs &* width.inputs(of: w).count)
                    w &+= 1
                }
                h &+= 1
            }
            d &+= 1
        }
    }
}
