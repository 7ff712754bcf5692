import SNNCore
import Testing

@testable import SNNGraph

@Suite struct InitializerOrthogonalTests {
    @Test(arguments: [
        [1, 1], [4, 4], [64, 64], [5, 3], [40, 7], [3, 3, 4, 8], [1, 3], [9, 1], [3, 8], [2, 2, 9],
    ])
    func columnsOrRowsAreOrthogonalAndAsLongAsTheGain(extents: [Int]) throws {
        for gain in [1, 1.5] {
            let values = try initialized(
                "{class_name: 'Orthogonal', config: {gain: \(gain)}}", extents)
            let columns = extents.last ?? 1
            let rows = values.count / columns
            let isTall = rows >= columns
            for first in 0..<min(rows, columns) {
                for second in 0..<min(rows, columns) {
                    var product = 0.0
                    for index in 0..<max(rows, columns) {
                        product +=
                            isTall
                            ? Double(values[index * columns + first])
                                * Double(values[index * columns + second])
                            : Double(values[first * columns + index])
                                * Double(values[second * columns + index])
                    }
                    #expect(abs(product - (first == second ? gain * gain : 0)) < 1e-5)
                }
            }
        }
    }

    /// A = QR with R upper triangular and a positive diagonal: QᵀA is that R.
    @Test func theFactorRHasAPositiveDiagonal() throws {
        let random = RandomStream(
            seed: 1, purpose: .initialization, call: 0, ordinal: 0, step: 0)
        let (rows, columns) = (12, 8)
        let q = try initialized("'orthogonal'", [rows, columns])
        for row in 0..<columns {
            for column in 0..<columns {
                var r = 0.0
                for index in 0..<rows {
                    r += Double(q[index * columns + row]) * random.normal(index * columns + column)
                }
                if row == column {
                    #expect(r > 0)
                } else if row > column {
                    #expect(abs(r) < 1e-5)
                }
            }
        }
    }

    @Test func aMatrixWithoutFullRankStillGivesAnOrthonormalOne() {
        // Column by column: (1, 0, 0), (2, 0, 0), (0, 0, 0).
        var matrix = [1.0, 0, 0, 2, 0, 0, 0, 0, 0]
        var scratch = [Double](repeating: 0, count: 6)
        matrix.withUnsafeMutableBufferPointer { matrix in
            scratch.withUnsafeMutableBufferPointer { scratch in
                Orthonormalization.run(
                    matrix.baseAddress!, rows: 3, columns: 3, scratch: scratch.baseAddress!)
            }
        }
        #expect(matrix == [1, 0, 0, 0, 1, 0, 0, 0, 1])
    }

    @Test func aVectorIsNoMatrix() {
        let message = initializerError(.shape) { _ = try initialized("'orthogonal'", [4]) }
        #expect(message == "Orthogonal: expected a shape of at least 2 axes, received (4,)")
    }
}
