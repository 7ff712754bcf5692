import SNNCore
import SNNKernels

/// Compares a host layer's backward pass with finite differences of its forward pass, on up to 16
/// rows of a batch: the gradients of sum(c * output), with numbers c of about 1 and either sign.
///
/// Up to 24 numbers of each input and weight, spread evenly, are moved up and down by two distances,
/// of which one must confirm the derivative: at a kink it may be that of either side.
final class HostGradientCheck {
    /// An input or a weight, of which the check has a copy.
    private struct Tensor {
        /// As messages name it.
        let name: String
        let values: Buffer<Float>
        /// nil: nobody asks for it.
        let gradient: Buffer<Float>?
    }

    private let computation: any HostComputation
    private let rows: Int
    private let outputCount: Int
    private let tensors: [Tensor]
    private let cotangents: Buffer<Float>
    private let output: Buffer<Float>
    private let first: Buffer<Float>
    private let saved: Buffer<Float>
    private let pointers: Buffer<UnsafeMutablePointer<Float>?>
    private var call: HostCall

    /// - Parameter call: a forward pass of the batch.
    init(
        _ call: HostCall, _ computation: any HostComputation, _ weights: [VariableSpecification],
        saved: Int, _ context: OperationContext
    ) throws(SNNError) {
        self.computation = computation
        rows = min(call.rows, 16)
        outputCount = rows * call.shapes.output.count
        var tensors: [Tensor] = []
        func add(
            _ name: String, _ values: UnsafeMutablePointer<Float>?, _ count: Int, _ isWanted: Bool
        ) throws(SNNError) {
            let copy = try Buffer<Float>(count: count)
            if let values { copy.pointer.copy(from: values, count: count) }
            tensors.append(
                Tensor(name: name, values: copy, gradient: isWanted ? try Buffer(count: count) : nil))
        }
        for (index, shape) in call.shapes.inputs.enumerated() {
            try add(
                "input \(index)", call.inputs[index], rows * shape.count,
                context.dInput(index) != nil)
        }
        for (index, weight) in weights.enumerated() {
            try add(
                "weight '\(weight.name)'", call.weights[index], weight.shape.count,
                context.dVariable(index) != nil)
        }
        self.tensors = tensors
        cotangents = try Buffer(count: outputCount)
        output = try Buffer(count: outputCount)
        first = try Buffer(count: outputCount)
        self.saved = try Buffer(count: rows * saved)
        pointers = try Buffer(count: 2 * tensors.count)
        for (index, tensor) in tensors.enumerated() {
            pointers.pointer[index] = tensor.values.pointer
            pointers.pointer[tensors.count + index] = tensor.gradient?.pointer
        }
        let inputCount = call.shapes.inputs.count
        self.call = HostCall(
            shapes: call.shapes, rows: rows, isTraining: true, seed: call.seed,
            inputs: UnsafePointer(pointers.pointer),
            weights: UnsafePointer(pointers.pointer + inputCount), output: output.pointer,
            saved: self.saved.pointer)
        let random = RandomStream(
            seed: 0, purpose: .dropout, call: 0, ordinal: 0, step: 0)
        for index in 0 ..< outputCount {
            let uniform = Float(random.uniform(index))
            cotangents.pointer[index] = uniform < 0.5 ? -0.5 - uniform : uniform + 0.5
        }
    }

    /// Whether the outputs were finite, without which nothing was seen.
    func run() throws(SNNError) -> Bool {
        try forward()
        first.pointer.copy(from: output.pointer, count: outputCount)
        try forward()
        let change = change(from: first.pointer, to: output.pointer)
        guard change.sum.isFinite else { return false }
        guard change.sum == 0 else {
            throw SNNError(
                .argument,
                "its forward callback gives other numbers for the same call; randomness must follow "
                    + "from the call's seed")
        }
        try backward()
        for tensor in tensors {
            guard let gradient = tensor.gradient else { continue }
            try check(tensor, gradient)
        }
        return true
    }

    private func check(_ tensor: Tensor, _ gradient: Buffer<Float>) throws(SNNError) {
        // Slopes are judged by the size of the largest.
        var most = 0.0
        for index in 0 ..< gradient.count where gradient.pointer[index].isFinite {
            most = max(most, Double(gradient.pointer[index].magnitude))
        }
        let places = min(gradient.count, 24)
        for place in 0 ..< places {
            let index = places > 1 ? place * (gradient.count - 1) / (places - 1) : 0
            let slope = Double(gradient.pointer[index])
            var expected = 0.0
            var isConfirmed = false
            for distance: Float in [0x1p-7, 0x1p-10] where !isConfirmed {
                let rise = try slopeBeside(tensor.values.pointer + index, distance)
                let fall = try slopeBeside(tensor.values.pointer + index, -distance)
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
                throw SNNError(
                    .argument,
                    "its derivative for number \(index) of \(tensor.name) is expected to be about "
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
        let change = change(from: first.pointer, to: output.pointer)
        return (change.sum / step, change.noise / step.magnitude)
    }

    /// sum(c * (after - before)), and what it may be off by since both are floats.
    private func change(
        from before: UnsafePointer<Float>, to after: UnsafePointer<Float>
    ) -> (sum: Double, noise: Double) {
        var sum = 0.0
        var size = 0.0
        for index in 0 ..< outputCount where before[index] != after[index] {
            let c = Double(cotangents.pointer[index])
            sum += c * (Double(after[index]) - Double(before[index]))
            let number = Double(before[index].magnitude)
            size += number * number
        }
        return (sum, 1e-6 * size.squareRoot())
    }

    private func forward() throws(SNNError) {
        output.pointer.update(repeating: 0, count: outputCount)
        let status = computation.forward(call)
        guard status == 0 else { throw .callback("forward", status) }
    }

    private func backward() throws(SNNError) {
        var call = call
        call.dOutput = UnsafePointer(cotangents.pointer)
        call.dInputs = UnsafePointer(pointers.pointer + tensors.count)
        call.dWeights = UnsafePointer(
            pointers.pointer + tensors.count + call.shapes.inputs.count)
        let status = computation.backward(call)
        guard status == 0 else { throw .callback("backward", status) }
    }
}
