import SNNCore
import SNNKernels

/// Copies numbers between two layouts of the rows of a batch: number (i, j, ...) of a row, counted
/// along `axes`, is where their strides say on either side. It transposes, pads, crops and repeats; a
/// number of the target that several come to gets their sum (in double, in a fixed order), and one
/// that none comes to is 0. So the gradient of any copy is its mirror.
///
/// Immutable; a run takes no memory.
package final class StridedCopy: Sendable {
    package struct Axis: Sendable {
        let extent: Int
        /// Floats from one place along the axis to the next, in the source and in the target.
        let from: Int
        let to: Int

        package init(_ extent: Int, from: Int, to: Int) {
            self.extent = extent
            self.from = from
            self.to = to
        }

        var mirrored: Axis { Axis(extent, from: to, to: from) }
    }

    /// Floats in a row, and where in it the first number is.
    package struct Side: Sendable {
        let count: Int
        let offset: Int

        package init(_ count: Int, offset: Int = 0) {
            self.count = count
            self.offset = offset
        }
    }

    private let axes: [Axis]
    private let source: Side
    private let target: Side
    /// Those along which the target moves, as they lie in it, without the last two.
    private let outer: [Axis]
    private let second: Axis
    private let last: Axis
    /// Those along which it does not: sums run over them.
    private let summed: [Axis]
    /// Vectors along `last` in a row.
    private let vectors: Int
    private let terms: Int
    private let coversTarget: Bool
    /// Whether both sides hold the same numbers in the same order.
    package let isIdentity: Bool

    package init(_ axes: [Axis], from source: Side, to target: Side) {
        self.axes = axes
        self.source = source
        self.target = target
        // As each is found in the target, for the writes to be near each other.
        var kept = StridedCopy.joined(axes.filter { $0.to != 0 }.sorted { $0.to > $1.to })
        summed = StridedCopy.joined(axes.filter { $0.to == 0 })
        terms = summed.reduce(1) { $0 * $1.extent }
        let count = kept.reduce(1) { $0 * $1.extent }
        coversTarget = count == target.count
        let one = Axis(1, from: 1, to: 1)
        isIdentity =
            coversTarget && source.count == target.count && terms == 1 && kept.count <= 1
            && kept.allSatisfy { $0.from == 1 }
        last = kept.popLast() ?? one
        second = kept.popLast() ?? one
        outer = kept
        vectors = count / last.extent
    }

    /// The copy back.
    package var mirrored: StridedCopy {
        StridedCopy(axes.map { $0.mirrored }, from: target, to: source)
    }

    /// Without axes of one place, and neighbours made one where they are one to both sides.
    private static func joined(_ axes: [Axis]) -> [Axis] {
        var joined: [Axis] = []
        for axis in axes where axis.extent > 1 {
            if let before = joined.last, before.from == axis.from * axis.extent,
                before.to == axis.to * axis.extent
            {
                joined[joined.count - 1] = Axis(
                    before.extent * axis.extent, from: axis.from, to: axis.to)
            } else {
                joined.append(axis)
            }
        }
        return joined
    }

    /// y = the rows of x, copied.
    package func run(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        if !coversTarget {
            context.workers.split(
                context.rows &* target.count, cost: 1, granule: 16, with: (context.kernels, y)
            ) { work, start, count in
                let (kernels, y) = work
                kernels.pointee.fill(y + start, Int64(count), 0)
            }
        }
        context.workers.split(
            context.rows &* vectors, cost: 2 &* last.extent &* terms,
            with: (self, context.kernels, x, y)
        ) { work, start, count in
            let (copy, kernels, x, y) = work
            copy.run(x, y, start, start &+ count, kernels)
        }
    }

    private func run(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ start: Int, _ end: Int,
        _ kernels: UnsafePointer<KernelTable>
    ) {
        var vector = start
        while vector < end {
            var rest = vector
            let place = rest % second.extent
            rest /= second.extent
            var from = source.offset &+ place &* second.from
            var to = target.offset &+ place &* second.to
            var axis = outer.count &- 1
            while axis >= 0 {
                let index = rest % outer[axis].extent
                rest /= outer[axis].extent
                from &+= index &* outer[axis].from
                to &+= index &* outer[axis].to
                axis &-= 1
            }
            let count = min(end &- vector, second.extent &- place)
            let x = x + (rest &* source.count &+ from)
            let y = y + (rest &* target.count &+ to)
            vector &+= copy(x, y, vectors: count, kernels)
        }
    }

    /// Some vectors along `second`, at most so many; gives how many.
    private func copy(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, vectors count: Int,
        _ kernels: UnsafePointer<KernelTable>
    ) -> Int {
        if terms > 1 {
            addUp(x, y)
            return 1
        }
        if last.from == 1, last.to == 1 {
            kernels.pointee.copy_rows(
                x, Int64(second.from), y, Int64(second.to), Int64(count), Int64(last.extent))
            return count
        }
        // A transposition reads along `second`: so many vectors that what is read and what is
        // written stays in the cache.
        let count = min(count, 16)
        var j = 0
        while j < last.extent {
            let (from, to) = (x + j &* last.from, y + j &* last.to)
            var i = 0
            while i < count {
                to[i &* second.to] = from[i &* second.from]
                i &+= 1
            }
            j &+= 1
        }
        return count
    }

    /// One vector of sums, in stretches of numbers that are added up side by side.
    private func addUp(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
        let stretch = 64
        withUnsafeTemporaryAllocation(of: Double.self, capacity: stretch) { sums in
            guard let sums = sums.baseAddress else { return }
            var first = 0
            while first < last.extent {
                let count = min(stretch, last.extent &- first)
                sums.update(repeating: 0, count: count)
                addTerms(x + first &* last.from, sums, count)
                let y = y + first &* last.to
                var index = 0
                while index < count {
                    y[index &* last.to] = Float(sums[index])
                    index &+= 1
                }
                first &+= count
            }
        }
    }

    private func addTerms(
        _ x: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Double>, _ count: Int
    ) {
        var term = 0
        while term < terms {
            var rest = term
            var from = 0
            var axis = summed.count &- 1
            while axis >= 0 {
                from &+= rest % summed[axis].extent &* summed[axis].from
                rest /= summed[axis].extent
                axis &-= 1
            }
            let x = x + from
            var index = 0
            while index < count {
                sums[index] += Double(x[index &* last.from])
                index &+= 1
            }
            term &+= 1
        }
    }
}
