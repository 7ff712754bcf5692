import CKernels
import CVector

/// Numbers that lie together in a patch, and those of them that the input has.
private struct PatchRun {
    /// Where it begins, from the first patch on.
    let place: Int
    let length: Int
    /// What lies outside of the input before the part that it has.
    let leading: Int
    /// Where that part begins in the input, and how long it is.
    let input: Int
    let count: Int
}

/// Quotient and rest of a by b, 0 <= a and 0 < b, without the checks that trap.
@inline(__always)
func divided(_ a: Int, by b: Int64) -> (quotient: Int, rest: Int) {
    let quotient = Int(snnv_quotient(Int64(a), b))
    return (quotient, a &- quotient &* Int(b))
}

/// Calls `body` for the runs of the patches first ..< first + count, upward.
@inline(__always)
private func forEachRun(
    _ window: UnsafePointer<snnk_window>, _ first: Int64, _ count: Int64,
    _ body: (PatchRun) -> Void
) {
    let (depth, height, width) = (
        window.pointee.depth, window.pointee.height, window.pointee.width
    )
    let (channels, taken) = (Int(window.pointee.channels), Int(window.pointee.taken))
    // With all channels and no gaps between columns, a row of the window is one run.
    let isJoined = taken == channels && width.dilation == 1
    let runs = isJoined ? 1 : Int(width.kernel)
    let columns = isJoined ? Int(width.kernel) : 1
    let length = columns &* taken
    var place = 0
    var index = Int(first)
    let end = index &+ Int(count)
    while index < end {
        let (row, column) = divided(index, by: width.output)
        let (plane, line) = divided(row, by: height.output)
        let d = plane &* Int(depth.stride) &- Int(depth.before)
        let h = line &* Int(height.stride) &- Int(height.before)
        let w = column &* Int(width.stride) &- Int(width.before)
        var tap = 0
        while tap < Int(depth.kernel) &* Int(height.kernel) {
            let (i, j) = divided(tap, by: height.kernel)
            let z = d &+ i &* Int(depth.dilation)
            let y = h &+ j &* Int(height.dilation)
            let isInside = z >= 0 && z < Int(depth.input) && y >= 0 && y < Int(height.input)
            let line = (z &* Int(height.input) &+ y) &* Int(width.input)
            var run = 0
            while run < runs {
                let x = w &+ run &* Int(width.dilation)
                let low = min(max(0 &- x, 0), columns)
                let high = isInside ? max(low, min(columns, Int(width.input) &- x)) : low
                body(
                    PatchRun(
                        place: place, length: length, leading: low &* taken,
                        input: (line &+ x &+ low) &* channels, count: (high &- low) &* taken))
                place &+= length
                run &+= 1
            }
            tap &+= 1
        }
        index &+= 1
    }
}

@c @implementation
public func snnk_gather_patches(
    _ window: UnsafePointer<snnk_window>, _ x: UnsafePointer<Float>,
    _ patches: UnsafeMutablePointer<Float>, _ first: Int64, _ count: Int64
) {
    forEachRun(window, first, count) { run in
        let patch = patches + run.place
        if run.count < run.length {
            forEachBlock(Int64(run.length)) { $0.store(Vector(0), patch) }
        }
        let part = patch + run.leading
        forEachBlock(Int64(run.count)) { $0.store($0.load(x + run.input), part) }
    }
}

@c @implementation
public func snnk_scatter_patches(
    _ window: UnsafePointer<snnk_window>, _ patches: UnsafePointer<Float>,
    _ x: UnsafeMutablePointer<Float>, _ first: Int64, _ count: Int64
) {
    forEachRun(window, first, count) { run in
        let part = patches + (run.place &+ run.leading)
        let place = x + run.input
        forEachBlock(Int64(run.count)) { $0.store($0.load(place) + $0.load(part), place) }
    }
}
