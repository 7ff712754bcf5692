import SNNCore
import SNNGraph

/// Where a layer's random numbers come from: the model's seed, or one of the layer's own.
struct NoiseSource: Sendable {
    /// Instead of the model's, where given.
    private let seed: UInt64?

    init(_ options: inout Configuration) throws(SNNError) {
        seed = try options.optionalInteger("seed", in: 0 ... Int.max).map { UInt64($0) }
    }

    var member: JSON.Member {
        .init("seed", seed.map { .integer(Int64($0)) } ?? .null)
    }

    /// The numbers of one call at this step.
    func stream(_ call: LayerCall, _ context: OperationContext) -> RandomStream {
        RandomStream(
            seed: seed ?? context.seed, purpose: .dropout, call: call.index,
            ordinal: call.ordinal, step: context.step)
    }
}

/// The shape of a mask, Keras's `noise_shape`: with the batch, null where it is the input's extent
/// and 1 where the mask is the same along an axis.
struct NoiseShape: Sendable {
    /// nil where there is none: the mask has the input's shape.
    private let extents: [Int?]?

    static let whole = NoiseShape(extents: nil)

    /// The same mask along all axes between the batch and the channels.
    static func channels(rank: Int) -> NoiseShape {
        NoiseShape(extents: [nil] + [Int?](repeating: 1, count: rank - 2) + [nil])
    }

    private init(extents: [Int?]?) { self.extents = extents }

    init(_ options: inout Configuration) throws(SNNError) {
        guard let json = options.json("noise_shape"), !json.isNull else {
            extents = nil
            return
        }
        let elements = json.elements ?? []
        let values = elements.map { $0.integerValue }
        for (element, value) in zip(elements, values) {
            guard element.isNull || (value ?? 0) >= 1 else {
                throw options.mismatch("noise_shape", NoiseShape.expected, json)
            }
        }
        guard json.elements != nil, (1 ... Shape.maximumRank + 1).contains(values.count) else {
            throw options.mismatch("noise_shape", NoiseShape.expected, json)
        }
        extents = values
    }

    private static let expected = "a list with null or an integer of at least 1 for each axis"

    var isWhole: Bool { extents == nil }

    var member: JSON.Member {
        .init(
            "noise_shape",
            extents.map { .array($0.map { $0.map { .integer(Int64($0)) } ?? .null }) } ?? .null)
    }

    /// Throws where it cannot be the shape of a mask for `input`.
    func check(_ input: Shape) throws(SNNError) {
        guard let extents else { return }
        guard extents.count == input.rank + 1 else {
            throw SNNError(
                .shape,
                "'noise_shape' has \(extents.count) axes, the input \(input.batchText) has "
                    + String(input.rank + 1))
        }
        guard extents[0] ?? 1 == 1 else {
            throw SNNError(
                .unsupported,
                "'noise_shape' must begin with null or 1, received \(extents[0] ?? 0): batches "
                    + "differ in size")
        }
        for axis in 0 ..< input.rank {
            let extent = extents[axis + 1] ?? 1
            guard extent == 1 || extent == input[axis] else {
                throw SNNError(
                    .shape,
                    "'noise_shape' has extent \(extent) where the input \(input.batchText) has "
                        + String(input[axis]))
            }
        }
    }

    /// Whether each row of the batch has a mask of its own.
    var differsByRow: Bool { extents.map { $0[0] == nil } ?? true }

    /// How far apart in a row's mask neighbours along each axis of the input are, 0 where it is the
    /// same, and how many numbers the mask of a row has.
    func strides(_ input: Shape) -> (strides: [Int], count: Int) {
        var strides = [Int](repeating: 0, count: input.rank)
        var count = 1
        for axis in (0 ..< input.rank).reversed() {
            guard let extents, extents[axis + 1] == 1, input[axis] > 1 else {
                strides[axis] = count
                count *= input[axis]
                continue
            }
        }
        return (strides, count)
    }
}

extension Configuration {
    /// A share of numbers to drop.
    ///
    /// - Parameter all: whether it may be 1.
    mutating func rate(all: Bool) throws(SNNError) -> Double {
        try number("rate", in: 0 ... (all ? 1 : 1 - 0x1p-24))
    }
}
