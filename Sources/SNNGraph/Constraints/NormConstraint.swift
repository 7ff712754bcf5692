import SNNCore
import SNNKernels

/// Brings Euclidean norms along some axes into a range: w * desired / (1e-7 + norm) with
/// desired = rate * clip(norm, minimum, maximum) + (1 - rate) * norm, which are Keras's `MaxNorm`,
/// `UnitNorm` and `MinMaxNorm`. The sums of squares are in double, upward in memory.
final class NormConstraint: Constraint {
    static let maxNorm = PartRow<any Constraint>("MaxNorm", ["max_norm"]) {
        (options) throws(SNNError) in
        let maximum = try options.limit("max_value", default: 2)
        return NormConstraint(
            "MaxNorm", maximum: maximum, axes: try ConstrainedAxes(&options),
            [.init("max_value", .number(maximum))])
    }

    static let unitNorm = PartRow<any Constraint>("UnitNorm", ["unit_norm"]) {
        (options) throws(SNNError) in
        NormConstraint(
            "UnitNorm", minimum: 1, maximum: 1, axes: try ConstrainedAxes(&options), [])
    }

    static let minMaxNorm = PartRow<any Constraint>("MinMaxNorm", ["min_max_norm"]) {
        (options) throws(SNNError) in
        let minimum = try options.limit("min_value", default: 0)
        let maximum = try options.limit("max_value", default: 1)
        guard minimum <= maximum else {
            throw options.failure(
                "'min_value' must be at most 'max_value', received \(minimum) and \(maximum)")
        }
        let rate = try options.number("rate", default: 1, in: 0 ... 1)
        return NormConstraint(
            "MinMaxNorm", minimum: minimum, maximum: maximum, rate: rate,
            axes: try ConstrainedAxes(&options),
            [
                .init("min_value", .number(minimum)), .init("max_value", .number(maximum)),
                .init("rate", .number(rate)),
            ])
    }

    let className: String
    let configuration: [JSON.Member]
    private let minimum: Double
    private let maximum: Double
    private let rate: Double
    private let axes: ConstrainedAxes

    private init(
        _ className: String, minimum: Double = 0, maximum: Double, rate: Double = 1,
        axes: ConstrainedAxes, _ configuration: [JSON.Member]
    ) {
        self.className = className
        self.minimum = minimum
        self.maximum = maximum
        self.rate = rate
        self.axes = axes
        self.configuration = configuration + [.init("axis", axes.json)]
    }

    func check(_ shape: Shape) throws(SNNError) {
        do throws(SNNError) {
            try axes.check(shape)
        } catch {
            throw error.within(className)
        }
    }

    func sums(_ shape: Shape) -> Int { axes.groups(shape) }

    func apply(
        to values: UnsafeMutablePointer<Float>, _ shape: Shape,
        sums: UnsafeMutablePointer<Double>, kernels: UnsafePointer<KernelTable>
    ) {
        let groups = axes.groups(shape)
        sums.update(repeating: 0, count: groups)
        addSquares(values, shape, sums, kernels)
        var group = 0
        while group < groups {
            let norm = sums[group].squareRoot()
            let desired = rate * min(max(norm, minimum), maximum) + (1 - rate) * norm
            sums[group] = desired / (1e-7 + norm)
            group &+= 1
        }
        scale(values, shape, sums, kernels)
    }

    private func addSquares(
        _ values: UnsafePointer<Float>, _ shape: Shape, _ sums: UnsafeMutablePointer<Double>,
        _ kernels: UnsafePointer<KernelTable>
    ) {
        let length = shape.last
        let isSummed = axes.contains(shape.rank - 1, of: shape)
        var start = 0
        while start < shape.count {
            let sum = sums + axes.group(ofRowAt: start, shape)
            if isSummed {
                var place = 0
                while place < length {
                    let count = min(SummationOrder.squaresPerChunk, length &- place)
                    sum[0] += kernels.pointee.sum_of_squares(values + start + place, Int64(count))
                    place &+= count
                }
            } else {
                var place = 0
                while place < length {
                    let value = Double(values[start &+ place])
                    sum[place] += value * value
                    place &+= 1
                }
            }
            start &+= length
        }
    }

    private func scale(
        _ values: UnsafeMutablePointer<Float>, _ shape: Shape, _ factors: UnsafePointer<Double>,
        _ kernels: UnsafePointer<KernelTable>
    ) {
        let length = shape.last
        let isSummed = axes.contains(shape.rank - 1, of: shape)
        var start = 0
        while start < shape.count {
            let factor = factors + axes.group(ofRowAt: start, shape)
            let row = values + start
            if isSummed {
                kernels.pointee.scale(row, row, Int64(length), Float(factor[0]))
            } else {
                var place = 0
                while place < length {
                    row[place] *= Float(factor[place])
                    place &+= 1
                }
            }
            start &+= length
        }
    }
}

extension Configuration {
    /// The end of a range of norms: finite and not negative.
    fileprivate mutating func limit(_ key: String, default value: Double) throws(SNNError) -> Double {
        try number(key, default: value, in: 0 ... Double(Float.greatestFiniteMagnitude))
    }
}
