import SNNGraph
import SNNKernels

/// The inputs of a merge layer, each broadcast to the shape of the output, merged.
final class MergeOperation: Operation {
    let needs: OperationNeeds
    private let rule: MergeRule
    private let count: Int
    private let inputs: Int
    /// For each input how it is broadcast, and the way back; nil for one of the output's shape.
    private let copies: [StridedCopy?]
    private let sums: [StridedCopy?]
    private let factor: Float

    init(_ call: LayerCall, _ rule: MergeRule) {
        self.rule = rule
        count = call.outputs[0].count
        inputs = call.inputs.count
        factor = rule.factor(inputs)
        copies = call.inputs.map {
            $0.count == call.outputs[0].count ? nil : .broadcast($0, to: call.outputs[0])
        }
        sums = copies.map { $0?.mirrored }
        var needs = OperationNeeds()
        for copy in copies where copy != nil { needs.scratch.perRow += count }
        // A gradient before its sum.
        if needs.scratch.perRow > 0 { needs.scratch.perRow += count }
        needs.backwardReadsInputs = rule.gradient != .linear
        needs.backwardReadsOutputs = rule.gradient == .choice
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        broadcast(context)
        context.workers.split(
            context.rows &* count, cost: inputs, granule: 16, with: (self, context)
        ) { work, start, count in
            let (own, context) = work
            let (kernels, y) = (context.kernels, context.output() + start)
            own.rule.combine(
                kernels, own.input(0, context) + start, own.input(1, context) + start, y, count)
            var index = 2
            while index < own.inputs {
                own.rule.combine(kernels, y, own.input(index, context) + start, y, count)
                index &+= 1
            }
            if own.factor != 1 { kernels.pointee.scale(y, y, Int64(count), own.factor) }
        }
    }

    func backward(_ context: OperationContext) {
        if rule.gradient != .linear { broadcast(context) }
        var index = 0
        while index < inputs {
            if let dInput = context.dInput(index) { backward(index, dInput, context) }
            index &+= 1
        }
    }

    private func backward(
        _ index: Int, _ dInput: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        let sum = sums[index]
        let target = sum == nil ? dInput : context.scratch
        context.workers.split(
            context.rows &* count, cost: inputs, granule: 16, with: (self, context, index, target)
        ) { work, start, count in
            let (own, context, index, target) = work
            own.derive(index, target + start, start, count, context)
        }
        sum?.run(context.scratch, dInput, context)
    }

    /// Broadcasts what is not of the output's shape: to scratch, behind the place of a gradient.
    private func broadcast(_ context: OperationContext) {
        var index = 0
        while index < inputs {
            copies[index]?.run(context.input(index), place(index, context), context)
            index &+= 1
        }
    }

    private func place(
        _ input: Int, _ context: OperationContext
    ) -> UnsafeMutablePointer<Float> {
        var place = 1
        var index = 0
        while index < input {
            if copies[index] != nil { place &+= 1 }
            index &+= 1
        }
        return context.scratch + place &* context.rows &* count
    }

    private func input(
        _ index: Int, _ context: OperationContext
    ) -> UnsafeMutablePointer<Float> {
        copies[index] == nil ? context.input(index) : place(index, context)
    }

    /// The gradient of an input, of `count` numbers from `start` on.
    private func derive(
        _ index: Int, _ dx: UnsafeMutablePointer<Float>, _ start: Int, _ count: Int,
        _ context: OperationContext
    ) {
        let dy = context.dOutput() + start
        switch rule.gradient {
        case .linear:
            let factor = rule.takesTwo && index == 1 ? -factor : factor
            context.kernels.pointee.scale(dy, dx, Int64(count), factor)
        case .product:
            dx.update(from: dy, count: count)
            var other = 0
            while other < inputs {
                if other != index {
                    rule.combine(
                        context.kernels, dx, input(other, context) + start, dx, count)
                }
                other &+= 1
            }
        case .choice: choose(index, dx, dy, start, count, context)
        }
    }

    /// Where several inputs are y, they share dy as a chain of pairs does: half of what there is is
    /// the last one's, and so on to the first two, who have as much each.
    private func choose(
        _ index: Int, _ dx: UnsafeMutablePointer<Float>, _ dy: UnsafePointer<Float>,
        _ start: Int, _ count: Int, _ context: OperationContext
    ) {
        let y = context.output() + start
        let x = input(index, context) + start
        var place = 0
        while place < count {
            dx[place] = x[place] == y[place] ? dy[place] : 0
            place &+= 1
        }
        var other = index &+ 1
        while other < inputs {
            halve(dx, where: input(other, context) + start, y, count)
            other &+= 1
        }
        guard index > 1 else {
            if index == 1 { halve(dx, where: input(0, context) + start, y, count) }
            return
        }
        // Once, however many there are before it.
        place = 0
        while place < count {
            var isShared = false
            other = 0
            while other < index {
                isShared = isShared || input(other, context)[start &+ place] == y[place]
                other &+= 1
            }
            if isShared { dx[place] *= 0.5 }
            place &+= 1
        }
    }

    private func halve(
        _ dx: UnsafeMutablePointer<Float>, where x: UnsafePointer<Float>,
        _ y: UnsafePointer<Float>, _ count: Int
    ) {
        var place = 0
        while place < count {
            dx[place] *= x[place] == y[place] ? 0.5 : 1
            place &+= 1
        }
    }
}
