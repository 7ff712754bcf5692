import CKernels
import SNNCore
import SNNGraph
import SNNKernels

/// What a normalization over the last axes makes of a row.
struct RowFormula: Sendable {
    /// Whether the mean is taken away.
    let centers: Bool
    /// What the sum of squares is divided by.
    let divisor: Double
    let epsilon: Double
    /// The largest factor.
    var most = Float.infinity
}

/// y = gamma r (x - mu) + beta, r = 1 / sqrt(sum (x - mu)^2 / divisor + epsilon), for each row of
/// the last axes.
final class RowNormalization: Operation {
    let needs: OperationNeeds
    private let formula: RowFormula
    private let places: GainPlaces
    private let length: Int
    /// Rows in a sample.
    private let outer: Int
    private let savesStatistics: Bool
    /// Rows that a thread is given at once, whose gradients of gamma and beta it adds up in sequence.
    private static let rowsPerChunk = 64

    init(_ call: LayerCall, _ formula: RowFormula, _ places: GainPlaces, length: Int) {
        self.formula = formula
        self.places = places
        self.length = length
        outer = call.inputs[0].count / length
        savesStatistics = call.mode == .training
        var needs = OperationNeeds()
        // The mean and the factor of each row.
        let statistics = FloatCount(perRow: 2 * outer)
        if savesStatistics { needs.saved = statistics } else { needs.scratch = statistics }
        let chunks = FloatCount(
            perRow: (outer * length + RowNormalization.rowsPerChunk - 1)
                / RowNormalization.rowsPerChunk,
            fixed: length)
        // Ones and zeros; in training the sums of chunks, too.
        needs.scratch.fixed += 2 * length
        if savesStatistics {
            needs.scratch.perRow += 2 * chunks.perRow
            needs.scratch.fixed += 2 * chunks.fixed
        }
        needs.backwardReadsInputs = true
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        run(context, Gradients())
    }

    /// Chunk by chunk, with each its sums for gamma and beta, which are then added pairwise.
    func backward(_ context: OperationContext) {
        let chunks = chunks(context)
        let (dGamma, dBeta) = places.gradients(context)
        let gammaSums = context.scratch + 2 &* length
        let betaSums = gammaSums + chunks &* length
        run(
            context,
            Gradients(
                areWanted: true, input: context.dInput(), gamma: dGamma.map { _ in gammaSums },
                beta: dBeta.map { _ in betaSums }))
        add(gammaSums, chunks, into: dGamma, context)
        add(betaSums, chunks, into: dBeta, context)
    }

    /// Where the gradients go; those of gamma and beta by chunks.
    private struct Gradients {
        var areWanted = false
        var input: UnsafeMutablePointer<Float>?
        var gamma: UnsafeMutablePointer<Float>?
        var beta: UnsafeMutablePointer<Float>?
    }

    private func run(_ context: OperationContext, _ gradients: Gradients) {
        context.workers.split(
            chunks(context), cost: 8 &* length &* RowNormalization.rowsPerChunk,
            with: (self, context, kernel(context), gradients)
        ) { work, start, count in
            let (operation, context, kernel, gradients) = work
            var chunk = start
            while chunk < start &+ count {
                operation.run(chunk, context, kernel, gradients)
                chunk &+= 1
            }
        }
    }

    private func run(
        _ chunk: Int, _ context: OperationContext, _ kernel: snnk_normalization,
        _ gradients: Gradients
    ) {
        let row = chunk &* RowNormalization.rowsPerChunk
        let rows = Int64(min(RowNormalization.rowsPerChunk, context.rows &* outer &- row))
        let x = context.input() + row &* length
        let statistics =
            (savesStatistics ? context.saved : context.scratch + 2 &* length) + 2 &* row
        withUnsafePointer(to: kernel) { kernel in
            guard gradients.areWanted else {
                context.kernels.pointee.normalize_rows(
                    kernel, x, context.output() + row &* length, statistics, rows)
                return
            }
            context.kernels.pointee.normalize_rows_gradient(
                kernel, x, context.dOutput() + row &* length, statistics,
                gradients.input.map { $0 + row &* length },
                gradients.gamma.map { $0 + chunk &* length },
                gradients.beta.map { $0 + chunk &* length }, rows)
        }
    }

    private func chunks(_ context: OperationContext) -> Int {
        (context.rows &* outer &+ RowNormalization.rowsPerChunk &- 1)
            / RowNormalization.rowsPerChunk
    }

    private func add(
        _ sums: UnsafeMutablePointer<Float>, _ chunks: Int,
        into gradient: UnsafeMutablePointer<Float>?, _ context: OperationContext
    ) {
        guard let gradient else { return }
        context.kernels.pointee.tree_sum(sums, Int64(chunks), Int64(length))
        gradient.update(from: sums, count: length)
    }

    private func kernel(_ context: OperationContext) -> snnk_normalization {
        let (gamma, beta) = places.values(context, orAt: context.scratch, count: length)
        return snnk_normalization(
            length: Int64(length), gamma: gamma, beta: beta, divisor: formula.divisor,
            epsilon: Float(formula.epsilon), most: formula.most,
            centers: formula.centers ? 1 : 0)
    }
}
