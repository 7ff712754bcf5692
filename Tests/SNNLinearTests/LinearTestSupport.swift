import Foundation
import SNNCore
import SNNKernels
import SNNLinear
import SNNTestSupport

/// A matrix of doubles, by rows.
struct Rows {
    var numbers: [Double]
    let width: Int

    init(_ numbers: [Double], width: Int) {
        self.numbers = numbers
        self.width = width
    }

    init(_ rows: [[Double]]) {
        numbers = rows.flatMap { $0 }
        width = rows[0].count
    }

    var count: Int { numbers.count / width }

    func rows(_ range: Range<Int>) -> Rows {
        Rows(Array(numbers[range.lowerBound * width ..< range.upperBound * width]), width: width)
    }
}

/// Made-up numbers in double.
func doubles(_ count: Int, seed: UInt64) -> [Double] {
    zip(testNumbers(count, seed: seed), testNumbers(count, seed: seed + 1000)).map {
        Double($0) + 1e-8 * Double($1)
    }
}

/// What samples in memory are fitted with.
func makeFactor(
    _ x: Rows, _ y: Rows, intercept: Bool = true, threads: Int = 1,
    set: InstructionSet = .best
) throws -> TriangularFactor {
    try TriangularFactor(
        features: x.width, outputs: y.width, hasIntercept: intercept, threads: threads,
        kernels: set.kernels)
}

extension TriangularFactor {
    func append(
        _ x: Rows, _ y: Rows, weights: [Double]? = nil, forgetting: Double = 1
    ) throws {
        try x.numbers.withUnsafeBytes { x in
            try y.numbers.withUnsafeBytes { y in
                try (weights ?? [0]).withUnsafeBytes { w in
                    try append(
                        LinearSamples(
                            count: x.count / 8 / features,
                            inputs: LinearColumn(x.baseAddress!, .float64, width: features),
                            targets: LinearColumn(y.baseAddress!, .float64, width: outputs),
                            weights: weights == nil
                                ? nil : LinearColumn(w.baseAddress!, .float64, width: 1)),
                        forgetting: forgetting)
                }
            }
        }
    }
}

extension LinearSolution {
    var coefficientArray: [Double] {
        (0 ..< coefficients.count).map { coefficients.pointer[$0] }
    }
    var interceptArray: [Double] { (0 ..< outputs).map { intercept.pointer[$0] } }
    var residuals: [Double] { (0 ..< outputs).map { residualSumsOfSquares.pointer[$0] } }
}

func fit(
    _ x: Rows, _ y: Rows, weights: [Double]? = nil, _ options: LinearOptions = LinearOptions()
) throws -> LinearSolution {
    let factor = try makeFactor(x, y, intercept: options.fitsIntercept)
    try factor.append(x, y, weights: weights)
    return try LinearSolution(factor, options)
}

/// Correct digits: -log10 of the relative error, of the error itself where 0 is right; 15 at most.
func correctDigits(_ found: Double, _ right: Double) -> Double {
    let error = right == 0 ? abs(found) : abs(found - right) / abs(right)
    return error == 0 ? 15 : min(15, max(0, -log10(error)))
}
