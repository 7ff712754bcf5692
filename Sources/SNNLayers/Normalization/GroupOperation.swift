import SNNCore
import SNNGraph
import SNNKernels

/// Group normalization with the channels last: sums for each channel, as a batch normalization
/// takes them, but of one sample, and then over the channels of a group.
final class GroupOperation: Operation {
    let needs: OperationNeeds
    private let groups: Int
    private let epsilon: Double
    private let gains: GainPlaces
    private let channels: Int
    /// Vectors of channels in a sample.
    private let vectors: Int
    private let savesStatistics: Bool
    /// Vectors of scratch for a sample: sums of chunks, two for the backward pass, and what the
    /// steps keep before them.
    private let vectorsOfScratch: Int
    private static let keptVectors = 4

    init(_ call: LayerCall, groups: Int, epsilon: Double, _ gains: GainPlaces) {
        self.groups = groups
        self.epsilon = epsilon
        self.gains = gains
        channels = call.inputs[0].last
        vectors = call.inputs[0].outerCount
        savesStatistics = call.mode == .training
        let chunks =
            (vectors + SummationOrder.rowsPerChunk - 1) / SummationOrder.rowsPerChunk
        vectorsOfScratch = GroupOperation.keptVectors + (savesStatistics ? 2 : 1) * chunks
        var needs = OperationNeeds()
        // Ones and zeros, and in training each sample's gradients of gamma and beta.
        needs.scratch = FloatCount(
            perRow: (vectorsOfScratch + (savesStatistics ? 2 : 0)) * channels,
            fixed: 2 * channels)
        // Each group's mean and factor.
        if savesStatistics { needs.saved = FloatCount(perRow: 2 * groups) }
        needs.backwardReadsInputs = true
        self.needs = needs
    }

    /// What is the same for all samples.
    private struct Work {
        let context: OperationContext
        let gamma: UnsafePointer<Float>
        let beta: UnsafePointer<Float>
    }

    func forward(_ context: OperationContext) {
        run(context, isBackward: false)
    }

    func backward(_ context: OperationContext) {
        run(context, isBackward: true)
        let (dGamma, dBeta) = gains.gradients(context)
        let sums = sampleGradients(context)
        add(sums, into: dGamma, context)
        add(sums + context.rows &* channels, into: dBeta, context)
    }

    private func run(_ context: OperationContext, isBackward: Bool) {
        let (gamma, beta) = gains.values(context, orAt: context.scratch, count: channels)
        let work = Work(context: context, gamma: gamma, beta: beta)
        context.workers.split(
            context.rows, cost: 8 &* vectors &* channels, with: (self, work, isBackward)
        ) { work, start, count in
            let (operation, work, isBackward) = work
            var sample = start
            while sample < start &+ count {
                if isBackward {
                    operation.differentiate(sample, work)
                } else {
                    operation.normalize(sample, work)
                }
                sample &+= 1
            }
        }
    }

    private func normalize(_ sample: Int, _ work: Work) {
        let kernels = work.context.kernels
        let x = work.context.input() + sample &* vectors &* channels
        let means = scratch(sample, work.context)
        let (scale, shift) = (means + channels, means + 2 &* channels)
        let sums = means + GroupOperation.keptVectors &* channels
        eachChunk { start, count, chunk in
            kernels.pointee.column_sums(
                x + start &* channels, count, Int64(channels), sums + chunk &* channels)
        }
        kernels.pointee.tree_sum(sums, Int64(chunks), Int64(channels))
        eachGroup { group, first in
            let mean = Float(total(sums, first) / size)
            (means + first).update(repeating: mean, count: channelsOfGroup)
        }
        eachChunk { start, count, chunk in
            kernels.pointee.column_deviations(
                x + start &* channels, means, count, Int64(channels), sums + chunk &* channels)
        }
        kernels.pointee.tree_sum(sums, Int64(chunks), Int64(channels))
        eachGroup { group, first in
            let variance = total(sums, first) / size
            // As in a batch normalization: what is infinite is an error of this step.
            let factor =
                variance.isFinite ? Float(1 / (variance + epsilon).squareRoot()) : .nan
            if savesStatistics {
                let saved = work.context.saved + 2 &* (sample &* groups &+ group)
                saved[0] = means[first]
                saved[1] = factor
            }
            var channel = first
            while channel < first &+ channelsOfGroup {
                scale[channel] = work.gamma[channel] * factor
                shift[channel] = work.beta[channel] - means[channel] * scale[channel]
                channel &+= 1
            }
        }
        kernels.pointee.column_affine(
            x, scale, shift, work.context.output() + sample &* vectors &* channels,
            Int64(vectors), Int64(channels))
    }

    /// For each channel b = sum dy and s = sum dy (x - mean), which make the gradients of beta and,
    /// times the factor r, gamma; and with sums over a group of N numbers
    /// dx = gamma r dy - r sum(gamma b) / N - (x - mean) r^3 sum(gamma s) / N.
    private func differentiate(_ sample: Int, _ work: Work) {
        let context = work.context
        let kernels = context.kernels
        let offset = sample &* vectors &* channels
        let (x, dy) = (context.input() + offset, context.dOutput() + offset)
        let means = scratch(sample, context)
        let (a, b, c) = (means + channels, means + 2 &* channels, means + 3 &* channels)
        let sums = means + GroupOperation.keptVectors &* channels
        let correlations = sums + chunks &* channels
        let dGamma = sampleGradients(context) + sample &* channels
        let dBeta = dGamma + context.rows &* channels
        eachGroup { group, first in
            let mean = context.saved[2 &* (sample &* groups &+ group)]
            (means + first).update(repeating: mean, count: channelsOfGroup)
        }
        eachChunk { start, count, chunk in
            let offset = start &* channels
            kernels.pointee.column_sums_and_correlations(
                dy + offset, x + offset, means, count, Int64(channels),
                sums + chunk &* channels, correlations + chunk &* channels)
        }
        kernels.pointee.tree_sum(sums, Int64(chunks), Int64(channels))
        kernels.pointee.tree_sum(correlations, Int64(chunks), Int64(channels))
        eachGroup { group, first in
            let factor = context.saved[2 &* (sample &* groups &+ group) &+ 1]
            let r = Double(factor)
            let slope = r * r * r * total(correlations, first, times: work.gamma) / size
            let level = r * total(sums, first, times: work.gamma) / size
            var channel = first
            while channel < first &+ channelsOfGroup {
                dGamma[channel] = correlations[channel] * factor
                dBeta[channel] = sums[channel]
                a[channel] = work.gamma[channel] * factor
                b[channel] = Float(0 - slope)
                c[channel] = Float(0 - level)
                channel &+= 1
            }
        }
        guard let dInput = context.dInput() else { return }
        kernels.pointee.column_affine_gradient(
            dy, x, means, a, b, c, dInput + offset, Int64(vectors), Int64(channels))
    }

    private func add(
        _ sums: UnsafeMutablePointer<Float>, into gradient: UnsafeMutablePointer<Float>?,
        _ context: OperationContext
    ) {
        guard let gradient else { return }
        context.kernels.pointee.tree_sum(sums, Int64(context.rows), Int64(channels))
        gradient.update(from: sums, count: channels)
    }

    private var chunks: Int {
        (vectors &+ SummationOrder.rowsPerChunk &- 1) / SummationOrder.rowsPerChunk
    }

    private var channelsOfGroup: Int { channels / groups }

    /// The numbers in a group.
    private var size: Double { Double(vectors &* channelsOfGroup) }

    /// Ones and zeros come first, then the samples' scratch, then their gradients.
    private func scratch(
        _ sample: Int, _ context: OperationContext
    ) -> UnsafeMutablePointer<Float> {
        context.scratch + (2 &+ sample &* vectorsOfScratch) &* channels
    }

    private func sampleGradients(_ context: OperationContext) -> UnsafeMutablePointer<Float> {
        scratch(context.rows, context)
    }

    private func eachChunk(_ body: (_ start: Int, _ count: Int64, _ chunk: Int) -> Void) {
        var chunk = 0
        while chunk < chunks {
            let start = chunk &* SummationOrder.rowsPerChunk
            body(start, Int64(min(SummationOrder.rowsPerChunk, vectors &- start)), chunk)
            chunk &+= 1
        }
    }

    /// With the number of each group's first channel.
    private func eachGroup(_ body: (_ group: Int, _ first: Int) -> Void) {
        var group = 0
        while group < groups {
            body(group, group &* channelsOfGroup)
            group &+= 1
        }
    }

    /// The sum over the channels of the group that begins at `first`.
    private func total(
        _ sums: UnsafePointer<Float>, _ first: Int, times factors: UnsafePointer<Float>? = nil
    ) -> Double {
        var total = 0.0
        var channel = first
        while channel < first &+ channelsOfGroup {
            total += Double(sums[channel]) * Double(factors?[channel] ?? 1)
            channel &+= 1
        }
        return total
    }
}
