import SNNKernels
import SNNTestSupport
import Testing

/// Counts around a vector's length.
let kernelCounts = [0, 1, 2, 3, 15, 16, 17, 33, 100]

struct ElementwiseTests {
    @Test(arguments: InstructionSet.supported)
    func fillAddAndScaleEqualTheirFormulas(set: InstructionSet) {
        let kernels = set.kernels.pointee
        for count in kernelCounts {
            let a = testNumbers(count, seed: 1)
            let b = testNumbers(count, seed: 2)
            let filled = written(count) { kernels.fill($0, Int64(count), -2.5) }
            #expect(filled == [Float](repeating: -2.5, count: count))
            let sum = written(count) { kernels.add(a, b, $0, Int64(count)) }
            #expect(bits(sum) == bits(zip(a, b).map(+)))
            let inPlace = written(count, initial: a) { kernels.add($0, b, $0, Int64(count)) }
            #expect(bits(inPlace) == bits(sum))
            let scaled = written(count) { kernels.scale(a, $0, Int64(count), -0.3) }
            #expect(bits(scaled) == bits(a.map { $0 * -0.3 }))
        }
    }

    @Test(arguments: InstructionSet.supported)
    func copyRowsObeysBothStrides(set: InstructionSet) {
        for columns in kernelCounts {
            let x = testNumbers(3 * (columns + 4), seed: 1)
            let initial = testNumbers(3 * (columns + 2), seed: 2)
            var expected = initial
            for r in 0..<3 {
                for c in 0..<columns { expected[r * (columns + 2) + c] = x[r * (columns + 4) + c] }
            }
            let out = written(initial.count, initial: initial) {
                set.kernels.pointee.copy_rows(
                    x, Int64(columns + 4), $0, Int64(columns + 2), 3, Int64(columns))
            }
            #expect(bits(out) == bits(expected))
        }
    }

    @Test(arguments: InstructionSet.supported)
    func allFiniteFindsOneBadNumberAnywhere(set: InstructionSet) {
        for count in kernelCounts {
            var x = testNumbers(count, seed: 1)
            x.indices.forEach { if $0 % 3 == 0 { x[$0] = .greatestFiniteMagnitude } }
            #expect(set.kernels.pointee.all_finite(x, Int64(count)) == 1)
            for i in 0..<count {
                for bad in [Float.nan, .infinity, -.infinity] {
                    var y = x
                    y[i] = bad
                    #expect(set.kernels.pointee.all_finite(y, Int64(count)) == 0)
                }
            }
            // What follows the array is none of its business.
            #expect(set.kernels.pointee.all_finite(x + [.nan], Int64(count)) == 1)
        }
    }
}
