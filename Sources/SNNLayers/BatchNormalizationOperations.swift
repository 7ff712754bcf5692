import SNNCore
import SNNGraph
import SNNKernels
import SNNProducts

/// What both operations of a batch normalization share: where the variables stand, and y = x *
/// scale + shift for each channel.
struct ChannelNormalization {
    let channels: Int
    /// Vectors of channels in a sample.
    let outer: Int
    private let epsilon: Float
    let gammaIndex: Int?
    let betaIndex: Int?
    let meanIndex: Int
    let varianceIndex: Int

    init(_ call: LayerCall, epsilon: Float, centers: Bool, scales: Bool) {
        self.init(
            channels: call.inputs[0].last, outer: call.inputs[0].outerCount, epsilon: epsilon,
            centers: centers, scales: scales)
    }

    init(channels: Int, outer: Int = 1, epsilon: Float, centers: Bool, scales: Bool) {
        self.channels = channels
        self.outer = outer
        self.epsilon = epsilon
        gammaIndex = scales ? 0 : nil
        betaIndex = centers ? (scales ? 1 : 0) : nil
        meanIndex = (scales ? 1 : 0) + (centers ? 1 : 0)
        varianceIndex = meanIndex + 1
    }

    /// 1 / sqrt(variance + epsilon)
    func inverseDeviation(_ variance: Float) -> Float {
        1 / (variance + epsilon).squareRoot()
    }

    /// scale = gamma / sqrt(variance + epsilon), shift = beta - mean * scale.
    func fold(
        mean: UnsafePointer<Float>, variance: UnsafePointer<Float>,
        scale: UnsafeMutablePointer<Float>, shift: UnsafeMutablePointer<Float>,
        _ variables: UnsafePointer<UnsafeMutablePointer<Float>?>
    ) {
        let gamma = gammaIndex.flatMap { variables[$0] }
        let beta = betaIndex.flatMap { variables[$0] }
        var channel = 0
        while channel < channels {
            let inverse = inverseDeviation(variance[channel])
            scale[channel] = (gamma?[channel] ?? 1) * inverse
            shift[channel] = (beta?[channel] ?? 0) - mean[channel] * scale[channel]
            channel &+= 1
        }
    }

    func apply(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
        scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, _ context: OperationContext
    ) {
        context.workers.split(
            context.rows &* outer, cost: 2 &* channels,
            with: (context.kernels, x, y, scale, shift, channels)
        ) { work, start, count in
            let (kernels, x, y, scale, shift, channels) = work
            let offset = start &* channels
            kernels.pointee.column_affine(
                x + offset, scale, shift, y + offset, Int64(count), Int64(channels))
        }
    }
}

/// With the moving statistics: an affine map.
final class MovingNormalization: Operation {
    let needs: OperationNeeds
    private let normalization: ChannelNormalization

    init(_ normalization: ChannelNormalization) {
        self.normalization = normalization
        var needs = OperationNeeds()
        needs.scratch = FloatCount(fixed: 2 * normalization.channels)
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        let (scale, shift) = folded(context)
        normalization.apply(context.input(), context.output(), scale: scale, shift: shift, context)
    }

    /// Only for a frozen layer, whose variables have no gradient.
    func backward(_ context: OperationContext) {
        guard let dInput = context.dInput() else { return }
        let (scale, shift) = folded(context)
        shift.update(repeating: 0, count: normalization.channels)
        normalization.apply(context.dOutput(), dInput, scale: scale, shift: shift, context)
    }

    private func folded(
        _ context: OperationContext
    ) -> (scale: UnsafeMutablePointer<Float>, shift: UnsafeMutablePointer<Float>) {
        let scale = context.scratch
        let shift = scale + normalization.channels
        normalization.fold(
            mean: context.variable(normalization.meanIndex),
            variance: context.variable(normalization.varianceIndex), scale: scale, shift: shift,
            context.variables)
        return (scale, shift)
    }
}

/// With the statistics of the batch.
final class BatchStatisticsNormalization: Operation {
    let needs: OperationNeeds
    private let normalization: ChannelNormalization
    private let momentum: Float

    init(_ normalization: ChannelNormalization, momentum: Float) {
        self.normalization = normalization
        self.momentum = momentum
        let channels = normalization.channels
        let reduction = ColumnReduction.scratch(outer: normalization.outer, columns: channels)
        var needs = OperationNeeds()
        // The batch's mean, variance, and the scale.
        needs.saved = FloatCount(fixed: 3 * channels)
        needs.scratch = FloatCount(
            perRow: 2 * reduction.perRow, fixed: 2 * reduction.fixed + 5 * channels)
        needs.backwardReadsInputs = true
        needs.commits = true
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        let channels = normalization.channels
        let mean = context.saved
        let variance = mean + channels
        let scale = variance + channels
        let shift = context.scratch
        computeStatistics(mean: mean, variance: variance, context)
        normalization.fold(
            mean: mean, variance: variance, scale: scale, shift: shift, context.variables)
        normalization.apply(context.input(), context.output(), scale: scale, shift: shift, context)
    }

    /// With N rows, xhat = (x - mean) / deviation, S = sum dy (x - mean):
    /// dBeta = sum dy, dGamma = S / deviation, and
    /// dx = scale * (dy - dBeta / N - (x - mean) * S / (N * deviation^2)).
    func backward(_ context: OperationContext) {
        let channels = normalization.channels
        let vectors = context.rows &* normalization.outer
        let mean = context.saved
        let variance = mean + channels
        let scale = variance + channels
        let dySum = context.scratch
        let correlation = dySum + channels
        let b = correlation + channels
        let c = b + channels
        let scratch = reductionScratch(context)
        ColumnReduction.sumAndCorrelations(
            context.dOutput(), context.input(), from: mean, rows: vectors, columns: channels,
            scratch: scratch, into: dySum, context)
        let dGamma = normalization.gammaIndex.flatMap { context.dVariable($0) }
        let dBeta = normalization.betaIndex.flatMap { context.dVariable($0) }
        let count = Float(vectors)
        var channel = 0
        while channel < channels {
            let inverse = normalization.inverseDeviation(variance[channel])
            dBeta?[channel] = dySum[channel]
            dGamma?[channel] = correlation[channel] * inverse
            b[channel] = -(scale[channel] * inverse * inverse * correlation[channel] / count)
            c[channel] = -(scale[channel] * dySum[channel] / count)
            channel &+= 1
        }
        guard let dInput = context.dInput() else { return }
        context.workers.split(
            vectors, cost: 5 &* channels, with: (context, dInput, mean, scale, b, c, channels)
        ) { work, start, count in
            let (context, dInput, mean, scale, b, c, channels) = work
            let offset = start &* channels
            context.kernels.pointee.column_affine_gradient(
                context.dOutput() + offset, context.input() + offset, mean, scale, b, c,
                dInput + offset, Int64(count), Int64(channels))
        }
    }

    func commit(_ context: OperationContext) {
        follow(context.variable(normalization.meanIndex), context.saved)
        follow(
            context.variable(normalization.varianceIndex), context.saved + normalization.channels)
    }

    private func follow(_ moving: UnsafeMutablePointer<Float>, _ batch: UnsafePointer<Float>) {
        var channel = 0
        while channel < normalization.channels {
            moving[channel] = moving[channel] * momentum + batch[channel] * (1 - momentum)
            channel &+= 1
        }
    }

    private func computeStatistics(
        mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>,
        _ context: OperationContext
    ) {
        let channels = normalization.channels
        let vectors = context.rows &* normalization.outer
        let scratch = reductionScratch(context)
        ColumnReduction.sum(
            context.input(), rows: vectors, columns: channels, scratch: scratch, into: mean,
            context)
        divide(mean, by: Float(vectors))
        ColumnReduction.deviations(
            context.input(), from: mean, rows: vectors, columns: channels, scratch: scratch,
            into: variance, context)
        divide(variance, by: Float(vectors))
        // Over an infinite deviation everything is beta: a finite loss, and moving statistics that
        // never recover. As NaN it is an error of this step.
        for channel in 0 ..< channels where !variance[channel].isFinite { variance[channel] = .nan }
    }

    private func divide(_ values: UnsafeMutablePointer<Float>, by count: Float) {
        var channel = 0
        while channel < normalization.channels {
            values[channel] /= count
            channel &+= 1
        }
    }

    /// Behind the rows of channels that the steps keep at the begin.
    private func reductionScratch(_ context: OperationContext) -> UnsafeMutablePointer<Float> {
        context.scratch + 5 &* normalization.channels
    }
}
