import SNNCore
import SNNGraph

/// y = (x - mean) * scale + shift, with constants that are broadcast.
final class AffineOperation: Operation, JobRunner {
    let needs: OperationNeeds
    private let period: Period
    private let constants: Constants

    enum Constants: Sendable {
        case values(mean: [Float], scale: [Float], shift: [Float])
        /// Variables 0 and 1 are a mean and a variance, which y is without, or, inverted, with.
        case statistics(inverted: Bool)
    }

    init(_ period: Period, _ constants: Constants) {
        self.period = period
        self.constants = constants
        var needs = OperationNeeds()
        needs.scratch.fixed = 3 * (period.small.count + period.floats)
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        run(context.input(), context.output(), context, isGradient: false)
    }

    func backward(_ context: OperationContext) {
        guard let dInput = context.dInput() else { return }
        run(context.dOutput(), dInput, context, isGradient: true)
    }

    private func run(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ context: OperationContext,
        isGradient: Bool
    ) {
        let count = period.small.count
        let raw = context.scratch
        fill(mean: raw, scale: raw + count, shift: raw + 2 &* count, context)
        if isGradient {
            raw.update(repeating: 0, count: count)
            (raw + 2 &* count).update(repeating: 0, count: count)
        }
        let laid = raw + 3 &* count
        let floats = period.floats
        var index = 0
        while index < 3 {
            period.lay(raw + index &* count, into: laid + index &* floats, context)
            index &+= 1
        }
        period.run(self, 0, x, y, context)
    }

    func run(_ job: Job, _ start: Int, _ count: Int) {
        let floats = period.floats
        let mean = job.context.scratch + 3 &* period.small.count
        let (scale, shift) = (mean + floats, mean + 2 &* floats)
        period.stretches(job, start, count) { first, count in
            let (x, y) = (job.x + first, job.y + first)
            var index = 0
            while index < count {
                y[index] = (x[index] - mean[index]) * scale[index] + shift[index]
                index &+= 1
            }
        }
    }

    private func fill(
        mean: UnsafeMutablePointer<Float>, scale: UnsafeMutablePointer<Float>,
        shift: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        var index = 0
        while index < period.small.count {
            switch constants {
            case .values(let means, let scales, let shifts):
                mean[index] = means[index % means.count]
                scale[index] = scales[index % scales.count]
                shift[index] = shifts[index % shifts.count]
            case .statistics(let inverted):
                // Keras's least deviation.
                let deviation = max(context.variable(1)[index].squareRoot(), 1e-7)
                let average = context.variable(0)[index]
                mean[index] = inverted ? 0 : average
                scale[index] = inverted ? deviation : 1 / deviation
                shift[index] = inverted ? average : 0
            }
            index &+= 1
        }
    }
}
