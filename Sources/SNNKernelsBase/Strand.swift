import CVector

/// What sixteen lanes walk along an axis of x [outer, length, inner]. With inner = 1 the lanes take
/// sixteen neighbours of one row at a time and are folded at the end, lane i with i + 8, then
/// i + 4, i + 2 and i + 1; otherwise each lane walks along the axis for a position of its own.
struct Strand {
    /// The first number, and the distance of one step to the next.
    let offset: Int
    let stride: Int
    let steps: Int
    /// How many lanes are in use, in the last step and before.
    let lanes: Int
    let lastLanes: Int
    let isRow: Bool

    /// The strand over a row of `width` neighbours.
    @inline(__always)
    init(row offset: Int, width: Int) {
        self.offset = offset
        stride = 16
        steps = (width &+ 15) >> 4
        lanes = 16
        lastLanes = width &- ((steps &- 1) << 4)
        isRow = true
    }

    /// The strand over `lanes` neighbouring columns.
    @inline(__always)
    init(columns offset: Int, lanes: Int, length: Int, inner: Int) {
        self.offset = offset
        stride = inner
        steps = length
        self.lanes = lanes
        lastLanes = lanes
        isRow = false
    }

    @inline(__always)
    private func laneCount(_ step: Int) -> Int {
        step == steps &- 1 ? lastLanes : lanes
    }

    @inline(__always)
    func load(_ x: UnsafePointer<Float>, _ step: Int, padding: Float = 0) -> Vector {
        let pointer = x + (offset &+ step &* stride)
        let count = laneCount(step)
        return count == 16
            ? Vector(at: pointer) : Vector(at: pointer, count: count, padding: padding)
    }

    @inline(__always)
    func store(_ vector: Vector, _ y: UnsafeMutablePointer<Float>, _ step: Int) {
        let pointer = y + (offset &+ step &* stride)
        let count = laneCount(step)
        if count == 16 {
            vector.store(at: pointer)
        } else {
            vector.store(at: pointer, count: count)
        }
    }

    /// The vector with 0 in the lanes that are not in use.
    @inline(__always)
    func keep(_ vector: Vector, _ step: Int) -> Vector {
        let lane = IntegerVector(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
        let count = Int32(truncatingIfNeeded: laneCount(step))
        return select(lane .< IntegerVector(repeating: count), vector, Vector(0))
    }

    /// The sum along the axis in every lane, from the lanes' own sums.
    @inline(__always)
    func sum(_ lanes: Vector) -> Vector {
        isRow ? Vector(lanes.folded) : lanes
    }

    /// The same for the maximum. NaN is passed over.
    @inline(__always)
    func maximum(_ lanes: Vector) -> Vector {
        isRow ? Vector(lanes.foldedMaximum) : lanes
    }

    /// Runs `body` for each step.
    @inline(__always)
    func forEachStep(_ body: (Int) -> Void) {
        var step = 0
        while step < steps {
            body(step)
            step &+= 1
        }
    }
}

extension Vector {
    @inline(__always)
    var folded: Float { snnv_fold_sum(self) }

    @inline(__always)
    var foldedMaximum: Float { snnv_fold_largest(self) }
}

/// Runs `body` for every strand of [outer, length, inner].
@inline(__always)
func forEachStrand(_ outer: Int64, _ length: Int64, _ inner: Int64, _ body: (Strand) -> Void) {
    let (outer, length, inner) = (Int(outer), Int(length), Int(inner))
    var o = 0
    while o < outer {
        var first = 0
        while first < inner {
            let offset = o &* length &* inner &+ first
            let rest = inner &- first
            body(
                inner == 1
                    ? Strand(row: offset, width: length)
                    : Strand(
                        columns: offset, lanes: rest < 16 ? rest : 16, length: length,
                        inner: inner))
            first &+= 16
        }
        o &+= 1
    }
}
