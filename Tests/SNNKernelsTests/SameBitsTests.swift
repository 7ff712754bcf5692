import SNNKernels
import SNNTestSupport
import Testing

/// AVX2 and AVX-512 agree in every bit, the base set to a tolerance.
struct SameBitsTests {
    /// Every activation, axis function and loss of one set, with its name.
    private func results(
        _ set: InstructionSet, special: [Float]
    ) -> [(name: String, numbers: [Float])] {
        let table = set.table
        var results: [(name: String, numbers: [Float])] = []
        for count in [0, 1, 3, 15, 16, 17, 31, 33, 100] {
            var x = testNumbers(count, seed: 1).map { 12 * $0 }
            for (i, number) in special.enumerated() where i < count { x[count - 1 - i] = number }
            let dy = testNumbers(count, seed: 2)
            for activation in ActivationCase.all {
                results.append((activation.name, activation.values(table, x)))
                results.append(
                    (activation.name + " gradient", activation.gradients(table, x, dy)))
            }
            for activation in AxisCase.all {
                for shape in [(1, count, 1), (1, 1, count), (1, 3, count / 3)] {
                    let part = Array(x[..<(shape.0 * shape.1 * shape.2)])
                    let y = activation.values(table, part, shape)
                    results.append((activation.name, y))
                    let dx = activation.gradients(table, y, Array(dy[..<y.count]), shape)
                    results.append((activation.name + " gradient", dx))
                }
            }
            let half = count / 2
            results.append(
                ("glu", written(half) { table.glu(x, $0, 1, Int64(half)) }))
            results.append(
                (
                    "glu gradient",
                    written(2 * half) { table.glu_gradient(x, dy, $0, 1, Int64(half)) }
                ))
            for loss in LossCase.all where count > 0 {
                let (prediction, target) = loss.data(rows: 1, width: count)
                for p in [prediction, x] {
                    results.append(
                        (
                            loss.name,
                            loss.values(
                                table, p, target, rows: 1, width: count, smoothing: 0.1)
                        ))
                    results.append(
                        (
                            loss.name + " gradient",
                            loss.gradients(
                                table, p, target, factors: [0.7], rows: 1, width: count,
                                smoothing: 0.1)
                        ))
                }
            }
        }
        return results
    }

    @Test(.enabled(if: InstructionSet.avx512.isSupported, "this CPU has no AVX-512"))
    func avx2AndAVX512AgreeInEveryBit() {
        for special in [[], specialNumbers, Array(specialNumbers.reversed())] {
            let (a, b) = (results(.avx2, special: special), results(.avx512, special: special))
            for (a, b) in zip(a, b) {
                #expect(sameBits(a.numbers, b.numbers), "\(a.name) of \(a.numbers.count)")
            }
        }
    }

    @Test(.enabled(if: InstructionSet.avx2.isSupported, "this CPU has no AVX2"))
    func baseAgreesToATolerance() {
        for (a, b) in zip(results(.base, special: []), results(.avx2, special: [])) {
            for (a0, b0) in zip(a.numbers, b.numbers) {
                let isClose = abs(a0 - b0) <= 1e-5 * (1 + abs(b0)) || (a0.isNaN && b0.isNaN)
                #expect(isClose, "\(a.name): \(a0) and \(b0)")
            }
        }
    }
}
