import SNNGraph
import SNNCore

/// Constants that are broadcast to each row of a batch, as a period that its numbers repeat: one for
/// each number of the last axes, or, where other axes share them, for each number of a row.
struct Period: Sendable {
    /// Of the constants.
    let small: Shape
    /// Numbers of a row.
    private let count: Int
    /// nil where the constants are a period as they stand.
    let copy: StridedCopy?
    private let length: Int
    /// How many periods are laid behind each other, so that vectors are not short.
    private let times: Int

    /// - Parameter small: with an extent of 1 for each axis of `shape` that shares constants.
    init(_ small: Shape, in shape: Shape) {
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
    var floats: Int { length * times }

    /// Numbers that share one constant, where they are columns.
    var outer: Int { count / length }

    /// Lays constants out for `split`.
    func lay(
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

    /// Calls `body` for stretches of the batch's numbers that begin where a period does, none longer
    /// than `floats`.
    @inline(__always)
    func split<Work>(
        _ context: OperationContext, with work: Work,
        _ body: @escaping (_ work: Work, _ start: Int, _ count: Int) -> Void
    ) {
        let total = context.rows &* count
        let floats = length &* times
        context.workers.split(
            (total &+ floats &- 1) / floats, cost: 4 &* floats, with: (work, body, total, floats)
        ) { arguments, first, count in
            let (work, body, total, floats) = arguments
            var index = first
            while index < first &+ count {
                let start = index &* floats
                body(work, start, min(floats, total &- start))
                index &+= 1
            }
        }
    }
}
