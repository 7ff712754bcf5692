import SNNKernels

/// The largest error that was found, and for which number.
package struct WorstError: Sendable {
    package private(set) var error = 0.0
    package private(set) var x: Float = 0

    mutating func add(_ error: Double, at x: Float) {
        // A NaN, too, is worse than what was found.
        if !(error <= self.error) { (self.error, self.x) = (error, x) }
    }

    mutating func add(_ other: WorstError) {
        add(other.error, at: other.x)
    }
}

/// How far the kernels of an instruction set are from an activation's values and slopes.
package struct Accuracy: Sendable {
    package let set: InstructionSet
    package fileprivate(set) var value = WorstError()
    package fileprivate(set) var slope = WorstError()
}

extension ActivationCase {
    package func bound(_ set: InstructionSet) -> Double { set == .base ? baseBound : bound }

    package func slopeBound(_ set: InstructionSet) -> Double {
        set == .base ? baseSlopeBound : slopeBound
    }

    /// The worst errors over every `step`-th bit pattern.
    package func accuracy(_ sets: [InstructionSet], step: UInt64) -> [Accuracy] {
        var accuracies = sets.map { Accuracy(set: $0) }
        var pattern: UInt64 = 0
        while pattern < 1 << 32 {
            var x: [Float] = []
            x.reserveCapacity(1 << 14)
            while x.count < 1 << 14 && pattern < 1 << 32 {
                x.append(Float(bitPattern: UInt32(pattern)))
                pattern += step
            }
            add(x, to: &accuracies)
        }
        return accuracies
    }

    /// The worst errors over these numbers.
    package func accuracy(_ sets: [InstructionSet], _ x: [Float]) -> [Accuracy] {
        var accuracies = sets.map { Accuracy(set: $0) }
        add(x, to: &accuracies)
        return accuracies
    }

    private func add(_ x: [Float], to accuracies: inout [Accuracy]) {
        let ones = [Float](repeating: 1, count: x.count)
        let expected = x.map { value(Double($0)) }
        let slopes = x.map { slope(Double($0)) }
        let isCounted = x.map { !isAtKink($0) }
        var last = (y: [Float](), dx: [Float](), worst: WorstError(), worstSlope: WorstError())
        for index in accuracies.indices {
            let table = accuracies[index].set.table
            let y = values(table, x)
            let dx = gradients(table, x, y, ones)
            // AVX-512 gives the numbers of AVX2; what is equal is not measured twice.
            if y != last.y || dx != last.dx {
                last = (y, dx, WorstError(), WorstError())
                for i in x.indices {
                    last.worst.add(unitsInTheLastPlace(y[i], expected[i]), at: x[i])
                    if isCounted[i] { last.worstSlope.add(slopeUnits(dx[i], slopes[i]), at: x[i]) }
                }
            }
            accuracies[index].value.add(last.worst)
            accuracies[index].slope.add(last.worstSlope)
        }
    }

    /// At a kink, and where x is no number, the slope is a convention.
    private func isAtKink(_ x: Float) -> Bool {
        x.isNaN || kinks.contains { Double(x) == $0 || abs(Double(x) - $0) <= 0x1p-22 }
    }
}

/// The distance of a result from the right number in units of its last place as a float, 0 where it
/// is the nearest float. An infinite result counts as 2^128, the number after the largest float.
@inline(__always)
package func unitsInTheLastPlace(_ y: Float, _ expected: Double) -> Double {
    if Float(expected) == y || (expected.isNaN && y.isNaN) { return 0 }
    guard !y.isNaN && expected.isFinite else { return .infinity }
    let y = y.isInfinite ? (y > 0 ? 0x1p128 : -0x1p128) : Double(y)
    // 2^-23 of the power of two below, but no less than the smallest subnormal number.
    let power = Double(bitPattern: expected.bitPattern & 0x7ff0_0000_0000_0000)
    return abs(y - expected) / max(power * 0x1p-23, 0x1p-149)
}

@inline(__always)
private func slopeUnits(_ dx: Float, _ slope: Double) -> Double {
    if Float(slope) == dx || (slope.isNaN && dx.isNaN) { return 0 }
    guard dx.isFinite && slope.isFinite else { return .infinity }
    return abs(Double(dx) - slope) / max(1, abs(slope)) * 0x1p24
}
