import CKernels
import CVector

/// The way b is cut: into panels of `width` columns and the rest. A packed panel holds its row of
/// each p together, a rest padded with zeros to sixteen or to `width`; the panel of column j begins
/// at j * k.
enum Panels {
    #if SNNK_REGISTERS_32X512
        typealias Columns = PairOfLanes<WholeLanes, PartLanes>
        /// For a few rows: enough chains that none waits for the other.
        typealias Wide = PairOfPanels<PairOfPanels<PairOfLanes<WholeLanes, WholeLanes>>>
        static var wideRows: Int { 3 }
    #elseif SNNK_REGISTERS_16X256
        typealias Columns = WholeLanes
        typealias Wide = PairOfPanels<PairOfPanels<Columns>>
        static var wideRows: Int { 1 }
    #else
        typealias Columns = WholeLanes
        typealias Wide = PairOfPanels<Columns>
        static var wideRows: Int { 1 }
    #endif

    static var width: Int {
        @inline(__always) get { Columns.width }
    }
}

/// b as a product reads it: rows p, columns j.
struct PanelSource {
    let b: UnsafePointer<Float>
    let rowStride: Int
    let columnStride: Int

    /// Rows `first` ..< `first` + `depth` of the panel of `columns` columns from `column`, packed
    /// with `width` floats a row.
    @inline(never)
    func pack(
        column: Int, columns: Int, width: Int, first: Int, depth: Int,
        into panel: UnsafeMutablePointer<Float>
    ) {
        let start = b + (first &* rowStride &+ column &* columnStride)
        var block = 0
        while block < columns {
            let count = min(16, columns &- block)
            let from = start + block &* columnStride
            if columnStride == 1 {
                copyRows(from, count, depth, panel + block, width)
            } else {
                gatherRows(from, count, depth, panel + block, width)
            }
            block &+= 16
        }
    }

    @inline(__always)
    private func copyRows(
        _ from: UnsafePointer<Float>, _ count: Int, _ depth: Int,
        _ panel: UnsafeMutablePointer<Float>, _ width: Int
    ) {
        var p = 0
        while p < depth {
            let row = from + p &* rowStride
            let vector = count == 16 ? Vector(at: row) : Vector(at: row, count: count)
            vector.store(at: panel + p &* width)
            p &+= 1
        }
    }

    @inline(__always)
    private func gatherRows(
        _ from: UnsafePointer<Float>, _ count: Int, _ depth: Int,
        _ panel: UnsafeMutablePointer<Float>, _ width: Int
    ) {
        var p = 0
        if rowStride == 1 && count == 16 {
            while p &+ 16 <= depth {
                snnv_transpose(
                    from + p, Int64(columnStride), panel + p &* width, Int64(width))
                p &+= 16
            }
        }
        while p < depth {
            let row = from + p &* rowStride
            snnv_gather_first(row, Int64(columnStride), Int64(count), 0)
                .store(at: panel + p &* width)
            p &+= 1
        }
    }
}

/// Calls `body` with the first column, the number of columns and the packed width of every panel
/// from column `first` on.
@inline(__always)
func forEachPanel(_ n: Int, from first: Int, _ body: (_ column: Int, _ columns: Int, _ width: Int) -> Void) {
    var column = first
    while column < n {
        let columns = min(n &- column, Panels.width)
        body(column, columns, columns > 16 ? Panels.width : 16)
        column &+= columns
    }
}

/// The whole of b, packed.
@c @implementation
public func snnk_pack_panels(
    _ k: Int64, _ n: Int64, _ b: UnsafePointer<Float>, _ bRowStride: Int64,
    _ bColumnStride: Int64, _ panels: UnsafeMutablePointer<Float>
) {
    let source = PanelSource(
        b: b, rowStride: Int(bRowStride), columnStride: Int(bColumnStride))
    let k = Int(k)
    forEachPanel(Int(n), from: 0) { column, columns, width in
        source.pack(
            column: column, columns: columns, width: width, first: 0, depth: k,
            into: panels + column &* k)
    }
}
