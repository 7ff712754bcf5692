import SNNCore
import SNNGraph

/// y = (x - mean) / sqrt(variance) for each place along the axes `axis`, or, inverted,
/// x * sqrt(variance) + mean (Keras's `Normalization`). Both are given, or variables that `adapt`
/// fills from data and training leaves alone.
final class Normalization: Layer {
    let className = "Normalization"
    /// With the batch as 0; none where one mean is for all numbers.
    private let axes: [Int]
    private let inverts: Bool
    private let given: (mean: [Float], variance: [Float])?
    let configuration: [JSON.Member]

    init(_ options: inout Configuration) throws(SNNError) {
        let range = -Shape.maximumRank ... Shape.maximumRank
        axes =
            options.has("axis")
            ? try options.optionalIntegers("axis", count: 0 ... Shape.maximumRank, in: range) ?? []
            : [-1]
        inverts = try options.bool("invert", default: false)
        let mean = options.json("mean") ?? .null
        let variance = options.json("variance") ?? .null
        guard mean.isNull == variance.isNull else {
            throw options.failure("'mean' and 'variance' must be given both or none")
        }
        if mean.isNull {
            given = nil
        } else {
            let values = (
                mean: try options.constants("mean", mean),
                variance: try options.constants("variance", variance)
            )
            guard values.mean.count == values.variance.count else {
                throw options.failure(
                    "'mean' and 'variance' must be of one size, received \(values.mean.count) and "
                        + "\(values.variance.count) numbers")
            }
            for value in values.variance where value < 0 {
                throw options.mismatch("variance", "numbers of at least 0", variance)
            }
            given = values
        }
        configuration = [
            .init("axis", Normalization.json(axes)), .init("invert", .bool(inverts)),
            .init("mean", mean), .init("variance", variance),
        ]
    }

    /// Of one axis the axis itself, which every version of Keras reads from a file.
    private static func json(_ axes: [Int]) -> JSON {
        let axes = axes.map { JSON.integer(Int64($0)) }
        return axes.isEmpty ? .null : axes.count == 1 ? axes[0] : .array(axes)
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs)
        let kept = try keptAxes(of: input)
        guard let count = given?.mean.count, count > 1 else { return [input] }
        // Those of the last of the axes, which the others share.
        var trailing = 1
        for axis in kept.reversed() where trailing < count { trailing *= input[axis] }
        guard trailing == count else {
            throw SNNError(
                .shape,
                "'mean' and 'variance' have \(count) numbers, expected one for each place along "
                    + "the axes \(Shape.text(of: axes)), received \(input.batchText)")
        }
        return [input]
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        guard given == nil else { return [] }
        let input = inputs[0]
        let shape = try Shape(keptAxes(of: input).map { input[$0] })
        return [
            .init("mean", shape: shape, initializer: Initializers.zeros, role: .statistic),
            .init("variance", shape: shape, initializer: Initializers.ones, role: .statistic),
            .init(
                "count", shape: .scalar, initializer: Initializers.zeros, role: .statistic,
                isInteger: true),
        ]
    }

    func operation(for call: LayerCall) -> any Operation {
        let input = call.inputs[0]
        let period = Period(input.keeping((try? keptAxes(of: input)) ?? []), in: input)
        guard let given else {
            return AffineOperation(period, .statistics(inverted: inverts))
        }
        let deviations = given.variance.map { max($0.squareRoot(), 1e-7) }
        return AffineOperation(
            period,
            inverts
                ? .values(mean: [0], scale: deviations, shift: given.mean)
                : .values(mean: given.mean, scale: deviations.map { 1 / $0 }, shift: [0]))
    }

    /// In order, without the batch.
    private func keptAxes(of input: Shape) throws(SNNError) -> [Int] {
        let kept = axes.map { $0 < 0 ? $0 + input.rank : $0 - 1 }
        for (index, axis) in kept.enumerated()
        where axis < 0 || axis >= input.rank || kept[..<index].contains(axis) {
            throw SNNError(
                .shape,
                "expected each 'axis' once, from 1 to \(input.rank) or -\(input.rank) to -1 for input "
                    + "\(input.batchText), received \(axes[index])")
        }
        return (0 ..< input.rank).filter { kept.contains($0) }
    }

    func adaptedAxes(of input: Shape) throws(SNNError) -> [Int]? {
        given == nil ? try keptAxes(of: input) : nil
    }
}
