import SNNCore
import SNNKernels

/// Compares a host layer's backward pass with finite differences of its forward pass, on up to 16
/// rows of a batch.
final class HostGradientCheck {
    /// Which inputs and weights, in this order, were seen to be right: a bit for each of the first 64.
    typealias Seen = UInt64

    private let pass: Pass
    private let weights: [VariableSpecification]
    private let differences: FiniteDifferences

    /// - Parameter given: a forward pass of the batch.
    init(
        _ given: HostCall, _ computation: any HostComputation, _ weights: [VariableSpecification],
        saved: Int, _ context: OperationContext
    ) throws(SNNError) {
        let pass = try Pass(given, computation, weights, saved: saved, context)
        self.pass = pass
        self.weights = weights
        differences = FiniteDifferences(outputs: pass.outputCount, in: pass.outputs) {
            () throws(SNNError) in try pass.forward()
        }
    }

    /// What is seen now, besides what was before.
    func run(_ before: Seen) throws(SNNError) -> Seen {
        guard try differences.begin() else { return before }
        try pass.backward()
        var seen = before
        for index in pass.counts.indices where index >= 64 || before & 1 << index == 0 {
            // Nobody asks for some.
            switch try pass.tensor(index).map({ (tensor) throws(SNNError) in
                try differences.check(tensor, places: 16)
            }) {
            case .wrong(let mistake):
                let place = mistake.index.map { "number \($0)" } ?? "a random direction"
                throw mistake.error(place + " of " + name(index))
            case .unseen: break
            case .right, nil: seen |= 1 << index
            }
        }
        return seen
    }

    /// Whether there is nothing left to see.
    static func isAll(_ seen: Seen, _ call: HostCall) -> Bool {
        let count = min(call.shapes.inputs.count + call.shapes.weightCount, 64)
        return count == 0 || seen == Seen.max >> (64 - count)
    }

    private func name(_ tensor: Int) -> String {
        let inputs = pass.inputCount
        return tensor < inputs ? "input \(tensor)" : "weight '\(weights[tensor - inputs].name)'"
    }

    /// The layer on memory of its own.
    private final class Pass {
        let inputCount: Int
        let outputCount: Int
        /// Of the inputs, then of the weights, how many numbers there are.
        let counts: [Int]
        private let computation: any HostComputation
        private let saved: Int
        private let call: HostCall
        private let given: HostCall
        private let memory: Buffer<Float>
        /// To the copies, then to the gradients.
        private let pointers: Buffer<UnsafeMutablePointer<Float>?>

        /// What `FiniteDifferences` takes: c, then the output.
        var outputs: UnsafeMutablePointer<Float> { memory.pointer }

        init(
            _ given: HostCall, _ computation: any HostComputation,
            _ weights: [VariableSpecification], saved: Int, _ context: OperationContext
        ) throws(SNNError) {
            let shapes = given.shapes
            let inputs = shapes.inputs.count
            let rows = min(given.rows, 16)
            inputCount = inputs
            counts = shapes.inputs.map { rows * $0.count } + weights.map { $0.shape.count }
            outputCount = rows * shapes.output.count
            self.saved = rows * saved
            self.computation = computation
            self.given = given
            let results = FiniteDifferences.memory(outputs: outputCount)
            memory = try Buffer(count: results + rows * saved + 2 * counts.reduce(0, +))
            pointers = try Buffer(count: 2 * counts.count)
            call = HostCall(
                shapes: shapes, rows: rows, isTraining: true, seed: given.seed,
                confirms: given.confirms, inputs: UnsafePointer(pointers.pointer),
                weights: UnsafePointer(pointers.pointer + inputs),
                output: memory.pointer + outputCount, saved: memory.pointer + results)
            var place = memory.pointer + results + rows * saved
            for index in counts.indices {
                let gradient = index < inputs ? context.dInput(index) : context.dVariable(index - inputs)
                let values = index < inputs ? given.inputs[index] : given.weights[index - inputs]
                if let values { place.copy(from: values, count: counts[index]) }
                pointers.pointer[index] = place
                place += counts[index]
                guard gradient != nil else { continue }
                pointers.pointer[counts.count + index] = place
                place += counts[index]
            }
        }

        /// nil when nobody asks for its gradient.
        func tensor(_ index: Int) -> FiniteDifferences.Tensor? {
            let original = index < inputCount ? given.inputs[index] : given.weights[index - inputCount]
            guard let original, let moved = pointers.pointer[index],
                let gradient = pointers.pointer[counts.count + index]
            else { return nil }
            return .init(original, moved: moved, gradient: gradient, count: counts[index])
        }

        func forward() throws(SNNError) {
            call.output.update(repeating: 0, count: outputCount)
            call.saved?.update(repeating: 0, count: saved)
            let status = computation.forward(call)
            guard status == 0 else { throw .callback("forward", status) }
        }

        func backward() throws(SNNError) {
            var call = call
            call.dOutput = UnsafePointer(memory.pointer)
            call.dInputs = UnsafePointer(pointers.pointer + counts.count)
            call.dWeights = UnsafePointer(pointers.pointer + counts.count + inputCount)
            let status = computation.backward(call)
            guard status == 0 else { throw .callback("backward", status) }
        }
    }
}
