import SNNCore
import SNNKernels

/// Compares a host layer's backward pass with finite differences of its forward pass, on up to 16
/// rows of a batch: the gradients of sum(c * output), with numbers c of about 1 and either sign.
///
/// Up to 24 numbers of each input and weight, spread evenly, are moved up and down by two distances,
/// of which one must confirm the derivative: at a kink it may be that of either side.
final class HostGradientCheck {
    private let computation: any HostComputation
    private let weights: [VariableSpecification]
    private let rows: Int
    private let outputCount: Int
    /// Of the inputs, then of the weights, how many numbers there are.
    private let counts: [Int]
    /// c, the present output and the first one, what is saved, copies of inputs and weights, and the
    /// gradients of those that somebody asks for, one behind the other.
    private let memory: Buffer<Float>
    /// To the copies, then to the gradients.
    private let pointers: Buffer<UnsafeMutablePointer<Float>?>
    private let call: HostCall

    private var cotangents: UnsafeMutablePointer<Float> { memory.pointer }
    private var output: UnsafeMutablePointer<Float> { memory.pointer + outputCount }
    private var first: UnsafeMutablePointer<Float> { memory.pointer + 2 * outputCount }

    /// - Parameter given: a forward pass of the batch.
    init(
        _ given: HostCall, _ computation: any HostComputation, _ weights: [VariableSpecification],
        saved: Int, _ context: OperationContext
    ) throws(SNNError) {
        let shapes = given.shapes
        let rows = min(given.rows, 16)
        let outputCount = rows * shapes.output.count
        let counts = shapes.inputs.map { rows * $0.count } + weights.map { $0.shape.count }
        memory = try Buffer(count: 3 * outputCount + rows * saved + 2 * counts.reduce(0, +))
        pointers = try Buffer(count: 2 * counts.count)
        let inputCount = shapes.inputs.count
        var place = memory.pointer + 3 * outputCount
        call = HostCall(
            shapes: shapes, rows: rows, isTraining: true, seed: given.seed,
            inputs: UnsafePointer(pointers.pointer),
            weights: UnsafePointer(pointers.pointer + inputCount),
            output: memory.pointer + outputCount, saved: place)
        place += rows * saved
        for index in counts.indices {
            let isInput = index < inputCount
            let values = isInput ? given.inputs[index] : given.weights[index - inputCount]
            let gradient =
                isInput ? context.dInput(index) : context.dVariable(index - inputCount)
            if let values { place.copy(from: values, count: counts[index]) }
            pointers.pointer[index] = place
            place += counts[index]
            guard gradient != nil else { continue }
            pointers.pointer[counts.count + index] = place
            place += counts[index]
        }
        self.computation = computation
        self.weights = weights
        self.rows = rows
        self.outputCount = outputCount
        self.counts = counts
        let random = RandomStream(seed: 0, purpose: .dropout, call: 0, ordinal: 0, step: 0)
        for index in 0 ..< outputCount {
            let uniform = Float(random.uniform(index))
            memory.pointer[index] = uniform < 0.5 ? -0.5 - uniform : uniform + 0.5
        }
    }

    /// Whether the outputs were finite, without which nothing was seen.
    func run() throws(SNNError) -> Bool {
        try forward()
        first.copy(from: output, count: outputCount)
        try forward()
        let change = change(from: first, to: output)
        guard change.sum.isFinite else { return false }
        guard change.sum == 0 else {
            throw SNNError(
                .argument,
                "its forward callback gives other numbers for the same call; randomness must follow "
                    + "from the call's seed")
        }
        try backward()
        for index in counts.indices {
            guard let values = pointers.pointer[index],
                let gradient = pointers.pointer[counts.count + index]
            else { continue }
            try check(index, values, gradient)
        }
        return true
    }

    private func check(
        _ tensor: Int, _ values: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>
    ) throws(SNNError) {
        let count = counts[tensor]
        // Slopes are judged by the size of the largest.
        var most = 0.0
        for index in 0 ..< count where gradient[index].isFinite {
            most = max(most, Double(gradient[index].magnitude))
        }
        let places = min(count, 24)
        for place in 0 ..< places {
            let index = places > 1 ? place * (count - 1) / (places - 1) : 0
            let slope = Double(gradient[index])
            var expected = 0.0
            var isConfirmed = false
            for distance: Float in [0x1p-7, 0x1p-10] where !isConfirmed {
                let rise = try slopeBeside(values + index, distance)
                let fall = try slopeBeside(values + index, -distance)
                expected = (rise.sum + fall.sum) / 2
                let tolerance =
                    0.02 * max(most, expected.magnitude) + rise.noise + fall.noise + 1e-6
                // Beyond its domain a layer has no difference to compare with.
                isConfirmed =
                    !expected.isFinite
                    || slope >= min(rise.sum, fall.sum) - tolerance
                        && slope <= max(rise.sum, fall.sum) + tolerance
            }
            guard isConfirmed else {
                let inputCount = call.shapes.inputs.count
                let name =
                    tensor < inputCount
                    ? "input \(tensor)" : "weight '\(weights[tensor - inputCount].name)'"
                throw SNNError(
                    .argument,
                    "its derivative for number \(index) of \(name) is expected to be about "
                        + "\(Float(expected)), by finite differences, received \(Float(slope))")
            }
        }
    }

    /// The difference of the sum when a number is moved, over how far, and what of it is rounding.
    private func slopeBeside(
        _ number: UnsafeMutablePointer<Float>, _ distance: Float
    ) throws(SNNError) -> (sum: Double, noise: Double) {
        let x = number.pointee
        defer { number.pointee = x }
        number.pointee = x + distance * max(x.magnitude, 1)
        // Exactly the distance between the two floats.
        let step = Double(number.pointee) - Double(x)
        try forward()
        let change = change(from: first, to: output)
        return (change.sum / step, change.noise / step.magnitude)
    }

    /// sum(c * (after - before)), and what it may be off by since both are floats.
    private func change(
        from before: UnsafePointer<Float>, to after: UnsafePointer<Float>
    ) -> (sum: Double, noise: Double) {
        var sum = 0.0
        var size = 0.0
        for index in 0 ..< outputCount where before[index] != after[index] {
            let c = Double(cotangents[index])
            sum += c * (Double(after[index]) - Double(before[index]))
            let number = Double(before[index].magnitude)
            size += number * number
        }
        return (sum, 1e-6 * size.squareRoot())
    }

    private func forward() throws(SNNError) {
        output.update(repeating: 0, count: outputCount)
        let status = computation.forward(call)
        guard status == 0 else { throw .callback("forward", status) }
    }

    private func backward() throws(SNNError) {
        var call = call
        call.dOutput = UnsafePointer(cotangents)
        call.dInputs = UnsafePointer(pointers.pointer + counts.count)
        call.dWeights = UnsafePointer(
            pointers.pointer + counts.count + call.shapes.inputs.count)
        let status = computation.backward(call)
        guard status == 0 else { throw .callback("backward", status) }
    }
}
