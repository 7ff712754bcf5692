import SNNCore

/// An operation of channels last between transpositions. All that it takes is scratch: what the
/// backward pass reads is transposed once more, and not kept.
final class ChannelsFirstOperation: Operation {
    let needs: OperationNeeds
    private let base: any Operation
    private let inputs: [Side]
    private let outputs: [Side]

    /// A tensor that is transposed.
    private struct Side {
        /// nil where both orders are the same in memory.
        let toLast: StridedCopy?
        let toFirst: StridedCopy?
        let count: Int

        init(_ shape: Shape) {
            let copy = StridedCopy.permutation(of: shape, Shape.rotation(shape.rank, by: 1))
            self.toLast = copy.isIdentity ? nil : copy
            toFirst = copy.isIdentity ? nil : copy.mirrored
            count = shape.count
        }

        /// Whole cache lines.
        func floats(rows: Int) -> Int { toLast == nil ? 0 : (rows &* count &+ 15) / 16 &* 16 }
    }

    init(_ base: any Operation, on call: LayerCall) {
        self.base = base
        inputs = call.inputs.map { Side($0) }
        outputs = call.outputs.map { Side($0) }
        var needs = base.needs
        let count = ChannelsFirstOperation.reserve(inputs, &needs)
            + ChannelsFirstOperation.reserve(outputs, &needs)
        needs.isView = needs.isView && (call.inputs == call.outputs || count == 0)
        self.needs = needs
    }

    /// Scratch for those that are transposed, each with its gradient; gives how many there are.
    private static func reserve(_ sides: [Side], _ needs: inout OperationNeeds) -> Int {
        var count = 0
        for side in sides where side.toLast != nil {
            needs.scratch.perRow += 2 * side.count
            needs.scratch.fixed += 32
            count += 1
        }
        return count
    }

    func pack(_ context: OperationContext) { base.pack(context) }

    func commit(_ context: OperationContext) { base.commit(context) }

    func forward(_ context: OperationContext) {
        run(context, isBackward: false)
    }

    func backward(_ context: OperationContext) {
        run(context, isBackward: true)
    }

    /// Runs `base` over the same memory, but for what is transposed.
    private func run(_ context: OperationContext, isBackward: Bool) {
        let outer = context.memory.pointee
        let count = 2 &* outer.firstGradient &- 1
        withUnsafeTemporaryAllocation(
            of: UnsafeMutablePointer<Float>?.self, capacity: count
        ) { operands in
            guard let operands = operands.baseAddress else { return }
            operands.initialize(from: outer.operands, count: count)
            var places = Places(operands: operands, scratch: outer.scratch, context: context)
            let firstOutput = inputs.count
            let firstGradient = outer.firstGradient
            let firstInputGradient = firstGradient &+ outputs.count
            if !isBackward || base.needs.backwardReadsInputs { places.moveIn(inputs, 0) }
            if !isBackward {
                places.make(outputs, firstOutput)
            } else {
                if base.needs.backwardReadsOutputs { places.moveIn(outputs, firstOutput) }
                places.moveIn(outputs, firstGradient)
                places.make(inputs, firstInputGradient)
            }
            runBase(places, outer, isBackward: isBackward)
            let (made, first) = isBackward ? (inputs, firstInputGradient) : (outputs, firstOutput)
            places.moveOut(made, first, outer.operands)
        }
    }

    private func runBase(_ places: Places, _ outer: StepMemory, isBackward: Bool) {
        guard !base.needs.isView else {
            let gradients = outer.firstGradient
            let (from, to) = isBackward ? (gradients, gradients &+ 1) : (0, 1)
            guard let source = places.operands[from], let target = places.operands[to] else {
                return
            }
            let count = places.context.rows &* inputs[0].count
            target.update(from: source, count: count)
            return
        }
        var memory = StepMemory(
            operands: UnsafePointer(places.operands), inputCount: outer.inputCount,
            outputCount: outer.outputCount, firstVariable: outer.firstVariable,
            firstGradient: outer.firstGradient, kernels: outer.kernels, workers: outer.workers,
            seed: outer.seed, scratch: places.scratch, workspaces: outer.workspaces,
            workspaceSize: outer.workspaceSize, packed: outer.packed, run: outer.run,
            failure: outer.failure)
        withUnsafePointer(to: &memory) { memory in
            if isBackward {
                base.backward(OperationContext(memory))
            } else {
                base.forward(OperationContext(memory))
            }
        }
    }

    /// The operands of `base`, and what is left of the scratch.
    private struct Places {
        let operands: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
        var scratch: UnsafeMutablePointer<Float>
        let context: OperationContext

        /// Gives operands from `first` on memory of their own; those that are asked for.
        mutating func make(_ sides: [Side], _ first: Int) {
            for (index, side) in sides.enumerated()
            where side.toLast != nil && operands[first &+ index] != nil {
                operands[first &+ index] = scratch
                scratch += side.floats(rows: context.rows)
            }
        }

        /// And what they hold, transposed.
        mutating func moveIn(_ sides: [Side], _ first: Int) {
            for (index, side) in sides.enumerated() {
                guard let copy = side.toLast, let x = operands[first &+ index] else { continue }
                copy.run(x, scratch, context)
                operands[first &+ index] = scratch
                scratch += side.floats(rows: context.rows)
            }
        }

        /// Transposes back to where `targets` are.
        func moveOut(
            _ sides: [Side], _ first: Int,
            _ targets: UnsafePointer<UnsafeMutablePointer<Float>?>
        ) {
            for (index, side) in sides.enumerated() {
                guard let copy = side.toFirst, let x = operands[first &+ index],
                    let y = targets[first &+ index]
                else { continue }
                copy.run(x, y, context)
            }
        }
    }
}
