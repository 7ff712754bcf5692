/// The extents of a tensor, outermost first, usually without the batch.
///
/// A shape that exists is sound: at most `maximumRank` extents, each at least 1, whose product is
/// at most `maximumCount`; arithmetic on it cannot overflow.
public struct Shape: Equatable, Sendable {
    public static let maximumRank = 8
    /// So that the byte counts of whole batches stay far from the limits of Int.
    public static let maximumCount = 1 << 40

    /// Inside the value, so that making and comparing shapes takes no memory; 1 behind the rank.
    private let axes: InlineArray<8, Int>
    public let rank: Int
    /// The product of the extents; 1 for a scalar.
    public let count: Int

    public init(_ extents: [Int]) throws(SNNError) {
        try self.init(rank: extents.count) { extents[$0] }
    }

    /// - Parameter extent: gives each axis's extent.
    package init(rank: Int, extent: (Int) throws(SNNError) -> Int) throws(SNNError) {
        guard rank >= 0, rank <= Shape.maximumRank else {
            throw SNNError(
                .shape, "expected at most \(Shape.maximumRank) axes, received \(rank)")
        }
        var axes = InlineArray<8, Int>(repeating: 1)
        var count = 1
        for axis in 0..<rank {
            let size = try extent(axis)
            guard size >= 1 else {
                let extents = try Shape.extents(rank, extent)
                throw SNNError(
                    .shape, "expected extents of at least 1, received \(Shape.text(of: extents))")
            }
            let (product, overflows) = count.multipliedReportingOverflow(by: size)
            guard !overflows, product <= Shape.maximumCount else {
                let extents = try Shape.extents(rank, extent)
                throw SNNError(
                    .limit,
                    "shape \(Shape.text(of: extents)) holds more than \(Shape.maximumCount) numbers")
            }
            axes[axis] = size
            count = product
        }
        self.axes = axes
        self.rank = rank
        self.count = count
    }

    package static let scalar = Shape()

    private init() {
        axes = InlineArray(repeating: 1)
        rank = 0
        count = 1
    }

    /// For messages.
    private static func extents(
        _ rank: Int, _ extent: (Int) throws(SNNError) -> Int
    ) throws(SNNError) -> [Int] {
        var extents: [Int] = []
        for axis in 0..<rank { extents.append(try extent(axis)) }
        return extents
    }

    /// As an array of their own.
    public var extents: [Int] { (0..<rank).map { axes[$0] } }

    /// The extent of an axis; 1 for one that is not there.
    package subscript(_ axis: Int) -> Int { axis >= 0 && axis < rank ? axes[axis] : 1 }

    /// The product of some extents.
    package func count(ofAxes axes: Range<Int>) -> Int {
        var count = 1
        for axis in axes { count &*= self[axis] }
        return count
    }

    public static func == (left: Shape, right: Shape) -> Bool {
        left.rank == right.rank && left.agrees(with: right)
    }

    /// Equal but for trailing axes of extent 1.
    package func agrees(with other: Shape) -> Bool {
        for axis in 0..<Shape.maximumRank where axes[axis] != other.axes[axis] { return false }
        return true
    }

    /// The innermost extent (channels); 1 for a scalar.
    public var last: Int { self[rank - 1] }

    /// The product of all extents but the innermost.
    package var outerCount: Int { count / last }

    /// The shape with another innermost extent; a scalar becomes a vector.
    package func replacingLast(with extent: Int) throws(SNNError) -> Shape {
        try Shape(extents.dropLast() + [extent])
    }

    /// An axis from outside, counted from the end where negative, as an index into `extents`;
    /// nil when there is none.
    package func axis(_ axis: Int) -> Int? {
        guard axis >= -rank, axis < rank else { return nil }
        return axis < 0 ? axis + rank : axis
    }

    /// "(8, 8, 3)".
    public var text: String { Shape.text(of: extents) }

    /// "(None, 8, 8, 3)": with the batch, as Keras writes it.
    package var batchText: String {
        extents.isEmpty ? "(None,)" : extents.reduce("(None") { $0 + ", " + String($1) } + ")"
    }

    package static func text(of extents: [Int]) -> String {
        var text = "("
        for (index, extent) in extents.enumerated() {
            if index > 0 { text += ", " }
            text += String(extent)
        }
        return text + (extents.count == 1 ? ",)" : ")")
    }
}
