import SNNCore
import SNNKernels

/// Copies numbers between two layouts of the rows of a batch: number (i, j, ...) of a row, counted
/// along `axes`, is where their strides say on either side. It transposes, pads, crops and repeats; a
/// number of the target that several come to gets their sum (in double, in a fixed order), and one
/// that none comes to is 0. So the gradient of any copy is its mirror.
///
/// Immutable; a run takes no memory.
package final class StridedCopy: JobRunner {
    /// Extents, and floats from one place along the axis to the next in the source and in the target.
    /// Plain lists: those of a type of their own would be a kilobyte of the library.
    package struct Axes: Sendable {
        var extents: [Int] = []
        var from: [Int] = []
        var to: [Int] = []

        package init() {}

        @inline(never)
        package mutating func append(_ extent: Int, from: Int, to: Int) {
            extents.append(extent)
            self.from.append(from)
            self.to.append(to)
        }

        /// Those along which the target moves, as they lie in it, or those along which it does not,
        /// as they lie in the source: writes, and reads, are then near each other. Without axes of
        /// one place, and neighbours made one where they are one to both sides.
        func joined(moving: Bool) -> Axes {
            var joined = Axes()
            let strides = moving ? to : from
            var bound = Int.max
            while true {
                var next = -1
                for axis in 0 ..< extents.count
                where extents[axis] > 1 && (to[axis] != 0) == moving && strides[axis] < bound {
                    if next < 0 || strides[axis] > strides[next] { next = axis }
                }
                guard next >= 0 else { return joined }
                bound = strides[next]
                joined.join(extents[next], from: from[next], to: to[next])
            }
        }

        private mutating func join(_ extent: Int, from inner: Int, to target: Int) {
            let last = extents.count - 1
            guard last >= 0, from[last] == inner * extent, to[last] == target * extent else {
                append(extent, from: inner, to: target)
                return
            }
            extents[last] *= extent
            from[last] = inner
            to[last] = target
        }

        var count: Int {
            var count = 1
            for extent in extents { count *= extent }
            return count
        }
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

    private struct Axis: Sendable {
        var extent = 1
        var from = 1
        var to = 1
    }

    private let axes: Axes
    private let source: Side
    private let target: Side
    /// The target's, outermost first; the last two of them also apart.
    private let kept: Axes
    private let outerCount: Int
    private let second: Axis
    private let last: Axis
    /// Sums run over them.
    private let summed: Axes
    /// Vectors along `last` in a row.
    private let vectors: Int
    private let terms: Int
    private let coversTarget: Bool
    /// Whether both sides hold the same numbers in the same order.
    package let isIdentity: Bool

    package init(_ axes: Axes, from source: Side, to target: Side) {
        self.axes = axes
        self.source = source
        self.target = target
        kept = axes.joined(moving: true)
        summed = axes.joined(moving: false)
        terms = summed.count
        coversTarget = kept.count == target.count
        let rank = kept.extents.count
        last = StridedCopy.axis(rank - 1, of: kept)
        second = StridedCopy.axis(rank - 2, of: kept)
        outerCount = max(rank - 2, 0)
        vectors = kept.count / last.extent
        isIdentity =
            coversTarget && source.count == target.count && terms == 1 && rank <= 1
            && last.from == 1
    }

    /// The copy back.
    package var mirrored: StridedCopy {
        var back = axes
        back.from = axes.to
        back.to = axes.from
        return StridedCopy(back, from: target, to: source)
    }

    private static func axis(_ index: Int, of axes: Axes) -> Axis {
        guard index >= 0 else { return Axis() }
        return Axis(extent: axes.extents[index], from: axes.from[index], to: axes.to[index])
    }

    /// y = the rows of x, copied: those of the batch, or as many as are said.
    package func run(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ context: OperationContext,
        rows: Int? = nil
    ) {
        let rows = rows ?? context.rows
        if !coversTarget {
            context.run(self, 1, x, y, count: rows &* target.count, cost: 1, granule: 16)
        }
        context.run(self, 0, x, y, count: rows &* vectors, cost: 2 &* last.extent &* terms)
    }

    package func run(_ job: Job, _ start: Int, _ count: Int) {
        let kernels = job.context.kernels
        if job.phase == 1 {
            kernels.pointee.fill(job.y + start, Int64(count), 0)
        } else {
            run(job.x, job.y, start, start &+ count, kernels)
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
            var axis = outerCount &- 1
            while axis >= 0 {
                let index = rest % kept.extents[axis]
                rest /= kept.extents[axis]
                from &+= index &* kept.from[axis]
                to &+= index &* kept.to[axis]
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
            var axis = summed.extents.count &- 1
            while axis >= 0 {
                from &+= rest % summed.extents[axis] &* summed.from[axis]
                rest /= summed.extents[axis]
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
