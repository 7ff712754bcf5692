import SNNCore
import SNNGraph
import SNNKernels

/// L-BFGS (Nocedal 1980; Liu and Nocedal 1989), PyTorch's `torch.optim.LBFGS`: up to `max_iter` steps
/// of a quasi-Newton method on each batch, which should be all of the data. The loss that is
/// reported is that before the first.
///
/// As PyTorch's, but for: dot products in double; and a point whose loss or gradient is not finite,
/// which is not taken: the line search comes nearer, and where there is none the step ends at the
/// last good point and forgets its history.
package final class LBFGS: Optimizer {
    package let className = "LBFGS"
    package let isKnownToKeras = false
    package var learningRate: LearningRate
    package let rule: UpdateRule
    private let mostIterations: Int
    private let mostEvaluations: Int
    private let gradientTolerance: Double
    private let changeTolerance: Double
    private let historySize: Int
    private let usesLineSearch: Bool

    // What is known of the curvature, from step to step; saved.
    private var iterations = 0
    private var evaluations = 0
    /// The last step's length and the scale of the first guess of the inverse Hessian.
    private var length = 0.0
    private var scale = 1.0
    /// Differences of gradients and of parameters, the oldest first, and 1 over their products.
    private var history: [(dGradient: Buffer<Float>, step: Buffer<Float>, rho: Double)] = []
    /// Of the last step; nil before the first.
    private var direction: Buffer<Float>?
    private var gradientBefore: Buffer<Float>?

    private var memory: Memory?
    private var spare: [Buffer<Float>] = []

    init(_ options: inout Configuration) throws(SNNError) {
        let range = 1 ... Int(Int32.max)
        // PyTorch's name, and the one that all others have.
        guard !options.has("lr") || !options.has("learning_rate") else {
            throw options.failure("only one of 'lr' and 'learning_rate' may be set")
        }
        learningRate = try LearningRate(
            &options, key: options.has("lr") ? "lr" : "learning_rate", default: 1)
        options.ignore("learning_rate")
        rule = try UpdateRule(&options)
        mostIterations = try options.integer("max_iter", default: 20, in: range)
        mostEvaluations =
            try options.optionalInteger("max_eval", in: range) ?? max(mostIterations * 5 / 4, 1)
        gradientTolerance = try options.number("tolerance_grad", default: 1e-7, in: .nonNegative)
        changeTolerance = try options.number("tolerance_change", default: 1e-9, in: .nonNegative)
        historySize = try options.integer("history_size", default: 100, in: 1 ... 100_000)
        let search = try options.optionalString("line_search_fn")
        guard search == nil || search == "strong_wolfe" else {
            throw options.mismatch(
                "line_search_fn", "'strong_wolfe' or null", .string(search ?? ""))
        }
        usesLineSearch = search != nil
        try refuseWhatDoesNotGoWithIt(options.owner)
    }

    /// These change gradients or weights behind the method's back.
    private func refuseWhatDoesNotGoWithIt(_ owner: String) throws(SNNError) {
        let given = rule.configuration + rule.ownConfiguration
        for key in [
            "weight_decay", "clipnorm", "clipvalue", "global_clipnorm",
            "gradient_accumulation_steps", "exclude_from_weight_decay", "learning_rate_factors",
        ] where given.contains(where: { $0.name == key }) {
            throw SNNError(.unsupported, "\(owner): '\(key)' does not go with L-BFGS")
        }
    }

    package var ownConfiguration: [JSON.Member] {
        [
            .init("max_iter", .integer(Int64(mostIterations))),
            .init("max_eval", .integer(Int64(mostEvaluations))),
            .init("tolerance_grad", .number(gradientTolerance)),
            .init("tolerance_change", .number(changeTolerance)),
            .init("history_size", .integer(Int64(historySize))),
            .init("line_search_fn", usesLineSearch ? "strong_wolfe" : .null),
        ]
    }

    package var slots: [OptimizerSlot] { [] }
    package var minimizer: LBFGS? { self }
    package func update(_ step: OptimizerStep) {}

    // MARK: State

    package var numbers: [Double] {
        [
            Double(iterations), Double(evaluations), length, scale, direction == nil ? 0 : 1,
            gradientBefore == nil ? 0 : 1,
        ] + history.map { $0.rho }
    }

    package var vectors: [OptimizerVector] {
        var vectors: [OptimizerVector] = []
        if let direction { vectors.append(OptimizerVector(name: "direction", buffer: direction)) }
        if let gradientBefore {
            vectors.append(OptimizerVector(name: "previous_gradient", buffer: gradientBefore))
        }
        for (index, pair) in history.enumerated() {
            vectors.append(OptimizerVector(name: "old_dirs_\(index)", buffer: pair.dGradient))
            vectors.append(OptimizerVector(name: "old_stps_\(index)", buffer: pair.step))
        }
        return vectors
    }

    package func restore(_ numbers: [Double], count: Int) throws(SNNError) {
        let counts = 0 ... 0x1p53
        try check(
            numbers.count >= 6 && numbers.count - 6 <= historySize && counts.contains(numbers[0])
                && counts.contains(numbers[1]))
        iterations = Int(numbers[0])
        evaluations = Int(numbers[1])
        length = numbers[2]
        scale = numbers[3]
        direction = numbers[4] == 0 ? nil : try Buffer(count: count)
        gradientBefore = numbers[5] == 0 ? nil : try Buffer(count: count)
        try check(iterations == 0 || (direction != nil && gradientBefore != nil))
        history = []
        for rho in numbers[6...] {
            history.append((try Buffer(count: count), try Buffer(count: count), rho))
        }
    }

    // MARK: A step

    /// Up to `max_iter` iterations from the present parameters, where the batch has this loss.
    ///
    /// - Parameters:
    ///   - ranges: the parameters that are trained.
    ///   - count: of all parameters.
    func minimize(
        _ batch: any BatchLoss, loss first: Double, rate: Double, ranges: [Range<Int>],
        count: Int, kernels: UnsafePointer<KernelTable>, workers: Workers
    ) throws(SNNError) {
        let memory = try memory(ranges, count, kernels, workers)
        let vectors = memory.vectors
        evaluations += 1
        let x = batch.parameters
        let gradient = memory.gradient.pointer
        vectors.set(gradient, to: batch.gradients)
        guard vectors.magnitudes(gradient).largest > gradientTolerance else { return }
        guard let d = direction, let before = gradientBefore else {
            throw SNNError(.state, "L-BFGS: no memory")
        }
        var loss = first
        var used = 1
        var done = 0
        while done < mostIterations {
            done += 1
            iterations += 1
            if iterations == 1 {
                scale = 1
                vectors.set(d.pointer, to: gradient, times: -1)
            } else {
                try remember(gradient, before.pointer, d.pointer, vectors, count)
                setDirection(d.pointer, gradient, vectors, memory)
            }
            vectors.set(before.pointer, to: gradient)
            let lossBefore = loss
            length =
                iterations == 1
                ? min(1, 1 / vectors.magnitudes(gradient).sum) * rate : rate
            let slope = vectors.dot(gradient, d.pointer)
            if slope > -changeTolerance { break }

            vectors.set(memory.start.pointer, to: x)
            if usesLineSearch {
                var search = StrongWolfe(
                    batch, vectors, memory.points, start: memory.start.pointer,
                    direction: d.pointer, changeTolerance: changeTolerance)
                let (found, evaluated) = search.run(
                    loss: loss, gradient: gradient, slope: slope, length: length,
                    most: mostEvaluations - used)
                used += evaluated
                evaluations += evaluated
                guard let found else { return forget(batch, memory) }
                (loss, length) = (found.loss, found.length)
                vectors.set(gradient, to: memory.points[found.gradient].pointer)
                vectors.set(x, to: memory.start.pointer)
                vectors.add(d.pointer, times: length, to: x)
            } else {
                vectors.add(d.pointer, times: length, to: x)
                if done < mostIterations {
                    used += 1
                    evaluations += 1
                    guard let value = batch.evaluate() else { return forget(batch, memory) }
                    loss = value
                    vectors.set(gradient, to: batch.gradients)
                }
            }
            if used >= mostEvaluations { break }
            if vectors.magnitudes(gradient).largest <= gradientTolerance { break }
            if vectors.magnitudes(d.pointer).largest * abs(length) <= changeTolerance { break }
            if abs(loss - lossBefore) < changeTolerance { break }
        }
    }

    /// Back to the last good point, the curvature unknown.
    private func forget(_ batch: any BatchLoss, _ memory: Memory) {
        memory.vectors.set(batch.parameters, to: memory.start.pointer)
        forgetCurvature()
    }

    /// Begins anew with the next step.
    func forgetCurvature() {
        for pair in history { spare += [pair.dGradient, pair.step] }
        history = []
        iterations = 0
    }

    /// Adds the last step to the history where its curvature is positive.
    private func remember(
        _ gradient: UnsafePointer<Float>, _ before: UnsafePointer<Float>,
        _ d: UnsafePointer<Float>, _ vectors: FlatVectors, _ count: Int
    ) throws(SNNError) {
        let dGradient = try buffer(count)
        let step = try buffer(count)
        vectors.set(dGradient.pointer, to: gradient)
        vectors.add(before, times: -1, to: dGradient.pointer)
        vectors.set(step.pointer, to: d, times: length)
        let product = vectors.dot(dGradient.pointer, step.pointer)
        guard product > 1e-10 else {
            spare += [dGradient, step]
            return
        }
        if history.count == historySize {
            let oldest = history.removeFirst()
            spare += [oldest.dGradient, oldest.step]
        }
        history.append((dGradient, step, 1 / product))
        scale = product / vectors.dot(dGradient.pointer, dGradient.pointer)
    }

    /// d = -H gradient by the two loops of Nocedal's algorithm 7.4.
    private func setDirection(
        _ d: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>,
        _ vectors: FlatVectors, _ memory: Memory
    ) {
        vectors.set(d, to: gradient, times: -1)
        let alpha = memory.alpha.pointer
        for index in history.indices.reversed() {
            let pair = history[index]
            alpha[index] = vectors.dot(pair.step.pointer, d) * pair.rho
            vectors.add(pair.dGradient.pointer, times: -alpha[index], to: d)
        }
        vectors.set(d, to: d, times: scale)
        for index in history.indices {
            let pair = history[index]
            let beta = vectors.dot(pair.dGradient.pointer, d) * pair.rho
            vectors.add(pair.step.pointer, times: alpha[index] - beta, to: d)
        }
    }

    // MARK: Memory

    private func buffer(_ count: Int) throws(SNNError) -> Buffer<Float> {
        if let last = spare.popLast() { return last }
        return try Buffer(count: count)
    }

    private func memory(
        _ ranges: [Range<Int>], _ count: Int, _ kernels: UnsafePointer<KernelTable>,
        _ workers: Workers
    ) throws(SNNError) -> Memory {
        if direction == nil { direction = try Buffer(count: count) }
        if gradientBefore == nil { gradientBefore = try Buffer(count: count) }
        if let memory, memory.ranges == ranges { return memory }
        let made = try Memory(
            ranges, count: count, historySize: historySize, pointCount: usesLineSearch ? 5 : 0,
            FlatVectors(ranges, kernels: kernels, workers: workers))
        memory = made
        return made
    }

    private struct Memory {
        let ranges: [Range<Int>]
        let vectors: FlatVectors
        let gradient: Buffer<Float>
        /// The parameters at the begin of an iteration.
        let start: Buffer<Float>
        /// Gradients at the points of a line search.
        let points: [Buffer<Float>]
        let alpha: Buffer<Double>

        init(
            _ ranges: [Range<Int>], count: Int, historySize: Int, pointCount: Int,
            _ vectors: FlatVectors
        ) throws(SNNError) {
            self.ranges = ranges
            self.vectors = vectors
            gradient = try Buffer(count: count)
            start = try Buffer(count: count)
            var points: [Buffer<Float>] = []
            for _ in 0 ..< pointCount { points.append(try Buffer(count: count)) }
            self.points = points
            alpha = try Buffer(count: historySize)
        }
    }
}
