import SNNKernels
import SNNTestSupport
import Testing

struct OptimizerStepTests {
    typealias Preparation = ReferenceKernels.Preparation

    /// Nothing, each of the three, and all of them.
    static let preparations: [Preparation] = {
        var rows: [Preparation] = []
        for (factor, bound, decay) in [
            (1, Float.infinity, 0), (0.37, .infinity, 0), (1, 0.25, 0), (1, .infinity, 0.004),
            (1.75, 0.5, 0.125), (0, .infinity, 0),
        ] as [(Float, Float, Float)] {
            var row = Preparation()
            (row.factor, row.bound, row.decay) = (factor, bound, decay)
            rows.append(row)
        }
        return rows
    }()

    /// A weight and a gradient of -0 among them.
    private func weights(_ count: Int) -> [Float] { marked(testNumbers(count, seed: 1)) }

    private func gradients(_ count: Int, _ step: Int) -> [Float] {
        marked(testNumbers(count, seed: UInt64(step + 3)))
    }

    private func marked(_ numbers: [Float]) -> [Float] {
        numbers.enumerated().map { $0.offset % 7 == 5 ? -0.0 : $0.element }
    }

    @Test(arguments: InstructionSet.supported, preparations)
    func sgdEqualsTheReferenceBitForBit(set: InstructionSet, before: Preparation) {
        for count in kernelCounts {
            var expected = weights(count)
            let g = gradients(count, 0)
            let w = written(count, initial: expected) {
                set.kernels.pointee.sgd(
                    $0, g, Int64(count), 0.01, before.factor, before.bound, before.decay)
            }
            let prepared = ReferenceKernels(set).prepare(&expected, g, before)
            ReferenceKernels(set).sgd(w: &expected, g: prepared, rate: 0.01)
            #expect(bits(w) == bits(expected))
        }
    }

    @Test(arguments: InstructionSet.supported, preparations)
    func momentumEqualsTheReferenceBitForBit(set: InstructionSet, before: Preparation) {
        for count in kernelCounts {
            for isNesterov in [false, true] {
                var w = weights(count)
                var m = testNumbers(count, seed: 2)
                var (expectedW, expectedM) = (w, m)
                for step in 0..<3 {
                    let g = gradients(count, step)
                    m = written(count, initial: m) { m in
                        w = written(count, initial: w) { w in
                            set.kernels.pointee.sgd_momentum(
                                w, g, m, Int64(count), 0.01, 0.9, isNesterov ? 1 : 0,
                                before.factor, before.bound, before.decay)
                        }
                    }
                    let prepared = ReferenceKernels(set).prepare(&expectedW, g, before)
                    ReferenceKernels(set).sgdMomentum(
                        w: &expectedW, g: prepared, m: &expectedM, rate: 0.01, momentum: 0.9,
                        isNesterov: isNesterov)
                }
                #expect(bits(w) == bits(expectedW))
                #expect(bits(m) == bits(expectedM))
            }
        }
    }

    @Test(arguments: InstructionSet.supported, preparations)
    func adamEqualsTheReferenceBitForBit(set: InstructionSet, before: Preparation) {
        for hasMaximum in [false, true] {
            expectAdam(set, before, hasMaximum: hasMaximum)
        }
    }

    private func expectAdam(_ set: InstructionSet, _ before: Preparation, hasMaximum: Bool) {
        let constants = ReferenceKernels.AdamConstants(
            alpha: 0.001, oneMinusBeta1: 0.1, oneMinusBeta2: 0.001, epsilon: 1e-7)
        for count in kernelCounts {
            var w = weights(count)
            var m = [Float](repeating: 0, count: count)
            var (v, maximum) = (m, m)
            var (expectedW, expectedM, expectedV) = (w, m, v)
            var expectedMaximum: [Float]? = hasMaximum ? maximum : nil
            for step in 0..<4 {
                // Shrinking, so that v falls below its maximum.
                let shrunk: Float = step < 2 ? 1 : 0.001
                let g = gradients(count, step).map { $0 * shrunk }
                w = written(count, initial: w) { w in
                    m = written(count, initial: m) { m in
                        v = written(count, initial: v) { v in
                            maximum = written(count, initial: maximum) { maximum in
                                set.kernels.pointee.adam(
                                    w, g, m, v, hasMaximum ? maximum : nil, Int64(count),
                                    constants.alpha, constants.oneMinusBeta1,
                                    constants.oneMinusBeta2, constants.epsilon, before.factor,
                                    before.bound, before.decay)
                            }
                        }
                    }
                }
                let prepared = ReferenceKernels(set).prepare(&expectedW, g, before)
                ReferenceKernels(set).adam(
                    w: &expectedW, g: prepared, m: &expectedM, v: &expectedV,
                    vMaximum: &expectedMaximum, constants)
            }
            #expect(bits(w) == bits(expectedW))
            #expect(bits(m) == bits(expectedM))
            #expect(bits(v) == bits(expectedV))
            if let expectedMaximum {
                #expect(bits(maximum) == bits(expectedMaximum))
                #expect(count == 0 || before.factor == 0 || maximum != v)
            }
        }
    }

    /// Also on the base set: the squares are exact.
    @Test(arguments: InstructionSet.supported)
    func squaresAreSummedInTheStatedOrder(set: InstructionSet) {
        for count in kernelCounts + [16384] {
            let x = testNumbers(count, seed: 4)
            #expect(
                set.kernels.pointee.sum_of_squares(x, Int64(count))
                    == ReferenceKernels.sumOfSquares(x))
        }
        let largest = [Float](repeating: -.greatestFiniteMagnitude, count: 40)
        #expect(set.kernels.pointee.sum_of_squares(largest, 40).isFinite)
        for bad: Float in [.nan, .infinity, -.infinity] {
            for place in [0, 15, 16, 39] {
                var x = largest
                x[place] = bad
                #expect(!set.kernels.pointee.sum_of_squares(x, 40).isFinite)
            }
        }
    }
}
