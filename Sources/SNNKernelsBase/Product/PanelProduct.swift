import CKernels

/// Products of neighbouring rows of a with one panel of b, over some of the depth. The chain of
/// multiply-adds of an element may be cut between two of these; nothing is rounded in between.
struct PanelProduct {
    // In an order that keeps loads of the one and stores of the other apart; see snnk_product.
    let aRowStride: Int
    let a: UnsafePointer<Float>
    let depth: Int
    let aColumnStride: Int
    let b: UnsafePointer<Float>
    let bRowStride: Int
    /// See `Lanes`.
    let panelStride: Int
    /// Columns, where the lanes' width does not say.
    let columns: Int
    /// Where the sums are kept between the pieces of the depth.
    let sums: Sums
    /// Whether `sums` holds the chain so far, else it begins at +0.
    let continues: Bool
    /// Whether `sums` holds the sum of the chunk before, to be added.
    let meets: Bool
    /// What becomes of the sums at the end of the depth, nil before.
    let finish: UnsafePointer<Finish>?

    struct Sums {
        var pointer: UnsafeMutablePointer<Float>
        let rowStride: Int
    }

    /// Where c's panel is, and what is done to the sums on the way there.
    struct Finish {
        var bias: UnsafePointer<Float>?
        /// In c.
        var sums: Sums
        var addend: UnsafePointer<Float>?
        /// For the rectifier.
        let product: UnsafePointer<snnk_product>

        /// To the panel of `column`, in the rows from `row`.
        @inline(__always)
        mutating func move(to row: Int, _ column: Int) {
            let place = row &* sums.rowStride &+ column
            sums.pointer = product.pointee.c + place
            bias = product.pointee.bias.map { $0 + column }
            addend = product.pointee.addend.map { $0 + place }
        }
    }
}

extension UnsafePointer<PanelProduct> {
    /// The first `rows` rows, in tiles as tall as the registers allow and one for the rest. Rows'
    /// bits do not depend on the tile that they fall in.
    ///
    /// Of AVX-512's 32 registers 12 rows of a pair of vectors take 24, a row of b two more and the
    /// numbers of a the others; of AVX2's 16, where a vector is two registers, 6 rows take 12.
    @inline(__always)
    func run<Columns: Lanes>(_: Columns.Type, rows: Int) {
        var row = 0
        #if SNNK_REGISTERS_32X512
            while row &+ 12 <= rows { run(Rows12<Columns>.self, &row) }
            // Two tiles for the rest where one of its own would be 3 KB: 8 + 3, 6 + 4, 6 + 3, 4 + 3.
            switch rows &- row {
            case 11, 8: run(Rows8<Columns>.self, &row)
            case 10, 9, 6: run(Rows6<Columns>.self, &row)
            case 7: run(Rows4<Columns>.self, &row)
            default: break
            }
        #elseif SNNK_REGISTERS_16X256
            while row &+ 6 <= rows { run(Rows6<Columns>.self, &row) }
        #endif
        #if SNNK_REGISTERS_32X512 || SNNK_REGISTERS_16X256
            switch rows &- row {
            case 5: run(Rows5<Columns>.self, &row)
            case 4: run(Rows4<Columns>.self, &row)
            case 3: run(Rows3<Columns>.self, &row)
            default: break
            }
        #endif
        while row &+ 2 <= rows { run(Rows2<Columns>.self, &row) }
        if row < rows { run(Row<Columns>.self, &row) }
    }

    /// `rows` (at most `Panels.wideRows`) rows with several panels.
    @inline(__always)
    func runWide(rows: Int) {
        #if SNNK_REGISTERS_32X512
            switch rows {
            case 3: PanelProduct.tile(Rows3<Panels.Wide>.self, self, 0)
            case 2: PanelProduct.tile(Rows2<Panels.Wide>.self, self, 0)
            default: PanelProduct.tile(Row<Panels.Wide>.self, self, 0)
            }
        #else
            PanelProduct.tile(Row<Panels.Wide>.self, self, 0)
        #endif
    }

    @inline(__always)
    private func run<T: Tile>(_: T.Type, _ row: inout Int) {
        PanelProduct.tile(T.self, self, row)
        row &+= T.rows
    }
}

extension PanelProduct {
    /// One tile, its first row at `row`.
    @inline(never)
    static func tile<T: Tile>(_: T.Type, _ work: UnsafePointer<PanelProduct>, _ row: Int) {
        let (count, width) = (work.pointee.columns, T.Columns.width)
        var (place, stride) = (work.pointee.sums.pointer, work.pointee.sums.rowStride)
        place += row &* stride
        var tile = work.pointee.continues ? T(at: place, rowStride: stride, count: count) : T()

        // With masks for whole vectors too, 64 x 512 x 784 took 225 instead of 197 us, and with those
        // for the stores alone 1024^3 took 9.1 instead of 8.5 ms.
        if T.Columns.isWhole(count) {
            tile.sum(work, row, columns: width)
        } else {
            tile.sum(work, row, columns: count)
        }

        if work.pointee.meets { tile.add(T(at: place, rowStride: stride, count: count)) }
        if let finish = work.pointee.finish {
            (place, stride) = (finish.pointee.sums.pointer, finish.pointee.sums.rowStride)
            place += row &* stride
            tile.finish(finish, row &* stride, columns: count)
        }
        if T.Columns.isWhole(count) {
            tile.store(at: place, rowStride: stride, count: width)
        } else {
            tile.store(at: place, rowStride: stride, count: count)
        }
    }
}

extension Tile {
    /// Adds the products of the rows from `row` and a panel's columns.
    @inline(__always)
    fileprivate mutating func sum(
        _ work: UnsafePointer<PanelProduct>, _ row: Int, columns: Int
    ) {
        let (bStep, panelStride) = (work.pointee.bRowStride, work.pointee.panelStride)
        let (aStride, aStep) = (work.pointee.aRowStride, work.pointee.aColumnStride)
        var a = work.pointee.a + row &* aStride
        var b = work.pointee.b
        var left = work.pointee.depth
        while left > 0 {
            let bRow = Columns(at: b, count: columns, panelStride: panelStride)
            multiplyAdd(a, rowStride: aStride, bRow)
            a += aStep
            b += bStep
            left &-= 1
        }
    }

    /// What comes after the sum, for the rows that begin `place` numbers after the first one's.
    @inline(__always)
    fileprivate mutating func finish(
        _ finish: UnsafePointer<PanelProduct.Finish>, _ place: Int, columns: Int
    ) {
        // Only where it is given: adding 0 would turn -0 into 0.
        if let bias = finish.pointee.bias { add(Columns(at: bias, count: columns)) }
        if let addend = finish.pointee.addend {
            let stride = finish.pointee.sums.rowStride
            add(Self(at: addend + place, rowStride: stride, count: columns))
        }
        if finish.pointee.product.pointee.rectifies != 0 {
            rectify(Rectifier(finish.pointee.product.pointee.rectifier))
        }
    }
}
