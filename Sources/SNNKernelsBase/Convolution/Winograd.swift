import CKernels
import CVector

// Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks": F(4x4, 3x3), here with the
// points 0, a, -a, b, -b and infinity for a = sqrt(1/2) and b = sqrt(2), which lose 2.7 times less than
// their 1 and 2 do (of a sum over 64 channels 1.6e-5, root mean square, instead of 4.4e-5). Each of the
// five maps is a matrix from both sides, S x S^T; `sandwich` applies it to the rows, then to the
// columns, sixteen channels at a time: there are always a multiple of sixteen.

private let near: Float = 0.707_106_78
private let far: Float = 1.414_213_6

/// B^T: six numbers of the input to six frequencies.
@inline(__always)
private func inputFrequencies(_ d: Six) -> Six {
    let nearEven = snnv_madd(d.c, Vector(-2), d.e)
    let nearOdd = snnv_madd(d.b, Vector(-2), d.d)
    let farEven = snnv_madd(d.c, Vector(-0.5), d.e)
    let farOdd = snnv_madd(d.b, Vector(-0.5), d.d)
    return Six(
        a: d.a + snnv_madd(d.c, Vector(-2.5), d.e),
        b: snnv_madd(nearOdd, Vector(near), nearEven),
        c: snnv_madd(nearOdd, Vector(-near), nearEven),
        d: snnv_madd(farOdd, Vector(far), farEven),
        e: snnv_madd(farOdd, Vector(-far), farEven),
        f: d.b + snnv_madd(d.d, Vector(-2.5), d.f))
}

/// A^T: six frequencies to four numbers of the output.
@inline(__always)
private func outputs(_ m: Six) -> Four {
    let (nearEven, farEven) = (m.b + m.c, m.d + m.e)
    let (nearOdd, farOdd) = (m.b - m.c, m.d - m.e)
    return Four(
        a: m.a + nearEven + farEven,
        b: snnv_madd(farOdd, Vector(far), nearOdd * near),
        c: snnv_madd(farEven, Vector(2), nearEven * 0.5),
        d: snnv_madd(farOdd, Vector(2 * far), snnv_madd(nearOdd, Vector(0.5 * near), m.f)))
}

/// A.
@inline(__always)
private func outputFrequencies(_ y: Four) -> Six {
    let nearEven = snnv_madd(y.c, Vector(0.5), y.a)
    let nearOdd = snnv_madd(y.d, Vector(0.5), y.b)
    let farEven = snnv_madd(y.c, Vector(2), y.a)
    let farOdd = snnv_madd(y.d, Vector(2), y.b)
    return Six(
        a: y.a,
        b: snnv_madd(nearOdd, Vector(near), nearEven),
        c: snnv_madd(nearOdd, Vector(-near), nearEven),
        d: snnv_madd(farOdd, Vector(far), farEven),
        e: snnv_madd(farOdd, Vector(-far), farEven), f: y.d)
}

/// G: three taps to six frequencies.
@inline(__always)
private func kernelFrequencies(_ g: Three) -> Six {
    let nearEven = snnv_madd(g.c, Vector(-1.0 / 3), g.a * (-2.0 / 3))
    let farEven = snnv_madd(g.c, Vector(1.0 / 3), g.a * (1.0 / 6))
    return Six(
        a: g.a,
        b: snnv_madd(g.b, Vector(near * -2 / 3), nearEven),
        c: snnv_madd(g.b, Vector(near * 2 / 3), nearEven),
        d: snnv_madd(g.b, Vector(far / 6), farEven),
        e: snnv_madd(g.b, Vector(-far / 6), farEven), f: g.c)
}

/// G^T.
@inline(__always)
private func taps(_ u: Six) -> Three {
    let (nearEven, farEven) = (u.b + u.c, u.d + u.e)
    let (nearOdd, farOdd) = (u.b - u.c, u.d - u.e)
    return Three(
        a: snnv_madd(farEven, Vector(1.0 / 6), snnv_madd(nearEven, Vector(-2.0 / 3), u.a)),
        b: snnv_madd(farOdd, Vector(far / 6), nearOdd * (near * -2 / 3)),
        c: snnv_madd(farEven, Vector(1.0 / 3), snnv_madd(nearEven, Vector(-1.0 / 3), u.f)))
}

/// S x S^T for the map `map` of S: `load` and `store` take row and column. The loops stay loops,
/// else this is 30 KB of code.
@inline(__always)
private func sandwich<In: VectorRow, Out: VectorRow>(
    _ scratch: UnsafeMutablePointer<Float>, _ map: (In) -> Out, load: (Int, Int) -> Vector,
    store: (Int, Int, Vector) -> Void
) {
    let (rows, columns) = (
        Int(snnv_unknown(Int64(In.count))), Int(snnv_unknown(Int64(Out.count)))
    )
    var row = 0
    while row < rows {
        map(In { load(row, $0) }).forEach {
            $1.store(at: scratch + 16 &* (row &* Out.count &+ $0))
        }
        row &+= 1
    }
    var column = 0
    while column < columns {
        map(In { Vector(at: scratch + 16 &* ($0 &* Out.count &+ column)) })
            .forEach { store($0, column, $1) }
        column &+= 1
    }
}

/// Room on the stack, which is not taken anew for each tile.
@inline(__always)
private func withScratch(_ body: (UnsafeMutablePointer<Float>) -> Void) {
    var square = snnv_square()
    withUnsafeMutablePointer(to: &square) { square in
        let numbers = UnsafeMutableRawPointer(square)
        let past = Int(bitPattern: numbers) & 63
        body((numbers + (64 &- past)).assumingMemoryBound(to: Float.self))
    }
}

/// The rows and columns of a tile that the image has, from the tile's own first ones on.
private struct TilePlace {
    /// From the first tile on.
    let index: Int
    let top: Int
    let bottom: Int
    let left: Int
    let right: Int
    /// Where the tile's corner is, from the image's, which may be outside.
    let corner: Int

    @inline(__always)
    func forEachCell(_ body: (_ row: Int, _ column: Int) -> Void) {
        var row = top
        while row < bottom {
            var column = left
            while column < right {
                body(row, column)
                column &+= 1
            }
            row &+= 1
        }
    }
}

/// Calls `body` for tiles of `size` rows and columns.
@inline(__always)
private func forEachTile(
    _ tiles: UnsafePointer<snnk_tiles>, size: Int, _ first: Int64, _ count: Int64,
    _ body: (TilePlace) -> Void
) {
    let (height, width) = (Int(tiles.pointee.height), Int(tiles.pointee.width))
    var index = 0
    while index < Int(count) {
        let (row, column) = divided(Int(first) &+ index, by: tiles.pointee.across)
        let top = 4 &* row &- Int(tiles.pointee.top)
        let left = 4 &* column &- Int(tiles.pointee.left)
        body(
            TilePlace(
                index: index, top: max(0 &- top, 0), bottom: min(size, height &- top),
                left: max(0 &- left, 0), right: min(size, width &- left),
                corner: (top &* width &+ left) &* Int(tiles.pointee.channels)))
        index &+= 1
    }
}

/// v = S x S^T on tiles of In.count rows and columns.
@inline(__always)
private func analyse<In: VectorRow>(
    _ tiles: UnsafePointer<snnk_tiles>, _ x: UnsafePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, _ first: Int64, _ count: Int64, _ map: (In) -> Six
) {
    let (width, channels) = (Int(tiles.pointee.width), Int(tiles.pointee.channels))
    let (taken, stride) = (Int(tiles.pointee.taken), Int(tiles.pointee.stride))
    withScratch { scratch in
        withScratch { padded in
            forEachTile(tiles, size: In.count, first, count) { tile in
                let isWhole =
                    tile.top == 0 && tile.left == 0 && tile.bottom == In.count
                    && tile.right == In.count
                if !isWhole { snnk_fill(padded, Int64(16 &* In.count &* In.count), 0) }
                var channel = 0
                while channel < taken {
                    var rows = x + (tile.corner &+ channel)
                    var (rowStride, columnStride) = (width, channels)
                    if !isWhole {
                        tile.forEachCell { row, column in
                            Vector(at: rows + (row &* width &+ column) &* channels)
                                .store(at: padded + 16 &* (row &* In.count &+ column))
                        }
                        rows = UnsafePointer(padded)
                        (rowStride, columnStride) = (In.count, 16)
                    }
                    let place = v + (tile.index &* taken &+ channel)
                    sandwich(scratch, map) { row, column in
                        Vector(at: rows + (row &* rowStride &+ column) &* columnStride)
                    } store: { row, column, value in
                        value.store(at: place + (6 &* row &+ column) &* stride)
                    }
                    channel &+= 16
                }
            }
        }
    }
}

@c @implementation
public func snnk_winograd_input(
    _ tiles: UnsafePointer<snnk_tiles>, _ x: UnsafePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, _ first: Int64, _ count: Int64
) {
    analyse(tiles, x, v, first, count, inputFrequencies)
}

@c @implementation
public func snnk_winograd_output_gradient(
    _ tiles: UnsafePointer<snnk_tiles>, _ dy: UnsafePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, _ first: Int64, _ count: Int64
) {
    analyse(tiles, dy, v, first, count, outputFrequencies)
}

@c @implementation
public func snnk_winograd_output(
    _ tiles: UnsafePointer<snnk_tiles>, _ m: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, _ first: Int64, _ count: Int64,
    _ bias: UnsafePointer<Float>?, _ addend: UnsafePointer<Float>?,
    _ rectifier: UnsafePointer<snnk_rectifier>?
) {
    let (width, channels) = (Int(tiles.pointee.width), Int(tiles.pointee.channels))
    let (taken, stride) = (Int(tiles.pointee.taken), Int(tiles.pointee.stride))
    // Not an optional one, which is copied by a function that is not the set's.
    let rectify = Rectifier(rectifier?.pointee ?? snnk_rectifier())
    withScratch { scratch in
        withScratch { places in
            forEachTile(tiles, size: 4, first, count) { tile in
                var channel = 0
                while channel < taken {
                    let source = m + (tile.index &* taken &+ channel)
                    sandwich(scratch, outputs) { row, column in
                        Vector(at: source + (6 &* row &+ column) &* stride)
                    } store: { row, column, value in
                        value.store(at: places + 16 &* (4 &* row &+ column))
                    }
                    let shift = bias.map { Vector(at: $0 + channel) } ?? Vector(0)
                    let corner = tile.corner &+ channel
                    tile.forEachCell { row, column in
                        let place = corner &+ (row &* width &+ column) &* channels
                        var value = Vector(at: places + 16 &* (4 &* row &+ column)) + shift
                        if let addend { value += Vector(at: addend + place) }
                        if rectifier != nil { value = rectify(value) }
                        value.store(at: y + place)
                    }
                    channel &+= 16
                }
            }
        }
    }
}

@c @implementation
public func snnk_winograd_kernel(
    _ g: UnsafePointer<Float>, _ tapStride: Int64, _ u: UnsafeMutablePointer<Float>,
    _ stride: Int64, _ count: Int64
) {
    forEachVector(count) { place, scratch in
        sandwich(scratch, kernelFrequencies) { row, column in
            Vector(at: g + (place &+ (3 &* row &+ column) &* Int(tapStride)))
        } store: { row, column, value in
            value.store(at: u + (place &+ (6 &* row &+ column) &* Int(stride)))
        }
    }
}

@c @implementation
public func snnk_winograd_kernel_gradient(
    _ du: UnsafePointer<Float>, _ dg: UnsafeMutablePointer<Float>, _ stride: Int64, _ count: Int64
) {
    forEachVector(count) { place, scratch in
        sandwich(scratch, taps) { row, column in
            Vector(at: du + (place &+ (6 &* row &+ column) &* Int(stride)))
        } store: { row, column, value in
            value.store(at: dg + (place &+ (3 &* row &+ column) &* Int(stride)))
        }
    }
}

@inline(__always)
private func forEachVector(
    _ count: Int64, _ body: (_ place: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void
) {
    withScratch { scratch in
        var place = 0
        while place < Int(count) {
            body(place, scratch)
            place &+= 16
        }
    }
}
