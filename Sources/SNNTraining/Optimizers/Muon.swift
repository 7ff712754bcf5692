import CKernels
import SNNCore
import SNNGraph
import SNNKernels

/// Muon (Jordan et al. 2024), Keras's form. A matrix that is neither an embedding nor excluded:
/// m = momentum * m + g, x = m, or g + momentum * m with `nesterov`; then x is made orthogonal by
/// `ns_steps` steps of Newton and Schulz, x = x / (|x| + 1e-7), then each time A = x x^T and
/// x = a x + (b A + c A A) x, taken on the side that is shorter; and
/// w -= rate * sqrt(max(rows, columns)) * rms_rate * x. Everything else steps as with Adam at
/// rate * adam_lr_ratio.
final class Muon: Optimizer {
    let className = "Muon"
    var learningRate: LearningRate
    let rule: UpdateRule
    private let moments: AdamMoments
    private let adamDecay: Double?
    private let adamRateRatio: Double
    private let momentum: Double
    private let usesNesterov: Bool
    private let steps: Int
    private let a: Double
    private let b: Double
    private let c: Double
    /// nil where the step is not made larger for large matrices.
    private let rmsRate: Double?
    private let excludesEmbeddings: Bool
    private let excludedLayers: NamePatterns
    private var memory: Memory?

    init(_ options: inout Configuration) throws(SNNError) {
        learningRate = try LearningRate(&options, default: 0.001)
        rule = try UpdateRule(&options, defaultDecay: 0.004, mayBeNull: true)
        moments = try AdamMoments(&options, prefix: "adam_")
        adamDecay =
            options.has("adam_weight_decay")
            ? try options.optionalNumber("adam_weight_decay", in: LearningRate.range)
            : try options.number("adam_weight_decay", default: 0.004)
        adamRateRatio = try options.number("adam_lr_ratio", default: 1, in: LearningRate.range)
        momentum = try options.number("momentum", default: 0.95, in: 0 ... 1)
        usesNesterov = try options.bool("nesterov", default: true)
        steps = try options.integer("ns_steps", default: 5, in: 1 ... 1000)
        a = try options.number("muon_a", default: 3.4445)
        b = try options.number("muon_b", default: -4.775)
        c = try options.number("muon_c", default: 2.0315)
        rmsRate =
            options.has("rms_rate")
            ? try options.optionalNumber("rms_rate", in: LearningRate.range)
            : try options.number("rms_rate", default: 0.2)
        excludesEmbeddings = try options.bool("exclude_embeddings", default: true)
        excludedLayers = try NamePatterns(&options, "exclude_layers")
    }

    var ownConfiguration: [JSON.Member] {
        [
            .init("adam_beta_1", .number(moments.beta1)),
            .init("adam_beta_2", .number(moments.beta2)),
            .init("epsilon", .number(moments.epsilon)),
            .init("exclude_layers", excludedLayers.json ?? .array([])),
            .init("muon_a", .number(a)), .init("muon_b", .number(b)), .init("muon_c", .number(c)),
            .init("adam_lr_ratio", .number(adamRateRatio)), .init("momentum", .number(momentum)),
            .init("ns_steps", .integer(Int64(steps))), .init("nesterov", .bool(usesNesterov)),
            .init("exclude_embeddings", .bool(excludesEmbeddings)),
            .init("adam_weight_decay", adamDecay.map { .number($0) } ?? .null),
            .init("rms_rate", rmsRate.map { .number($0) } ?? .null),
        ]
    }

    var slots: [OptimizerSlot] { [OptimizerSlot("momentum"), OptimizerSlot("velocity")] }
    var worksByVariable: Bool { true }

    func prepare(for parts: [ParameterPart], workers: Workers) throws(SNNError) {
        memory = nil
        let matrices = parts.filter { isOrthogonalized($0) }
        guard !matrices.isEmpty else { return }
        memory = try Memory(
            count: matrices.map { $0.shape.count }.max() ?? 0,
            side: matrices.map { min($0.shape[0], $0.shape[1]) }.max() ?? 0,
            depth: matrices.map { max($0.shape[0], $0.shape[1]) }.max() ?? 0)
    }

    func update(_ step: OptimizerStep) {
        guard isOrthogonalized(step.part), let memory else {
            return moments.update(
                step, rate: step.rate * adamRateRatio, m: step.slot(0), v: step.slot(1),
                largest: nil, bound: rule.bound, decay: step.decay(adamDecay))
        }
        let shape = step.part.shape
        let gradient = step.preparedGradient(rule, decay: step.decay(rule.weightDecay))
        let m = step.slot(0)
        let x = memory.x.pointer
        var sum = 0.0
        for index in 0 ..< shape.count {
            m[index] += gradient[index] + m[index] * Float(momentum - 1)
            x[index] = usesNesterov ? gradient[index] + Float(momentum) * m[index] : m[index]
            sum += Double(x[index]) * Double(x[index])
        }
        let count = Int64(shape.count)
        step.kernels.pointee.scale(x, x, count, Float(1 / (sum.squareRoot() + 1e-7)))
        orthogonalize(memory, rows: shape[0], columns: shape[1], step)
        let largest = Double(max(shape[0], shape[1])).squareRoot()
        let rate = Float(step.rate * (rmsRate.map { largest * $0 } ?? 1))
        step.kernels.pointee.sgd(
            step.parameters + step.part.range.lowerBound, memory.x.pointer, count, rate, 1,
            .infinity, 0)
    }

    private func isOrthogonalized(_ part: ParameterPart) -> Bool {
        guard part.shape.rank == 2, !excludedLayers.matchAnywhere(part.name) else { return false }
        let lowered = part.name.utf8.map { (0x41 ... 0x5a).contains($0) ? $0 | 0x20 : $0 }
        return !(excludesEmbeddings && contains(lowered, Array("embedding".utf8)))
    }

    /// The steps of Newton and Schulz on x in place. Of a tall matrix x^T x stands for x x^T: the
    /// same as on its transpose.
    private func orthogonalize(_ memory: Memory, rows: Int, columns: Int, _ step: OptimizerStep) {
        let isTall = rows > columns
        let (side, depth) = isTall ? (columns, rows) : (rows, columns)
        let kernels = step.kernels
        let x = Matrix(memory.x.pointer, columns: columns)
        let gram = Matrix(memory.gram.pointer, columns: side)
        let polynomial = Matrix(memory.polynomial.pointer, columns: side)
        let product = Matrix(memory.product.pointer, columns: columns)
        for _ in 0 ..< steps {
            multiply(
                side, side, depth, isTall ? x.transposed : x, isTall ? x : x.transposed,
                into: gram, step, memory)
            multiply(side, side, side, gram, gram, into: polynomial, step, memory)
            let squareCount = Int64(side * side)
            kernels.pointee.scale(
                polynomial.pointer, polynomial.pointer, squareCount, Float(c))
            kernels.pointee.sgd(
                polynomial.pointer, gram.pointer, squareCount, Float(-b), 1, .infinity, 0)
            multiply(
                rows, columns, side, isTall ? x : polynomial, isTall ? polynomial : x,
                into: product, step, memory)
            let count = Int64(rows * columns)
            kernels.pointee.sgd(
                product.pointer, x.pointer, count, Float(-a), 1, .infinity, 0)
            x.pointer.copy(from: product.pointer, count: Int(count))
        }
    }

    /// c = a b, [m, n] = [m, k] [k, n].
    private func multiply(
        _ m: Int, _ n: Int, _ k: Int, _ a: Matrix, _ b: Matrix, into c: Matrix,
        _ step: OptimizerStep, _ memory: Memory
    ) {
        var product = snnk_product(
            m: Int64(m), n: Int64(n), k: Int64(k), a: a.pointer, aRowStride: Int64(a.rowStride),
            aColumnStride: Int64(a.columnStride), b: b.pointer, bRowStride: Int64(b.rowStride),
            bColumnStride: Int64(b.columnStride), bPanels: nil, c: c.pointer, bias: nil,
            cRowStride: Int64(n), addend: nil, rectifies: 0, rectifier: snnk_rectifier(),
            workspace: memory.workspace.pointer)
        step.kernels.pointee.matrix_product(&product)
    }

    private struct Matrix {
        let pointer: UnsafeMutablePointer<Float>
        let rowStride: Int
        let columnStride: Int

        init(_ pointer: UnsafeMutablePointer<Float>, columns: Int) {
            self.init(pointer, rowStride: columns, columnStride: 1)
        }

        private init(_ pointer: UnsafeMutablePointer<Float>, rowStride: Int, columnStride: Int) {
            self.pointer = pointer
            self.rowStride = rowStride
            self.columnStride = columnStride
        }

        var transposed: Matrix {
            Matrix(pointer, rowStride: columnStride, columnStride: rowStride)
        }
    }

    /// For the largest of the matrices.
    private struct Memory {
        let x: Buffer<Float>
        let product: Buffer<Float>
        let gram: Buffer<Float>
        let polynomial: Buffer<Float>
        let workspace: Buffer<Float>

        init(count: Int, side: Int, depth: Int) throws(SNNError) {
            x = try Buffer(count: count)
            product = try Buffer(count: count)
            gram = try Buffer(count: side * side)
            polynomial = try Buffer(count: side * side)
            workspace = try Buffer(count: Int(snnk_product_workspace(Int64(depth))))
        }
    }
}
