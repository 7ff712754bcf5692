import SNNKernels
import SNNTestSupport
import Testing

struct AxisCase: Sendable {
    typealias Kernel = @convention(c) (
        UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int64, Int64, Int64
    ) -> Void
    typealias GradientKernel = @convention(c) (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int64, Int64, Int64
    ) -> Void
    let name: String
    let kernel: @Sendable (KernelTable) -> (Kernel, GradientKernel)
    let value: @Sendable ([Double]) -> [Double]

    static let all = [
        AxisCase(
            name: "softmax", kernel: { ($0.softmax, $0.softmax_gradient) },
            value: ReferenceRow.softmax),
        AxisCase(
            name: "log_softmax", kernel: { ($0.log_softmax, $0.log_softmax_gradient) },
            value: ReferenceRow.logSoftmax),
        AxisCase(
            name: "sparsemax", kernel: { ($0.sparsemax, $0.sparsemax_gradient) },
            value: ReferenceRow.sparsemax),
    ]

    func values(_ table: KernelTable, _ x: [Float], _ shape: (Int, Int, Int)) -> [Float] {
        let (outer, length, inner) = shape
        return written(x.count) {
            kernel(table).0(x, $0, Int64(outer), Int64(length), Int64(inner))
        }
    }

    func gradients(
        _ table: KernelTable, _ y: [Float], _ dy: [Float], _ shape: (Int, Int, Int)
    ) -> [Float] {
        let (outer, length, inner) = shape
        return written(y.count) {
            kernel(table).1(y, dy, $0, Int64(outer), Int64(length), Int64(inner))
        }
    }
}

let axisShapes = [
    (0, 3, 1), (2, 0, 1), (2, 3, 0), (3, 1, 1), (2, 3, 1), (2, 16, 1), (2, 17, 1), (1, 100, 1),
    (2, 3, 2), (2, 5, 16), (1, 4, 33), (2, 1, 3),
]

struct SoftmaxTests {
    @Test(arguments: InstructionSet.supported)
    func valuesAndGradientsEqualTheReferenceAlongTheAxis(set: InstructionSet) {
        for activation in AxisCase.all {
            for shape in axisShapes {
                expectReference(activation, set, shape)
            }
        }
    }

    private func expectReference(
        _ activation: AxisCase, _ set: InstructionSet, _ shape: (Int, Int, Int)
    ) {
        let (outer, length, inner) = shape
        let x = testNumbers(outer * length * inner, seed: 1).map { 3 * $0 }
        let dy = testNumbers(x.count, seed: 2)
        let y = activation.values(set.table, x, shape)
        let dx = activation.gradients(set.table, y, dy, shape)
        for o in 0..<outer {
            for i in 0..<inner {
                let places = (0..<length).map { (o * length + $0) * inner + i }
                let row = places.map { Double(x[$0]) }
                let expected = activation.value(row)
                for (l, place) in places.enumerated() {
                    #expect(abs(Double(y[place]) - expected[l]) < 2e-6, "\(activation.name)")
                    // d sum(dy y) / dx[l] by a central difference.
                    let h = 1e-6
                    var (above, below) = (row, row)
                    above[l] += h
                    below[l] -= h
                    let slopes = zip(activation.value(above), activation.value(below)).map {
                        ($0 - $1) / (2 * h)
                    }
                    let slope = zip(slopes, places).map { $0 * Double(dy[$1]) }.reduce(0, +)
                    #expect(abs(Double(dx[place]) - slope) < 5e-5, "\(activation.name) \(shape)")
                }
            }
        }
    }

    @Test(arguments: InstructionSet.supported)
    func hugeAndMaskedNumbersAreFine(set: InstructionSet) {
        let x: [Float] = [-.infinity, 3e38, -3e38, 3e38]
        let shape = (1, 4, 1)
        #expect(AxisCase.all[0].values(set.table, x, shape) == [0, 0.5, 0, 0.5])
        #expect(AxisCase.all[2].values(set.table, x, shape) == [0, 0.5, 0, 0.5])
        #expect(AxisCase.all[1].values(set.table, x, shape)[0] == -.infinity)
    }

    @Test(arguments: InstructionSet.supported)
    func rowsWithoutAnAnswerAreNaNAndOthersUntouched(set: InstructionSet) {
        let rows: [[Float]] = [
            [-.infinity, -.infinity, -.infinity], [1, .nan, 2], [.infinity, 1, 2],
        ]
        for activation in AxisCase.all {
            for row in rows {
                let y = activation.values(set.table, row + [1, 2, 3], (2, 3, 1))
                #expect(y[..<3].allSatisfy { $0.isNaN }, "\(activation.name)(\(row))")
                #expect(y[3...].allSatisfy { $0.isFinite })
                // The same beside a sound column.
                let columns = (0..<3).flatMap { [row[$0], Float($0)] }
                let z = activation.values(set.table, columns, (1, 3, 2))
                #expect([0, 2, 4].allSatisfy { z[$0].isNaN } && z[1].isFinite && z[5].isFinite)
            }
        }
    }

    @Test(arguments: InstructionSet.supported)
    func gluGatesTheFirstHalfByTheSecond(set: InstructionSet) {
        let sigmoid = ActivationCase.all.first { $0.name == "sigmoid" }!
        for width in [0, 1, 3, 16, 17, 33] {
            let rows = 3
            let x = testNumbers(2 * rows * width, seed: 1).map { 4 * $0 }
            let dy = testNumbers(rows * width, seed: 2)
            let y = written(dy.count) { set.table.glu(x, $0, Int64(rows), Int64(width)) }
            let dx = written(x.count) {
                set.table.glu_gradient(x, dy, $0, Int64(rows), Int64(width))
            }
            for r in 0..<rows {
                for c in 0..<width {
                    let first = 2 * r * width + c
                    let (value, gate) = (Double(x[first]), Double(x[first + width]))
                    let s = sigmoid.value(gate)
                    let change = Double(dy[r * width + c])
                    #expect(abs(Double(y[r * width + c]) - value * s) < 1e-6)
                    #expect(abs(Double(dx[first]) - change * s) < 1e-6)
                    let gateSlope = change * value * s * (1 - s)
                    #expect(abs(Double(dx[first + width]) - gateSlope) < 1e-6)
                }
            }
        }
    }
}
