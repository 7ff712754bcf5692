import Foundation
import SNNCore
import SNNKernels
import SNNLinear
import SNNTestSupport
import Testing

/// NIST's Statistical Reference Datasets for linear regression, against their certified values.
/// Tests/ACCURACY.md has the table that `prints` makes.
struct NISTTests {
    /// A set of Tests/Golden/strd.json.
    struct Reference: Sendable, CustomStringConvertible {
        let name: String
        let x: [[Double]]
        let y: [Double]
        let hasIntercept: Bool
        /// The intercept first, where there is one.
        let beta: [Double]
        let deviation: Double?
        let squares: Double?

        var description: String { name }

        init(_ json: JSON) {
            name = json["name"]?.text ?? ""
            let degree = json["degree"]?.integerValue
            x = (json["x"]?.elements ?? []).map { row in
                if let degree, let x = row.doubleValue {
                    var powers = [x]
                    for _ in 1 ..< max(degree, 1) { powers.append(powers[powers.count - 1] * x) }
                    return powers
                }
                return (row.elements ?? []).compactMap { $0.doubleValue }
            }
            y = (json["y"]?.elements ?? []).compactMap { $0.doubleValue }
            hasIntercept = json["intercept"]?.boolValue ?? true
            beta = (json["beta"]?.elements ?? []).compactMap { $0.doubleValue }
            deviation = json["residual_standard_deviation"]?.doubleValue
            squares = json["residual_sum_of_squares"]?.doubleValue
        }
    }

    static let references = (try? Golden.cases("strd.json").map { Reference($0) }) ?? []

    /// Correct digits of the worst coefficient and of the residuals, by the intercept of the fit
    /// or by a column of ones.
    static func digits(
        _ set: Reference, onesColumn: Bool, kernels: InstructionSet = .best
    ) throws -> (coefficients: Double, residual: Double, isOneOfMany: Bool) {
        let withOnes = onesColumn && set.hasIntercept
        let x = Rows(withOnes ? set.x.map { [1] + $0 } : set.x)
        let y = Rows(set.y, width: 1)
        var options = LinearOptions()
        options.fitsIntercept = set.hasIntercept && !withOnes
        options.rcond = 0
        let factor = try makeFactor(x, y, intercept: options.fitsIntercept, set: kernels)
        try factor.append(x, y)
        let solution = try LinearSolution(factor, options)
        let found =
            (options.fitsIntercept ? solution.interceptArray : []) + solution.coefficientArray
        let worst = zip(found, set.beta).map { correctDigits($0, $1) }.min() ?? 0
        var residual = 15.0
        if let squares = set.squares {
            residual = correctDigits(solution.residuals[0], squares)
        } else if let deviation = set.deviation {
            let freedom = Double(set.y.count - set.beta.count)
            residual = correctDigits((solution.residuals[0] / freedom).squareRoot(), deviation)
        }
        return (worst, residual, solution.isOneOfMany)
    }

    /// Correct digits that every instruction set reaches: of the worst coefficient, with the
    /// intercept of the fit and with a column of ones, and of the residuals' standard deviation or
    /// sum of squares. Tests/ACCURACY.md has what was measured.
    private static let floors: [String: (fitted: Double, ones: Double, residual: Double)] = [
        "Norris": (13, 11.5, 13), "Pontius": (11.5, 11, 12), "NoInt1": (14, 14, 13.5),
        "NoInt2": (14, 14, 13.5), "Filip": (7, 7, 7), "Longley": (13, 11, 14),
        "Wampler1": (8.5, 8.5, 8.5), "Wampler2": (12, 11.5, 13), "Wampler3": (9, 8.5, 13.5),
        "Wampler4": (7.5, 7, 13.5), "Wampler5": (5.5, 5.5, 13.5),
    ]

    @Test func thereAreElevenSets() {
        #expect(Set(Self.references.map { $0.name }) == Set(Self.floors.keys))
    }

    @Test(arguments: references, [true, false])
    func certifiedValuesAreReached(set: Reference, onesColumn: Bool) throws {
        let floor = try #require(Self.floors[set.name])
        for kernels in InstructionSet.supported {
            let digits = try Self.digits(set, onesColumn: onesColumn, kernels: kernels)
            #expect(digits.coefficients >= (onesColumn ? floor.ones : floor.fitted))
            #expect(digits.residual >= floor.residual)
            #expect(!digits.isOneOfMany, "rcond 0 keeps all")
        }
    }

    /// The lines of Tests/ACCURACY.md: SWIFTNN_EXHAUSTIVE=1 swift test --filter NISTTests
    @Test(.enabled(if: getenv("SWIFTNN_EXHAUSTIVE") != nil, "a table to read"))
    func printsTheDigits() throws {
        for set in Self.references {
            var line = "| \(set.name) |"
            for (kernels, onesColumn) in [
                (InstructionSet.best, false), (.best, true), (.base, false), (.base, true),
            ] {
                let digits = try Self.digits(set, onesColumn: onesColumn, kernels: kernels)
                line += " \(rounded(digits.coefficients)) / \(rounded(digits.residual)) |"
            }
            print(line)
        }
    }

    private func rounded(_ digits: Double) -> String { String(format: "%.1f", digits) }
}
