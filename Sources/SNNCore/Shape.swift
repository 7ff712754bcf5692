/// The extents of a tensor, outermost first, usually without the batch.
///
/// A shape that exists is sound: at most `maximumRank` extents, each at least 1, whose product is
/// at most `maximumCount`; arithmetic on it cannot overflow.
public struct Shape: Equatable, Sendable {
    public static let maximumRank = 8
    /// So that the byte counts of whole batches stay far from the limits of Int.
    public static let maximumCount = 1 << 40

    public let extents: [Int]
    /// The product of the extents; 1 for a scalar.
    public let count: Int

    public init(_ extents: [Int]) throws(SNNError) {
        guard extents.count <= Shape.maximumRank else {
            throw SNNError(
                .shape, "expected at most \(Shape.maximumRank) axes, received \(extents.count)")
        }
        var count = 1
        for extent in extents {
            guard extent >= 1 else {
                throw SNNError(
                    .shape, "expected extents of at least 1, received \(Shape.text(of: extents))")
            }
            let (product, overflows) = count.multipliedReportingOverflow(by: extent)
            guard !overflows, product <= Shape.maximumCount else {
                throw SNNError(
                    .limit,
                    "shape \(Shape.text(of: extents)) holds more than \(Shape.maximumCount) numbers")
            }
            count = product
        }
        self.extents = extents
        self.count = count
    }

    package static let scalar = Shape(trusted: [], count: 1)

    private init(trusted extents: [Int], count: Int) {
        self.extents = extents
        self.count = count
    }

    public var rank: Int { extents.count }

    /// The innermost extent (channels); 1 for a scalar.
    public var last: Int { extents.last ?? 1 }

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
