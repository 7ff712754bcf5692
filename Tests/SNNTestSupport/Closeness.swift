/// How far results may be from what they are compared with: absolute + relative * |expected|.
package struct Tolerance: Sendable {
    package let absolute: Double
    package let relative: Double

    /// Against values that were computed otherwise, in float32 or rounded to it.
    package static let golden = Tolerance(absolute: 2e-6, relative: 1e-5)
    /// The same after several steps, each of which begins at the one before.
    package static let goldenTraining = Tolerance(absolute: 2e-5, relative: 5e-5)
    /// The base kernels, which round twice where the others round once.
    package static let betweenSets = Tolerance(absolute: 2e-6, relative: 1e-5)
    /// Differences of float32 results over 1/64: rounding is some 1e-7 * 64.
    package static let differences = Tolerance(absolute: 1e-4, relative: 3e-4)

    /// For results that lose so many times more to rounding.
    package func times(_ factor: Double) -> Tolerance {
        Tolerance(absolute: factor * absolute, relative: factor * relative)
    }

    package func accepts(_ value: Float, _ expected: Double) -> Bool {
        abs(Double(value) - expected) <= absolute + relative * abs(expected)
    }

    /// The first place where two lists differ by more, as a text; nil where there is none. A value
    /// that is not finite is never close.
    package func difference(_ values: [Float], _ expected: [Float]) -> String? {
        guard values.count == expected.count else {
            return "\(values.count) numbers instead of \(expected.count)"
        }
        for index in values.indices where !accepts(values[index], Double(expected[index])) {
            return "at \(index): \(values[index]) instead of \(expected[index])"
        }
        return nil
    }
}

/// The first place where the bits of two lists differ, as a text; nil where they are equal.
package func bitDifference(_ values: [Float], _ expected: [Float]) -> String? {
    guard values.count == expected.count else {
        return "\(values.count) numbers instead of \(expected.count)"
    }
    for index in values.indices where values[index].bitPattern != expected[index].bitPattern {
        return "at \(index): \(values[index]) instead of \(expected[index])"
    }
    return nil
}

/// Odd multiples of 1/8 between -3 and 3: away from 0, 1/2, 1, 3 and the other places where
/// activations have kinks.
package func numbersOffKinks(_ count: Int, seed: UInt64) -> [Float] {
    testNumbers(count, seed: seed).map { (2 * ($0 * 12).rounded(.down) + 1) / 8 }
}
