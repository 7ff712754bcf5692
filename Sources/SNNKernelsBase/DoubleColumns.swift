import CKernels
import CVector

/// Eight rows of a column of doubles.
private typealias EightRows = SIMD8<Double>

/// The same eight rows of four columns, or a sum for each of four columns.
private struct FourColumns {
    private var x0, x1, x2, x3: EightRows

    @inline(__always)
    init() {
        x0 = EightRows(repeating: 0)
        x1 = x0
        x2 = x0
        x3 = x0
    }

    @inline(__always)
    init(at pointer: UnsafePointer<Double>, stride: Int) {
        x0 = load(pointer)
        x1 = load(pointer + stride)
        x2 = load(pointer + 2 &* stride)
        x3 = load(pointer + 3 &* stride)
    }

    @inline(__always)
    func store(at pointer: UnsafeMutablePointer<Double>, stride: Int) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: x0, as: EightRows.self)
        UnsafeMutableRawPointer(pointer + stride).storeBytes(of: x1, as: EightRows.self)
        UnsafeMutableRawPointer(pointer + 2 &* stride).storeBytes(of: x2, as: EightRows.self)
        UnsafeMutableRawPointer(pointer + 3 &* stride).storeBytes(of: x3, as: EightRows.self)
    }

    /// self += a * b, for each column of b.
    @inline(__always)
    mutating func add(_ a: EightRows, times b: FourColumns) {
        x0 = snnv_madd_double(a, b.x0, x0)
        x1 = snnv_madd_double(a, b.x1, x1)
        x2 = snnv_madd_double(a, b.x2, x2)
        x3 = snnv_madd_double(a, b.x3, x3)
    }

    /// self -= a * w, w a number for each column.
    @inline(__always)
    mutating func subtract(_ a: EightRows, times w: UnsafePointer<Double>, stride: Int) {
        x0 = snnv_madd_double(a, EightRows(repeating: -w[0]), x0)
        x1 = snnv_madd_double(a, EightRows(repeating: -w[stride]), x1)
        x2 = snnv_madd_double(a, EightRows(repeating: -w[2 &* stride]), x2)
        x3 = snnv_madd_double(a, EightRows(repeating: -w[3 &* stride]), x3)
    }

    /// The sum over the rows, for each column.
    @inline(__always)
    func storeSums(at pointer: UnsafeMutablePointer<Double>, stride: Int) {
        pointer[0] = snnv_fold_double8(x0)
        pointer[stride] = snnv_fold_double8(x1)
        pointer[2 &* stride] = snnv_fold_double8(x2)
        pointer[3 &* stride] = snnv_fold_double8(x3)
    }
}

@inline(__always)
private func load(_ pointer: UnsafePointer<Double>) -> EightRows {
    UnsafeRawPointer(pointer).loadUnaligned(as: EightRows.self)
}

/// Whether eight sums of eight lanes have registers at once.
@inline(__always)
private var hasManyRegisters: Bool {
    #if SNNK_REGISTERS_32X512
    true
    #else
    false
    #endif
}

@c @implementation
public func snnk_column_products(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ c: UnsafeMutablePointer<Double>,
    _ m: Int64, _ n: Int64, _ rows: Int64, _ stride: Int64, _ cStride: Int64
) {
    let (m, n, rows) = (Int(m), Int(n), Int(rows))
    let (stride, cStride) = (Int(stride), Int(cStride))
    var j = 0
    while j < n {
        let b = b + j &* stride
        let c = c + j &* cStride
        var i = 0
        while hasManyRegisters, i &+ 2 <= m {
            let a = a + i &* stride
            var (upper, lower) = (FourColumns(), FourColumns())
            var r = 0
            while r < rows {
                let columns = FourColumns(at: b + r, stride: stride)
                upper.add(load(a + r), times: columns)
                lower.add(load(a + stride + r), times: columns)
                r &+= 8
            }
            upper.storeSums(at: c + i, stride: cStride)
            lower.storeSums(at: c + i + 1, stride: cStride)
            i &+= 2
        }
        while i < m {
            let a = a + i &* stride
            var sums = FourColumns()
            var r = 0
            while r < rows {
                sums.add(load(a + r), times: FourColumns(at: b + r, stride: stride))
                r &+= 8
            }
            sums.storeSums(at: c + i, stride: cStride)
            i &+= 1
        }
        j &+= 4
    }
}

@c @implementation
public func snnk_subtract_columns(
    _ a: UnsafePointer<Double>, _ w: UnsafePointer<Double>, _ b: UnsafeMutablePointer<Double>,
    _ m: Int64, _ n: Int64, _ rows: Int64, _ stride: Int64, _ wStride: Int64
) {
    let (m, n, rows) = (Int(m), Int(n), Int(rows))
    let (stride, wStride) = (Int(stride), Int(wStride))
    var j = 0
    while j < n {
        let b = b + j &* stride
        let w = w + j &* wStride
        var r = 0
        while hasManyRegisters, r < rows {
            var upper = FourColumns(at: b + r, stride: stride)
            var lower = FourColumns(at: b + r + 8, stride: stride)
            var i = 0
            while i < m {
                let a = a + i &* stride + r
                upper.subtract(load(a), times: w + i, stride: wStride)
                lower.subtract(load(a + 8), times: w + i, stride: wStride)
                i &+= 1
            }
            upper.store(at: b + r, stride: stride)
            lower.store(at: b + r + 8, stride: stride)
            r &+= 16
        }
        while r < rows {
            var columns = FourColumns(at: b + r, stride: stride)
            var i = 0
            while i < m {
                columns.subtract(load(a + i &* stride + r), times: w + i, stride: wStride)
                i &+= 1
            }
            columns.store(at: b + r, stride: stride)
            r &+= 8
        }
        j &+= 4
    }
}
