import CKernels

/// c = rectifier(a b + bias + addend), see snnk_product; the order of summation is the one of
/// SNNKernelList.h.
///
/// Panel by panel of b, and for each the rows of a in tiles that stay in registers over the depth.
/// A panel is read where it lies or as it was packed before; where many rows share it, or its
/// columns are no neighbours, it is packed on the way and stays in the second cache. a is read where
/// it lies: packing blocks of 240 rows of it made 1024^3 a tenth slower on AVX-512. (On AVX2 it
/// would pay for a transposed a whose rows lie 4 KB apart.)
@c @implementation
public func snnk_matrix_product(_ product: UnsafePointer<snnk_product>) {
    if SmallProduct.fits(product) { return SmallProduct.run(product) }
    #if !SNNK_REGISTERS_16X128
        // What it gains on a set that few processors need is not worth 10 KB.
        let narrow = NarrowProduct(product)
        if narrow.pays { return narrow.run() }
    #endif
    ProductOperands(product).run()
}

/// The pieces of k that are summed in sequence.
struct Chunks {
    let k: Int
    let count: Int
    let length: Int

    @inline(__always)
    init(k: Int) {
        self.k = k
        let wanted = (k &+ Int(SNNK_PRODUCT_CHUNK) &- 1) / Int(SNNK_PRODUCT_CHUNK)
        count = max(1, min(Int(SNNK_PRODUCT_CHUNKS), wanted))
        length = count == 1 ? k : (((k &+ count &- 1) / count) &+ 15) & ~15
    }
}

/// A product's operands, and how they are walked.
struct ProductOperands {
    private let pointer: UnsafePointer<snnk_product>
    private var product: snnk_product { @inline(__always) get { pointer.pointee } }
    private var m: Int { @inline(__always) get { Int(product.m) } }
    private var n: Int { @inline(__always) get { Int(product.n) } }
    private var k: Int { @inline(__always) get { Int(product.k) } }

    @inline(__always)
    init(_ pointer: UnsafePointer<snnk_product>) {
        self.pointer = pointer
    }

    /// Whether b is packed on the way: always where its columns are no neighbours, and where it
    /// pays: packing costs about what 5 rows do and saves a twentieth of the rest, but rows that lie
    /// 4 KB apart take turns in the same few lines of the cache, which costs up to half.
    @inline(__always)
    private var packsPanels: Bool {
        guard product.bPanels == nil else { return false }
        if product.bColumnStride != 1 { return true }
        return m >= 24 && (m >= 192 || product.bRowStride & 1023 == 0)
    }

    // MARK: The ways through a product

    @inline(__always)
    func run() {
        let chunks = Chunks(k: k).count
        // Of two chunks c keeps the first one's sum, of which nothing may be left to be read there.
        if chunks > 2 || chunks == 2 && product.addend != nil {
            runDeep()
        } else if chunks == 2 || isLarge {
            runGroups()
        } else {
            runOneChunk()
        }
    }

    @inline(__always)
    private func runOneChunk() {
        let isWide =
            1 <= m && m <= Panels.wideRows && n >= Panels.Wide.width && !packsPanels
        let first = isWide ? runWide() : 0
        withFinish(0, first) { finish in
            forEachPanel(n, from: first) { column, columns, width in
                finish.pointee.move(to: 0, column)
                let panel = panel(column, columns, width, first: 0, depth: k)
                var work = work(
                    0, panel, columns, first: 0, depth: k, sums: finish.pointee.sums,
                    finish: finish)
                run(&work, rows: m)
            }
        }
    }

    /// One or two chunks, of which c keeps the first one's sum: all of the first, then all of the
    /// second, so that b's pages are half as many at a time.
    ///
    /// Where a outgrows the last cache, a tile's rows of it meet several panels before the next ones
    /// come from memory: 8192 x 512 x 2048 went from 200 to 235 GFLOP/s. 2048^3, whose a stays in
    /// the cache, is as fast without.
    @inline(never)
    private func runGroups() {
        let chunks = Chunks(k: k)
        let width = isLarge ? Int(SNNK_PRODUCT_GROUP) &* Panels.width : Panels.width
        var chunk = 0
        while chunk < chunks.count {
            let first = chunk &* chunks.length
            var column = 0
            while column < n {
                runGroup(
                    column, min(width, n &- column), first: first,
                    depth: min(chunks.length, k &- first), height: isLarge ? 12 : m)
                column &+= width
            }
            chunk &+= 1
        }
    }

    /// One chunk of the depth, `height` rows after the other. (Ranges would check their ends.)
    private func runGroup(
        _ start: Int, _ count: Int, first: Int, depth: Int, height: Int
    ) {
        var row = 0
        while row < m {
            withFinish(row, start) { finish in
                forEachPanel(start &+ count, from: start) { column, columns, width in
                    finish.pointee.move(to: row, column)
                    let panel = panel(
                        column, columns, width, first: first, depth: depth,
                        place: column &- start, isPacked: row > 0)
                    var work = work(
                        row, panel, columns, first: first, depth: depth,
                        sums: finish.pointee.sums, meets: first > 0,
                        finish: first &+ depth == k ? finish : nil)
                    run(&work, rows: min(height, m &- row))
                }
            }
            row &+= height
        }
    }

    /// Several chunks: their sums are kept apart from c.
    @inline(never)
    private func runDeep() {
        var row = 0
        while row < m {
            let rows = min(Int(SNNK_PRODUCT_DEEP_ROWS), m &- row)
            forEachPanel(n, from: 0) { column, columns, width in
                let sums = sums(rows: row, rows, columns: column, columns, width)
                let panel = Panel(pointer: product.b, rowStride: 0, panelStride: 0)
                withFinish(row, column) { finish in
                    var work = work(
                        row, panel, columns, first: 0, depth: 0, sums: sums, continues: true,
                        finish: finish)
                    run(&work, rows: rows)
                }
            }
            row &+= rows
        }
    }

    /// The sums over all of the depth of some rows and a panel, in the workspace; at most as many
    /// rows as snnk_product_workspace has room for.
    func sums(
        rows row: Int, _ rows: Int, columns column: Int, _ columns: Int, _ width: Int
    ) -> PanelProduct.Sums {
        let chunks = Chunks(k: k)
        let sums = PanelProduct.Sums(pointer: running, rowStride: width)
        var chunk = 0
        while chunk < chunks.count {
            let first = chunk &* chunks.length
            sumChunk(
                row, rows, column, columns, width, first: first,
                depth: min(chunks.length, k &- first), sums)
            meet(chunk, of: chunks.count, rows &* width)
            chunk &+= 1
        }
        return sums
    }

    /// Whether a outgrows the last cache; where the workspace has room for a group of panels.
    private var isLarge: Bool {
        @inline(__always) get {
            m &* k > 1 << 22 && k > Int(SNNK_PRODUCT_PACKED_DEPTH) / 2
        }
    }

    // MARK: Steps of the above

    /// Several panels at once for a few rows, whose few chains would wait for each other. Gives the
    /// column after them.
    @inline(never)
    private func runWide() -> Int {
        var column = 0
        while column &+ Panels.Wide.width <= n {
            let panel = panel(column, Panels.width, Panels.width, first: 0, depth: k)
            withFinish(0, column) { finish in
                var work = work(
                    0, panel, Panels.Wide.width, first: 0, depth: k, sums: finish.pointee.sums,
                    finish: finish)
                withUnsafePointer(to: &work) { $0.runWide(rows: m) }
            }
            column &+= Panels.Wide.width
        }
        return column
    }

    /// The sum of a chunk over a panel, in pieces as deep as are packed at once.
    private func sumChunk(
        _ row: Int, _ rows: Int, _ column: Int, _ columns: Int, _ width: Int, first: Int,
        depth: Int, _ sums: PanelProduct.Sums
    ) {
        var done = 0
        repeat {
            let piece = min(Int(SNNK_PRODUCT_PACKED_DEPTH), depth &- done)
            let panel = panel(column, columns, width, first: first &+ done, depth: piece)
            var work = work(
                row, panel, columns, first: first &+ done, depth: piece, sums: sums,
                continues: done > 0, finish: nil)
            run(&work, rows: rows)
            done &+= piece
        } while done < depth
    }

    /// Chunks' sums meet as the bits of a binary counter do: level l holds the sum of 2^l chunks
    /// while bit l is set. The last chunk's meets them all.
    private func meet(_ chunk: Int, of chunks: Int, _ count: Int) {
        let isLast = chunk == chunks &- 1
        var bit = 0
        while chunk >> bit != 0 {
            let isSet = chunk >> bit & 1 == 1
            if !isSet && !isLast { break }
            if isSet {
                map(level(bit), running, running, Int64(count)) { kept, sum in kept + sum }
            }
            bit &+= 1
        }
        if !isLast { map(running, level(bit), Int64(count)) { $0 } }
    }

    // MARK: The workspace: packed panels, the sums of the running chunk, four levels of sums

    private var packedPanels: UnsafeMutablePointer<Float> { product.workspace }

    private var running: UnsafeMutablePointer<Float> {
        product.workspace + Int(snnk_product_packed(Int64(k)))
    }

    private func level(_ index: Int) -> UnsafeMutablePointer<Float> {
        running + 32 &* (index &+ 1) &* Int(SNNK_PRODUCT_DEEP_ROWS)
    }

    // MARK: Pieces of the operands

    private struct Panel {
        let pointer: UnsafePointer<Float>
        let rowStride: Int
        let panelStride: Int
    }

    /// Rows `first` ..< `first` + `depth` of a panel: where it lies, as it was packed before, or
    /// packed now, at column `place` of the workspace, unless it is there.
    @inline(__always)
    private func panel(
        _ column: Int, _ columns: Int, _ width: Int, first: Int, depth: Int,
        place: Int = 0, isPacked: Bool = false
    ) -> Panel {
        if let panels = product.bPanels {
            return Panel(
                pointer: panels + (column &* k &+ first &* width), rowStride: width,
                panelStride: Panels.width &* k)
        }
        let source = PanelSource(
            b: product.b, rowStride: Int(product.bRowStride),
            columnStride: Int(product.bColumnStride))
        if packsPanels {
            let packed = packedPanels + place &* depth
            if !isPacked {
                source.pack(
                    column: column, columns: columns, width: width, first: first, depth: depth,
                    into: packed)
            }
            return Panel(pointer: packed, rowStride: width, panelStride: Panels.width)
        }
        return Panel(
            pointer: product.b + (column &+ first &* source.rowStride),
            rowStride: source.rowStride, panelStride: Panels.width)
    }

    @inline(__always)
    private func work(
        _ row: Int, _ panel: Panel, _ columns: Int, first: Int, depth: Int,
        sums: PanelProduct.Sums, continues: Bool = false, meets: Bool = false,
        finish: UnsafeMutablePointer<PanelProduct.Finish>?
    ) -> PanelProduct {
        let (rowStride, columnStride) = (Int(product.aRowStride), Int(product.aColumnStride))
        return PanelProduct(
            aRowStride: rowStride, a: product.a + (row &* rowStride &+ first &* columnStride),
            depth: depth, aColumnStride: columnStride, b: panel.pointer,
            bRowStride: panel.rowStride, panelStride: panel.panelStride, columns: columns,
            sums: sums, continues: continues, meets: meets, finish: finish.map { UnsafePointer($0) })
    }

    @inline(__always)
    private func withFinish(
        _ row: Int, _ column: Int, _ body: (UnsafeMutablePointer<PanelProduct.Finish>) -> Void
    ) {
        let place = row &* Int(product.cRowStride) &+ column
        var finish = PanelProduct.Finish(
            bias: product.bias.map { $0 + column },
            sums: PanelProduct.Sums(
                pointer: product.c + place, rowStride: Int(product.cRowStride)),
            addend: product.addend.map { $0 + place },
            product: pointer)
        withUnsafeMutablePointer(to: &finish) { body($0) }
    }

    private func run(_ work: inout PanelProduct, rows: Int) {
        withUnsafePointer(to: &work) { work in
            let columns = work.pointee.columns
            // A panel may end in part, where it is more than a vector.
            if columns > 16 || columns == Panels.width {
                work.run(Panels.Columns.self, rows: rows)
            } else {
                work.run(PartLanes.self, rows: rows)
            }
        }
    }
}
