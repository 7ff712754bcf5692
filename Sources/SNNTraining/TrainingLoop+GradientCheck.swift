import SNNCore
import SNNGraph
import SNNKernels

/// What a check of a tensor's gradient found.
package struct GradientDifference: Sendable {
    /// "dense/kernel" or "input 'x'".
    package let name: String
    /// Numbers that were compared, and those beside them where the loss has a kink.
    package var compared = 0
    package var kinks = 0
    /// Those of the compared that have a gradient or a difference.
    package var nonzero = 0
    /// The largest difference, relative to the tensor's largest gradient.
    package var error = 0.0
    /// Where it is, the gradient there and what differences of the loss say.
    package var index = 0
    package var gradient = 0.0
    package var expected = 0.0

    init(_ name: String) { self.name = name }

    package var json: JSON {
        .object(
            ("error", .number(error)), ("index", .integer(Int64(index))),
            ("gradient", .number(gradient)), ("expected", .number(expected)),
            ("compared", .integer(Int64(compared))), ("kinks", .integer(Int64(kinks))), ("nonzero", .integer(Int64(nonzero))))
    }
}

// The gradients of the loss against central differences of it, in training mode, with the noise
// that the next step would have.
extension TrainingLoop {
    /// For each trained variable and each input the worst number of at most `numbers`, of which four
    /// have the largest gradients and the others are spread evenly.
    /// Weights are as before when it returns or throws.
    package func checkGradients(
        _ samples: SampleArrays, numbers: Int
    ) throws(SNNError) -> [GradientDifference] {
        let rows = try samples.check(objective, network.graph)
        let (executor, batch, evaluation) = try differentiated(rows)
        // What the host's layers give is what is looked at here.
        executor.trustsHost = true
        defer { executor.trustsHost = false }
        let loss = try computeGradients(samples)
        let check = DifferenceCheck(
            batch: batch, rows: rows, step: position.step, executor: executor,
            evaluation: evaluation, loss: abs(loss))
        // All gradients first: running the model again overwrites those of the inputs.
        var tensors: [CheckedTensor] = []
        for (index, tensor) in network.graph.inputs.enumerated()
        where executor.inputGradient(index) != nil {
            tensors.append(
                CheckedTensor(
                    "input '\(network.graph.name(ofTensor: tensor))'", batch.input(index),
                    try inputGradient(index), most: numbers))
        }
        for node in network.graph.nodes {
            for variable in node.variables.map({ network.graph.variables[$0] })
            where network.graph.isTrainable(variable, of: node) {
                tensors.append(
                    CheckedTensor(
                        variable.name, network.parameters.pointer + variable.offset,
                        try gradient(of: variable), most: numbers))
            }
        }
        forgetInputGradients()
        var found: [GradientDifference] = []
        for tensor in tensors { found.append(try check.run(tensor)) }
        return found
    }
}

/// A tensor, the places in it that are looked at, and the gradients there.
private struct CheckedTensor {
    let name: String
    let values: UnsafeMutablePointer<Float>
    let places: [Int]
    let gradients: [Double]

    init(
        _ name: String, _ values: UnsafeMutablePointer<Float>,
        _ gradient: UnsafeBufferPointer<Float>, most: Int
    ) {
        self.name = name
        self.values = values
        // Some are for the largest gradients: of an embedding few numbers have one.
        let largest = gradient.count > most && most >= 8 ? 4 : 0
        let spread = min(gradient.count, most) - largest
        var places = (0 ..< spread).map { $0 * gradient.count / spread }
        for _ in 0 ..< largest {
            var next = 0
            var size: Float = -1
            for index in 0 ..< gradient.count
            where gradient[index].magnitude > size && !places.contains(index) {
                (next, size) = (index, gradient[index].magnitude)
            }
            places.append(next)
        }
        self.places = places
        gradients = places.map { Double(gradient[$0]) }
    }
}

/// Differences of the loss on one batch.
private struct DifferenceCheck {
    let batch: Batch
    let rows: Int
    let step: Int64
    let executor: Executor
    let evaluation: Evaluation
    let loss: Double

    func run(_ tensor: CheckedTensor) throws(SNNError) -> GradientDifference {
        var result = GradientDifference(tensor.name)
        let (places, gradients) = (tensor.places, tensor.gradients)
        var far: [Double] = []
        var near: [Double] = []
        for place in places {
            far.append(try difference(tensor.values + place, step: 0x1p-6))
            near.append(try difference(tensor.values + place, step: 0x1p-7))
        }
        // Below a thousandth of the loss a difference is rounding.
        let least = max(1e-6, 1e-3 * loss)
        let largest = (gradients + far + near).reduce(least) { max($0, abs($1)) }
        for index in places.indices {
            // Two steps disagree where one of them passes a kink.
            guard abs(far[index] - near[index]) <= 0.02 * largest else {
                result.kinks += 1
                continue
            }
            result.compared += 1
            if gradients[index] != 0 || far[index] != 0 { result.nonzero += 1 }
            let error = abs(gradients[index] - far[index]) / largest
            guard !(error <= result.error) else { continue }
            result.error = error
            result.index = places[index]
            result.gradient = gradients[index]
            result.expected = far[index]
        }
        return result
    }

    /// (8 (f(x + h) - f(x - h)) - (f(x + 2h) - f(x - 2h))) / 12h.
    private func difference(
        _ value: UnsafeMutablePointer<Float>, step: Float
    ) throws(SNNError) -> Double {
        let old = value.pointee
        defer { value.pointee = old }
        func loss(_ offset: Float) throws(SNNError) -> Double {
            value.pointee = old + offset
            try executor.forward(rows: rows, step: self.step)
            return try evaluation.add(batch, rows: rows, outputs: executor)
        }
        // What the rounded sums really are apart.
        let width = Double(old + step) - Double(old - step)
        let near = try loss(step) - loss(-step)
        let far = try loss(2 * step) - loss(-2 * step)
        return (8 * near - far) / (6 * width)
    }
}
