import SNNCore
import SNNGraph

/// Constants that are broadcast to each row of a batch, as a period that its numbers repeat: one for
/// each number of the last axes, or, where other axes share them, for each number of a row.
package struct Period: Sendable {
    /// Of the constants.
    package let small: Shape
    /// Numbers of a row.
    private let count: Int
    /// nil where the constants are a period as they stand.
    package let copy: StridedCopy?
    private let length: Int
    /// How many periods are laid behind each other, so that vectors are not short.
    private let times: Int

    /// - Parameter small: with an extent of 1 for each axis of `shape` that shares constants.
    package init(_ small: Shape, in shape: Shape) {
        self.small = small
        count = shape.count
        var trailing = 1
        for axis in (0 ..< shape.rank).reversed() where small.count > trailing {
            trailing *= shape[axis]
        }
        let isTrailing = (0 ..< shape.rank).allSatisfy {
            small[$0] == (shape.count(ofAxes: $0 ..< shape.rank) <= trailing ? shape[$0] : 1)
        }
        copy = isTrailing ? nil : .broadcast(small, to: shape)
        length = isTrailing ? small.count : shape.count
        times = max(256 / length, 1)
    }

    /// Floats that `lay` writes.
    package var floats: Int { length * times }

    /// Numbers that share one constant, where they are columns.
    package var outer: Int { count / length }

    /// Lays constants out for `split`.
    package func lay(
        _ constants: UnsafePointer<Float>, into period: UnsafeMutablePointer<Float>,
        _ context: OperationContext
    ) {
        if let copy {
            copy.run(constants, period, context, rows: 1)
        } else {
            period.update(from: constants, count: length)
        }
        var time = 1
        while time < times {
            (period + time &* length).update(from: period, count: length)
            time &+= 1
        }
    }

    /// Runs a job over the batch's numbers, whose pieces are stretches that begin where a period
    /// does: see `stretches`.
    package func run(
        _ runner: any JobRunner, _ phase: Int, _ x: UnsafePointer<Float>,
        _ y: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        context.run(
            runner, phase, x, y, count: (context.rows &* count &+ floats &- 1) / floats,
            cost: 4 &* floats)
    }

    /// Where the numbers of a job's pieces are: each as long as what `lay` wrote, or shorter.
    @inline(__always)
    package func stretches(
        _ job: Job, _ start: Int, _ count: Int, _ body: (_ first: Int, _ count: Int) -> Void
    ) {
        for index in start ..< start &+ count {
            let first = index &* floats
            body(first, min(floats, job.context.rows &* self.count &- first))
        }
    }
}
