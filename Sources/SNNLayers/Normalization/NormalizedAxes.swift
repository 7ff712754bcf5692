import SNNCore
import SNNGraph

/// The axes that a normalization takes its statistics over: Keras's `axis`, one or several, the
/// batch being axis 0.
struct NormalizedAxes: Sendable {
    /// As they were given, but ascending.
    private let axes: [Int]

    init(_ options: inout Configuration) throws(SNNError) {
        let range = -Shape.maximumRank ... Shape.maximumRank
        let given = try options.integers(
            "axis", default: [-1], count: 1 ... Shape.maximumRank, in: range)
        // The library's sort would take as much code as all of this.
        axes = range.filter { given.contains($0) }
        guard axes.count == given.count else {
            throw options.failure("'axis' must name each axis once, received \(Shape.text(of: given))")
        }
    }

    /// See `Layer`: a list of several, instead of which Keras takes the last axis.
    var lostByKeras: [String] { axes.count > 1 ? ["axis"] : [] }

    var member: JSON.Member {
        let numbers = axes.map { JSON.integer(Int64($0)) }
        return .init("axis", numbers.count == 1 ? numbers[0] : .array(numbers))
    }

    /// The axes of a sample, ascending. Throws where the input does not have them.
    func resolved(in input: Shape) throws(SNNError) -> [Int] {
        let named = axes.compactMap { $0 == 0 ? nil : input.axis($0 > 0 ? $0 - 1 : $0) }
        let resolved = (0 ..< input.rank).filter { named.contains($0) }
        guard resolved.count == axes.count else {
            throw SNNError(
                .shape,
                "'axis' must be axes of input \(input.batchText) without the batch, each once, "
                    + "received \(member.value.shortText)")
        }
        return resolved
    }

    /// The number of values in a row of the normalization; throws where it is not over the last axes.
    func length(in input: Shape) throws(SNNError) -> Int {
        let resolved = try resolved(in: input)
        let first = input.rank - resolved.count
        guard resolved[0] == first else {
            throw SNNError(
                .unsupported,
                "'axis' must be the last ones of input \(input.batchText), received "
                    + member.value.shortText)
        }
        return input.count(ofAxes: first ..< input.rank)
    }

    /// The shape of Keras's variables: the extents in the order in which the axes were sorted, which
    /// for negative ones beside positive ones is not that of the input. Their numbers are in the
    /// input's order all the same.
    func variableShape(in input: Shape) throws(SNNError) -> Shape {
        try Shape(axes.map { input[$0 > 0 ? $0 - 1 : $0 + input.rank] })
    }
}
