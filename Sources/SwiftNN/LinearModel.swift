import SNNCore
import SNNKernels
import SNNLinear
import SNNTraining

/// A linear model, y = coefficients · x + intercept, fitted exactly by least squares or ridge
/// regression, in double. See `snn_linear_create`.
///
/// Any number of predictions run beside each other; a fit and an update are alone.
public final class LinearModel: @unchecked Sendable {
    // Sendable: `access` guards what changes.
    private let owner = GateOwner("linear model")
    private var access: Gate { owner.gate }
    private let options: LinearOptions
    private var factor: TriangularFactor?
    /// nil after an update, until somebody asks for it.
    private var solution: LinearSolution?

    /// Options (JSON5): `fit_intercept`, `alpha`, `rcond`, `scale_columns`, `forgetting_factor`,
    /// `threads`.
    public init(options: String? = nil) throws(SNNError) {
        var configuration = try Configuration(text: options, of: "linear model")
        var options = try LinearOptions(&configuration)
        try options.readForgetting(&configuration)
        try configuration.finish()
        self.options = options
    }

    /// Fits to samples; true when other coefficients fit them as well: these are then the ones of
    /// least norm.
    public func fit(
        inputs: ArrayView, targets: ArrayView, sampleWeights: ArrayView? = nil
    ) throws(SNNError) -> Bool {
        let samples = try LinearSamples(inputs: inputs, targets: targets, weights: sampleWeights)
        return try fitting(samples.inputs.width, samples.targets.width) {
            (factor) throws(SNNError) in try factor.append(samples)
        }
    }

    /// The same for a data set, which is read block by block.
    public func fit(_ dataset: Dataset) throws(SNNError) -> Bool {
        let source = dataset.source
        guard source.inputCount == 1, source.targetCount == 1 else {
            throw SNNError(
                .argument, "expected a data set of one input and one target, received others")
        }
        return try fitting(source.columns[0].shape.count, source.columns[1].shape.count) {
            (factor) throws(SNNError) in
            try LinearModel.read(source) { (samples) throws(SNNError) in
                try factor.append(samples)
            }
        }
    }

    /// Takes more samples in; each makes those before it count less by the forgetting factor.
    public func update(
        inputs: ArrayView, targets: ArrayView, sampleWeights: ArrayView? = nil
    ) throws(SNNError) {
        let samples = try LinearSamples(inputs: inputs, targets: targets, weights: sampleWeights)
        try access.alone { () throws(SNNError) in
            let factor = try knownFactor(samples.inputs.width, samples.targets.width)
            try LinearModel.check(factor.features, samples.inputs.width, "features")
            try LinearModel.check(factor.outputs, samples.targets.width, "outputs")
            try factor.append(samples, forgetting: options.forgettingFactor)
            self.factor = factor
            solution = nil
        }
    }

    /// Predicts into `predictions`, [rows, outputs], with room for `capacity`; gives their number.
    /// Without memory for them only that.
    public func predict(
        _ inputs: ArrayView, into predictions: UnsafeMutablePointer<Double>?, capacity: Int
    ) throws(SNNError) -> Int {
        try solved { (solution, _) throws(SNNError) in
            try LinearModel.check(solution.features, inputs.shape.count, "features")
            let (count, overflows) = inputs.rows.multipliedReportingOverflow(by: solution.outputs)
            guard !overflows, count <= Shape.maximumCount else {
                throw SNNError(.limit, "expected fewer predictions than 2^40")
            }
            guard let predictions else { return count }
            guard capacity >= count else {
                throw mismatch("room for predictions", expected: count, received: capacity)
            }
            solution.predict(LinearColumn(inputs), rows: 0 ..< inputs.rows, into: predictions)
            return count
        }
    }

    /// Reads the coefficients, [outputs, features].
    public func readCoefficients(
        _ body: (UnsafeBufferPointer<Double>) throws(SNNError) -> Void
    ) throws(SNNError) {
        try solved { (solution, _) throws(SNNError) in try body(solution.coefficients.values) }
    }

    /// Reads the intercept of each output.
    public func readIntercept(
        _ body: (UnsafeBufferPointer<Double>) throws(SNNError) -> Void
    ) throws(SNNError) {
        try solved { (solution, _) throws(SNNError) in try body(solution.intercept.values) }
    }

    /// Reads the residual sum of squares of each output.
    public func readResidualSumsOfSquares(
        _ body: (UnsafeBufferPointer<Double>) throws(SNNError) -> Void
    ) throws(SNNError) {
        try solved { (solution, _) throws(SNNError) in
            try body(solution.residualSumsOfSquares.values)
        }
    }

    /// Reads the singular values of the inputs, one for each feature.
    public func readSingularValues(
        _ body: (UnsafeBufferPointer<Double>) throws(SNNError) -> Void
    ) throws(SNNError) {
        try solved { (_, factor) throws(SNNError) in
            let values = try TriangularSystem.singularValues(of: factor)
            defer { withExtendedLifetime(values) {} }
            try body(values.values)
        }
    }

    public struct Counts {
        public let features: Int
        public let outputs: Int
        public let samples: Int
        public let rank: Int
    }

    public func counts() throws(SNNError) -> Counts {
        try solved { (solution, factor) throws(SNNError) in
            Counts(
                features: factor.features, outputs: factor.outputs, samples: factor.count,
                rank: solution.rank)
        }
    }

    // MARK: Steps of the above

    private func fitting(
        _ features: Int, _ outputs: Int, _ append: (TriangularFactor) throws(SNNError) -> Void
    ) throws(SNNError) -> Bool {
        try access.alone { () throws(SNNError) in
            let factor = try makeFactor(features, outputs)
            try append(factor)
            let solution = try LinearSolution(factor, options)
            self.factor = factor
            self.solution = solution
            return solution.isOneOfMany
        }
    }

    private func makeFactor(
        _ features: Int, _ outputs: Int
    ) throws(SNNError) -> TriangularFactor {
        try options.check(outputs: outputs)
        return try TriangularFactor(
            features: features, outputs: outputs, hasIntercept: options.fitsIntercept,
            threads: options.threads, kernels: InstructionSet.chosenKernels())
    }

    /// The factor that there is, or a new one.
    private func knownFactor(
        _ features: Int, _ outputs: Int
    ) throws(SNNError) -> TriangularFactor {
        if let factor { return factor }
        return try makeFactor(features, outputs)
    }

    private func solved<Result>(
        _ body: (LinearSolution, TriangularFactor) throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        let known = try access.shared { () throws(SNNError) -> Result? in
            guard let solution, let factor else { return nil }
            return try body(solution, factor)
        }
        if let known { return known }
        return try access.alone { () throws(SNNError) in
            guard let factor else {
                throw SNNError(.state, "the linear model has not been fitted yet")
            }
            if let solution { return try body(solution, factor) }
            let found = try LinearSolution(factor, options)
            solution = found
            return try body(found, factor)
        }
    }

    /// Calls `append` with a source's samples, block by block.
    static func read(
        _ source: any SampleSource, _ append: (LinearSamples) throws(SNNError) -> Void
    ) throws(SNNError) {
        let blocks = stride(from: 0, to: source.count, by: source.blockLength).map {
            $0 ..< min($0 + source.blockLength, source.count)
        }
        let reader = try source.makeReader(of: blocks)
        for block in blocks {
            try reader.next()
            func column(_ index: Int) -> LinearColumn {
                let column = source.columns[index]
                let isScaled = index == 0 && column.elementType == .uint8
                return LinearColumn(
                    reader.column(index), column.elementType, width: column.shape.count,
                    factor: isScaled ? Double(source.scale) : 1)
            }
            try append(
                LinearSamples(
                    count: block.count, inputs: column(0), targets: column(1),
                    weights: source.hasSampleWeights ? column(2) : nil))
        }
    }

    private static func check(
        _ expected: Int, _ received: Int, _ what: StaticString
    ) throws(SNNError) {
        guard expected == received else {
            throw mismatch(what, expected: expected, received: received)
        }
    }
}

extension Buffer {
    fileprivate var values: UnsafeBufferPointer<Element> {
        UnsafeBufferPointer(start: pointer, count: count)
    }
}
