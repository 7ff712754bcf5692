import SNNCore
import SNNGraph
import SNNKernels

/// The mean over all places of a sample, for each channel: sums of chunks, added pairwise.
final class MeanOperation: Operation {
    let needs: OperationNeeds
    private let channels: Int
    private let places: Int
    private let chunks: Int

    init(_ call: LayerCall) {
        channels = call.inputs[0].last
        places = call.inputs[0].outerCount
        chunks = (places + SummationOrder.rowsPerChunk - 1) / SummationOrder.rowsPerChunk
        var needs = OperationNeeds()
        // The sums of chunks, in the backward pass a sample's gradient for each place.
        needs.scratch = FloatCount(perRow: chunks * channels)
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        run(context, dInput: nil)
    }

    func backward(_ context: OperationContext) {
        guard let dInput = context.dInput() else { return }
        run(context, dInput: dInput)
    }

    private func run(_ context: OperationContext, dInput: UnsafeMutablePointer<Float>?) {
        context.workers.split(
            context.rows, cost: places &* channels, with: (self, context, dInput)
        ) { work, start, count in
            let (operation, context, dInput) = work
            var sample = start
            while sample < start &+ count {
                if let dInput {
                    operation.spread(sample, dInput, context)
                } else {
                    operation.average(sample, context)
                }
                sample &+= 1
            }
        }
    }

    private func average(_ sample: Int, _ context: OperationContext) {
        let kernels = context.kernels
        let x = context.input() + sample &* places &* channels
        let sums = context.scratch + sample &* chunks &* channels
        var chunk = 0
        while chunk < chunks {
            let start = chunk &* SummationOrder.rowsPerChunk
            kernels.pointee.column_sums(
                x + start &* channels, Int64(min(SummationOrder.rowsPerChunk, places &- start)),
                Int64(channels), sums + chunk &* channels)
            chunk &+= 1
        }
        kernels.pointee.tree_sum(sums, Int64(chunks), Int64(channels))
        kernels.pointee.scale(
            sums, context.output() + sample &* channels, Int64(channels), 1 / Float(places))
    }

    /// The same row of gradients for each place.
    private func spread(
        _ sample: Int, _ dInput: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        let kernels = context.kernels
        let share = context.scratch + sample &* channels
        kernels.pointee.scale(
            context.dOutput() + sample &* channels, share, Int64(channels), 1 / Float(places))
        kernels.pointee.copy_rows(
            share, 0, dInput + sample &* places &* channels, Int64(channels), Int64(places),
            Int64(channels))
    }
}
