import SNNKernels
import SNNTestSupport
import Testing

struct OptimizerStepTests {
    @Test(arguments: InstructionSet.supported)
    func sgdEqualsTheReferenceBitForBit(set: InstructionSet) {
        for count in kernelCounts {
            var expected = testNumbers(count, seed: 1)
            let g = testNumbers(count, seed: 2)
            let w = written(count, initial: expected) {
                set.kernels.pointee.sgd($0, g, Int64(count), 0.01)
            }
            ReferenceKernels(set).sgd(w: &expected, g: g, rate: 0.01)
            #expect(bits(w) == bits(expected))
        }
    }

    @Test(arguments: InstructionSet.supported, [false, true])
    func momentumEqualsTheReferenceBitForBit(set: InstructionSet, isNesterov: Bool) {
        for count in kernelCounts {
            var w = testNumbers(count, seed: 1)
            var m = testNumbers(count, seed: 2)
            var (expectedW, expectedM) = (w, m)
            for step in 0..<3 {
                let g = testNumbers(count, seed: UInt64(step + 3))
                m = written(count, initial: m) { m in
                    w = written(count, initial: w) { w in
                        set.kernels.pointee.sgd_momentum(
                            w, g, m, Int64(count), 0.01, 0.9, isNesterov ? 1 : 0)
                    }
                }
                ReferenceKernels(set).sgdMomentum(
                    w: &expectedW, g: g, m: &expectedM, rate: 0.01, momentum: 0.9,
                    isNesterov: isNesterov)
            }
            #expect(bits(w) == bits(expectedW))
            #expect(bits(m) == bits(expectedM))
        }
    }

    @Test(arguments: InstructionSet.supported, [false, true])
    func adamEqualsTheReferenceBitForBit(set: InstructionSet, hasMaximum: Bool) {
        let constants = ReferenceKernels.AdamConstants(
            alpha: 0.001, oneMinusBeta1: 0.1, oneMinusBeta2: 0.001, epsilon: 1e-7)
        for count in kernelCounts {
            var w = testNumbers(count, seed: 1)
            var m = [Float](repeating: 0, count: count)
            var (v, maximum) = (m, m)
            var (expectedW, expectedM, expectedV) = (w, m, v)
            var expectedMaximum: [Float]? = hasMaximum ? maximum : nil
            for step in 0..<4 {
                // Shrinking, so that v falls below its maximum.
                let factor: Float = step < 2 ? 1 : 0.001
                let g = testNumbers(count, seed: UInt64(step + 3)).map { $0 * factor }
                w = written(count, initial: w) { w in
                    m = written(count, initial: m) { m in
                        v = written(count, initial: v) { v in
                            maximum = written(count, initial: maximum) { maximum in
                                set.kernels.pointee.adam(
                                    w, g, m, v, hasMaximum ? maximum : nil, Int64(count),
                                    constants.alpha, constants.oneMinusBeta1,
                                    constants.oneMinusBeta2, constants.epsilon)
                            }
                        }
                    }
                }
                ReferenceKernels(set).adam(
                    w: &expectedW, g: g, m: &expectedM, v: &expectedV,
                    vMaximum: &expectedMaximum, constants)
            }
            #expect(bits(w) == bits(expectedW))
            #expect(bits(m) == bits(expectedM))
            #expect(bits(v) == bits(expectedV))
            if let expectedMaximum {
                #expect(bits(maximum) == bits(expectedMaximum))
                #expect(count == 0 || maximum != v)
            }
        }
    }
}
