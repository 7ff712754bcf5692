import SNNCore
import SNNGraph
import SNNKernels

/// The inputs of a merge layer, each broadcast to the shape of the output, merged.
final class MergeOperation: Operation, JobRunner {
    let needs: OperationNeeds
    private let rule: MergeRule
    private let count: Int
    private let inputs: Int
    /// For each input how it is broadcast, and the way back.
    private let copies: [StridedCopy]
    private let sums: [StridedCopy]
    private let factor: Float

    init(_ call: LayerCall, _ rule: MergeRule) {
        self.rule = rule
        count = call.outputs[0].count
        inputs = call.inputs.count
        factor = rule.factor(inputs)
        copies = call.inputs.map { .broadcast($0, to: call.outputs[0]) }
        sums = copies.map { $0.mirrored }
        var needs = OperationNeeds()
        for copy in copies where !copy.isIdentity { needs.scratch.perRow += count }
        // A gradient before its sum.
        if needs.scratch.perRow > 0 { needs.scratch.perRow += count }
        needs.backwardReadsInputs = rule.gradient != .linear
        needs.backwardReadsOutputs = rule.gradient == .choice
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        broadcast(context)
        run(-1, context.output(), context)
    }

    func backward(_ context: OperationContext) {
        if rule.gradient != .linear { broadcast(context) }
        for index in 0 ..< inputs {
            guard let dInput = context.dInput(index) else { continue }
            if copies[index].isIdentity {
                run(index, dInput, context)
            } else {
                run(index, context.scratch, context)
                sums[index].run(context.scratch, dInput, context)
            }
        }
    }

    /// - Parameter phase: the input whose gradient is wanted; -1 for the output.
    private func run(
        _ phase: Int, _ y: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        context.run(
            self, phase, context.input(), y, count: context.rows &* count, cost: inputs, granule: 16)
    }

    func run(_ job: Job, _ start: Int, _ count: Int) {
        let context = job.context
        let y = job.y + start
        let index = job.phase
        if index < 0 {
            fold(inputs, start, y, count, context)
            if factor != 1 { context.kernels.pointee.scale(y, y, Int64(count), factor) }
            return
        }
        let dy = context.dOutput() + start
        switch rule.gradient {
        case .linear:
            let factor = rule.takesTwo && index == 1 ? -factor : factor
            context.kernels.pointee.scale(dy, y, Int64(count), factor)
        case .product:
            y.update(from: dy, count: count)
            for other in 0 ..< inputs where other != index {
                rule.combine(context.kernels, y, input(other, context) + start, y, count)
            }
        case .choice: choose(index, y, dy, start, count, context)
        }
    }

    /// y = the first inputs merged, at least one.
    private func fold(
        _ inputs: Int, _ start: Int, _ y: UnsafeMutablePointer<Float>, _ count: Int,
        _ context: OperationContext
    ) {
        let first = input(0, context) + start
        guard inputs > 1 else {
            y.update(from: first, count: count)
            return
        }
        rule.combine(context.kernels, first, input(1, context) + start, y, count)
        for index in 2 ..< max(inputs, 2) {
            rule.combine(context.kernels, y, input(index, context) + start, y, count)
        }
    }

    /// Broadcasts what is not of the output's shape: to scratch, behind the place of a gradient.
    private func broadcast(_ context: OperationContext) {
        for index in 0 ..< inputs where !copies[index].isIdentity {
            copies[index].run(context.input(index), input(index, context), context)
        }
    }

    /// An input in the shape of the output.
    private func input(
        _ index: Int, _ context: OperationContext
    ) -> UnsafeMutablePointer<Float> {
        guard !copies[index].isIdentity else { return context.input(index) }
        var place = 1
        for other in 0 ..< index where !copies[other].isIdentity { place &+= 1 }
        return context.scratch + place &* context.rows &* count
    }

    /// dy where the input is the output. Where several are, they share it as a chain of pairs does:
    /// half is the last one's, half of the rest the one's before it, and what is left the first's.
    private func choose(
        _ index: Int, _ dx: UnsafeMutablePointer<Float>, _ dy: UnsafePointer<Float>,
        _ start: Int, _ count: Int, _ context: OperationContext
    ) {
        let y = context.output() + start
        let x = input(index, context) + start
        // Where those before it reach the output, it has a half.
        if index > 0 { fold(index, start, dx, count, context) }
        var place = 0
        while place < count {
            let share: Float = index > 0 && dx[place] == y[place] ? 0.5 : 1
            dx[place] = x[place] == y[place] ? dy[place] * share : 0
            place &+= 1
        }
        for later in index + 1 ..< max(inputs, index + 1) {
            let other = input(later, context) + start
            place = 0
            while place < count {
                if other[place] == y[place] { dx[place] *= 0.5 }
                place &+= 1
            }
        }
    }
}
