import Foundation
import SNNCore
import SNNKernels
import SNNLinear
import SNNTestSupport
import Testing

struct LinearSolutionTests {
    /// Far from rank-deficient, with three outputs and what no model explains.
    private static func samples(_ rows: Int, _ features: Int) -> (x: Rows, y: Rows) {
        let x = Rows(doubles(rows * features, seed: 1), width: features)
        let noise = doubles(rows * 3, seed: 2)
        let y = (0 ..< rows * 3).map { index -> Double in
            let row = index / 3
            let sum = (0 ..< features).reduce(0.5) {
                $0 + x.numbers[row * features + $1] * Double($1 % 7 - 3 + index % 3)
            }
            return sum + 0.1 * noise[index]
        }
        return (x, Rows(y, width: 3))
    }

    /// X^T W (y - X c - b) = 0: what makes it the least sum of squares.
    private static func worstGradient(
        _ x: Rows, _ y: Rows, _ solution: LinearSolution, weights: [Double]? = nil,
        alphas: [Double] = [0]
    ) -> Double {
        var worst = 0.0
        for output in 0 ..< y.width {
            let c = solution.coefficientArray[output * x.width ..< (output + 1) * x.width].map { $0 }
            let residuals = (0 ..< x.count).map { row in
                (weights?[row] ?? 1)
                    * (y.numbers[row * y.width + output] - solution.interceptArray[output]
                        - (0 ..< x.width).reduce(0) { $0 + x.numbers[row * x.width + $1] * c[$1] })
            }
            let alpha = alphas.count == 1 ? alphas[0] : alphas[output]
            for feature in 0 ..< x.width {
                let gradient = (0 ..< x.count).reduce(-alpha * c[feature]) {
                    $0 + residuals[$1] * x.numbers[$1 * x.width + feature]
                }
                worst = max(worst, abs(gradient))
            }
            worst = max(worst, abs(residuals.reduce(0, +)))
        }
        return worst
    }

    @Test(arguments: [(1, 1), (3, 2), (40, 3), (300, 4), (257, 31), (700, 33), (600, 70)])
    func theResidualsAreOrthogonalToTheInputs(rows: Int, features: Int) throws {
        let (x, y) = Self.samples(rows, features)
        let solution = try fit(x, y)
        #expect(Self.worstGradient(x, y, solution) < 1e-11 * Double(rows))
        #expect(solution.isOneOfMany == (rows <= features))
    }

    @Test func weightsAndPenaltiesCount() throws {
        let (x, y) = Self.samples(300, 9)
        let weights = doubles(300, seed: 5).map { abs($0) }
        var options = LinearOptions()
        #expect(
            Self.worstGradient(x, y, try fit(x, y, weights: weights, options), weights: weights)
                < 1e-10)
        for alphas in [[3.5], [0.1, 2, 400], [0, 0, 7]] {
            options.alphas = alphas
            let solution = try fit(x, y, weights: weights, options)
            #expect(
                Self.worstGradient(x, y, solution, weights: weights, alphas: alphas) < 1e-10)
        }
    }

    @Test func integerWeightsAreRepetitions() throws {
        let (x, y) = Self.samples(60, 4)
        let weights = (0 ..< 60).map { Double($0 % 3) }
        let repeated = (0 ..< 60).flatMap { [Int](repeating: $0, count: $0 % 3) }
        let weighted = try fit(x, y, weights: weights)
        let all = try fit(
            Rows(repeated.map { Array(x.rows($0 ..< $0 + 1).numbers) }),
            Rows(repeated.map { Array(y.rows($0 ..< $0 + 1).numbers) }))
        for (a, b) in zip(
            weighted.coefficientArray + weighted.interceptArray + weighted.residuals,
            all.coefficientArray + all.interceptArray + all.residuals)
        {
            #expect(abs(a - b) < 1e-12)
        }
    }

    @Test(arguments: [1, 2, 7, 8, 100, 255, 256, 257, 900])
    func blocksOfAnyLengthGiveTheSame(length: Int) throws {
        let (x, y) = Self.samples(900, 20)
        let whole = try fit(x, y)
        let factor = try makeFactor(x, y)
        for start in stride(from: 0, to: 900, by: length) {
            let range = start ..< min(start + length, 900)
            try factor.append(x.rows(range), y.rows(range))
        }
        let parts = try LinearSolution(factor, LinearOptions())
        #expect(factor.count == 900)
        for (a, b) in zip(
            whole.coefficientArray + whole.interceptArray + whole.residuals,
            parts.coefficientArray + parts.interceptArray + parts.residuals)
        {
            #expect(abs(a - b) < 1e-12 * max(1, abs(a)))
        }
    }

    @Test func threadsChangeNoBit() throws {
        // So many columns that a panel is applied by several threads.
        let x = Rows(doubles(520 * 40, seed: 1), width: 40)
        let y = Rows(doubles(520 * 600, seed: 2), width: 600)
        var solutions: [[UInt64]] = []
        for threads in [1, 2, 5] {
            let factor = try makeFactor(x, y, threads: threads)
            try factor.append(x, y)
            solutions.append(
                try LinearSolution(factor, LinearOptions()).coefficientArray.map { $0.bitPattern })
        }
        #expect(solutions[0] == solutions[1] && solutions[0] == solutions[2])
    }

    @Test(.enabled(if: InstructionSet.avx512.isSupported, "this CPU has no AVX-512"))
    func avx2AndAVX512AgreeInEveryBit() throws {
        let (x, y) = Self.samples(300, 50)
        let solutions = try [InstructionSet.avx2, .avx512].map { set in
            let factor = try makeFactor(x, y, set: set)
            try factor.append(x, y)
            return try LinearSolution(factor, LinearOptions()).coefficientArray
        }
        #expect(solutions[0].map { $0.bitPattern } == solutions[1].map { $0.bitPattern })
    }

    @Test(arguments: [true, false])
    func theLeastNormIsTakenWhereManyFit(intercept: Bool) throws {
        // The third column is the sum of the first two, the fourth is ten times the first.
        let own = doubles(80, seed: 3)
        let x = Rows(
            (0 ..< 40).map { row in
                let (a, b) = (own[2 * row], own[2 * row + 1])
                return [a, b, a + b, 10 * a]
            })
        let y = Rows(doubles(40, seed: 4), width: 1)
        var options = LinearOptions()
        options.fitsIntercept = intercept
        for scales in [true, false] {
            options.scalesColumns = scales
            let solution = try fit(x, y, options)
            #expect(solution.isOneOfMany)
            #expect(solution.rank == 2)
            let c = solution.coefficientArray
            // Orthogonal to what changes nothing: (1, 1, -1, 0) and (10, 0, 0, -1).
            #expect(abs(c[0] + c[1] - c[2]) < 1e-13)
            #expect(abs(10 * c[0] - c[3]) < 1e-13)
        }
    }

    @Test func aFeaturesUnitDoesNotMatter() throws {
        let (x, y) = Self.samples(50, 3)
        let small = Rows(
            x.numbers.enumerated().map { $0.offset % 3 == 1 ? $0.element * 0x1p-70 : $0.element },
            width: 3)
        let solution = try fit(x, y)
        let scaled = try fit(small, y)
        #expect(scaled.rank == 3 && !scaled.isOneOfMany)
        for index in 0 ..< 9 {
            let factor = index % 3 == 1 ? 0x1p70 : 1
            #expect(scaled.coefficientArray[index] == solution.coefficientArray[index] * factor)
        }
        var options = LinearOptions()
        options.scalesColumns = false
        #expect(try fit(small, y, options).rank == 2, "as numpy judges it")
    }

    @Test func dataFarFromZeroLosesNoDigits() throws {
        let (x, y) = Self.samples(64, 2)
        // A grid on which moving is exact.
        let grid = Rows(x.numbers.map { ($0 * 1024).rounded() / 1024 }, width: 2)
        let far = Rows(grid.numbers.map { $0 + 0x1p36 }, width: 2)
        let near = try fit(grid, y).coefficientArray
        let moved = try fit(far, y).coefficientArray
        #expect(near.map { $0.bitPattern } == moved.map { $0.bitPattern })
    }

    @Test func samplesOneByOneGiveTheFitOfAll() throws {
        let (x, y) = Self.samples(50, 5)
        let factor = try makeFactor(x, y)
        for row in 0 ..< 50 {
            try factor.append(x.rows(row ..< row + 1), y.rows(row ..< row + 1))
        }
        let recursive = try LinearSolution(factor, LinearOptions())
        let whole = try fit(x, y)
        for (a, b) in zip(
            recursive.coefficientArray + recursive.residuals,
            whole.coefficientArray + whole.residuals)
        {
            #expect(abs(a - b) < 1e-12)
        }
    }

    @Test func forgettingIsAWeightForEachSample() throws {
        let (x, y) = Self.samples(40, 3)
        let factor = try makeFactor(x, y)
        try factor.append(x, y, forgetting: 0.9)
        let weights = (0 ..< 40).map { pow(0.9, Double(39 - $0)) }
        let recursive = try LinearSolution(factor, LinearOptions())
        let weighted = try fit(x, y, weights: weights)
        for (a, b) in zip(
            recursive.coefficientArray + recursive.interceptArray + recursive.residuals,
            weighted.coefficientArray + weighted.interceptArray + weighted.residuals)
        {
            #expect(abs(a - b) < 1e-12)
        }
    }

    @Test func singularValuesAreThoseOfTheInputs() throws {
        // diag(4, 3, 1e-12) turned by Householder's I - 2 v v^T on both sides.
        let v = [2.0 / 3, 1.0 / 3, 2.0 / 3]
        func h(_ i: Int, _ j: Int) -> Double { (i == j ? 1 : 0) - 2 * v[i] * v[j] }
        let s = [4, 3, 1e-3]
        let x = Rows(
            (0 ..< 3).map { i in
                (0 ..< 3).map { j in (0 ..< 3).reduce(0) { $0 + h(i, $1) * s[$1] * h($1, j) } }
            })
        let factor = try makeFactor(x, Rows([1, 2, 3], width: 1), intercept: false)
        try factor.append(x, Rows([1, 2, 3], width: 1))
        let found = try TriangularSystem.singularValues(of: factor)
        for index in 0 ..< 3 { #expect(abs(found.pointer[index] - s[index]) < 1e-14) }
    }

    @Test func aFailureChangesNothing() throws {
        let (x, y) = Self.samples(30, 2)
        let factor = try makeFactor(x, y)
        try factor.append(x, y)
        let before = try LinearSolution(factor, LinearOptions()).coefficientArray
        for bad in [Double.nan, .infinity, 1e300] {
            var numbers = x.numbers
            numbers[17] = bad
            #expect(throws: SNNError.self) { try factor.append(Rows(numbers, width: 2), y) }
        }
        #expect(throws: SNNError.self) {
            try factor.append(x, y, weights: [Double](repeating: -1, count: 30))
        }
        #expect(factor.count == 30)
        let after = try LinearSolution(factor, LinearOptions()).coefficientArray
        #expect(before == after)
    }
}
