import SNNCore

/// How a linear model is fitted.
package struct LinearOptions: Sendable {
    /// Whether the model has an intercept; a penalty does not touch it.
    package var fitsIntercept = true
    /// The penalty alpha |coefficients|^2 (Hoerl and Kennard 1970): one number, or one for each
    /// output; 0 is least squares.
    package var alphas: [Double] = [0]
    /// A singular value of at most this share of the largest counts as 0; nil is
    /// 2^-52 max(samples, features), as numpy has it.
    package var rcond: Double?
    /// Whether the rank is that of the inputs with columns of about unit norm, so that a feature's
    /// unit does not matter.
    package var scalesColumns = true
    /// What earlier samples are weighted with at each sample of an update.
    package var forgettingFactor = 1.0
    package var threads = 0

    package init() {}

    /// Reads `fit_intercept`, `alpha`, `rcond`, `scale_columns` and `threads`.
    package init(_ options: inout Configuration) throws(SNNError) {
        fitsIntercept = try options.bool("fit_intercept", default: true)
        try readSolving(&options)
    }

    /// Reads `alpha`, `rcond`, `scale_columns` and `threads`.
    package mutating func readSolving(_ options: inout Configuration) throws(SNNError) {
        alphas = try LinearOptions.alphas(&options)
        rcond = try options.optionalNumber("rcond", in: 0 ... 1)
        scalesColumns = try options.bool("scale_columns", default: true)
        threads = try options.integer("threads", default: 0, in: 0 ... ThreadPool.maximumThreads)
    }

    package mutating func readForgetting(_ options: inout Configuration) throws(SNNError) {
        forgettingFactor = try options.number(
            "forgetting_factor", default: 1, in: Double.leastNonzeroMagnitude ... 1)
    }

    private static func alphas(_ options: inout Configuration) throws(SNNError) -> [Double] {
        guard let json = options.json("alpha") else { return [0] }
        let elements = json.elements ?? [json]
        let numbers = elements.compactMap { $0.doubleValue }
        guard numbers.count == elements.count, !numbers.isEmpty,
            numbers.allSatisfy(ClosedRange<Double>.nonNegative.contains)
        else {
            throw options.mismatch(
                "alpha", "a finite number of at least 0 or a list of one for each output", json)
        }
        return numbers
    }

    /// The penalty of an output.
    func alpha(_ output: Int) -> Double { alphas.count == 1 ? alphas[0] : alphas[output] }

    /// Throws unless there are as many penalties as outputs, or one for all.
    package func check(outputs: Int) throws(SNNError) {
        guard alphas.count == 1 || alphas.count == outputs else {
            throw mismatch("numbers of 'alpha'", expected: outputs, received: alphas.count)
        }
    }
}
