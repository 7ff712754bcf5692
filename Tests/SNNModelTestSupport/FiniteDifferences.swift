import SNNCore
import SNNGraph
import SNNTestSupport

extension ModelRunner {
    /// Compares every gradient of the sum of outputs * cotangents, and of the penalties, for the numbers of each input
    /// and each trainable parameter, with differences of that sum. Gives what disagrees, and what
    /// has a gradient though it is frozen, in words.
    package func gradientErrors(
        _ cotangents: [[Float]], tolerance: Tolerance = .differences
    ) -> [String] {
        forward()
        backward(cotangents)
        var errors: [String] = []
        func compare(
            _ name: String, _ gradient: [Float]?, _ values: UnsafeMutableBufferPointer<Float>
        ) {
            guard let gradient else {
                errors.append("\(name) has no gradient")
                return
            }
            // Of many numbers some hundreds, an odd number apart.
            for index in stride(from: 0, to: values.count, by: values.count / 300 | 1) {
                let expected = difference(values, index, cotangents)
                if !tolerance.accepts(gradient[index], expected) {
                    errors.append("\(name)[\(index)]: \(gradient[index]) instead of \(expected)")
                }
            }
        }
        let graph = network.graph
        // Before the inputs' gradients are overwritten by the runs that follow.
        let inputGradients = graph.inputs.indices.map { inputGradient($0) }
        if options.wantsInputGradients {
            for index in graph.inputs.indices {
                compare("input \(index)", inputGradients[index], input(index))
            }
        }
        for node in graph.nodes {
            for variable in node.variables.map({ graph.variables[$0] }) {
                if graph.isTrainable(variable, of: node) {
                    compare(variable.name, gradient(of: variable), network.values(of: variable))
                } else if gradient(of: variable) != nil {
                    errors.append("\(variable.name) is frozen and has a gradient")
                }
            }
        }
        return errors
    }

    /// (8 (f(x + h) - f(x - h)) - (f(x + 2h) - f(x - 2h))) / 12h, exact up to the fifth derivative.
    private func difference(
        _ values: UnsafeMutableBufferPointer<Float>, _ index: Int, _ cotangents: [[Float]]
    ) -> Double {
        let step: Float = 1 / 64
        let value = values[index]
        func sum(at offset: Float) -> Double {
            values[index] = value + offset
            return weightedSum(cotangents)
        }
        let near = sum(at: step) - sum(at: -step)
        let far = sum(at: 2 * step) - sum(at: -2 * step)
        values[index] = value
        return (8 * near - far) / (12 * Double(step))
    }

    private func weightedSum(_ cotangents: [[Float]]) -> Double {
        try! executor.forward(rows: options.rows, step: options.step)
        var sum = executor.penalty(rows: options.rows)
        for (index, cotangent) in cotangents.enumerated() {
            guard options.lossOutputs?[index] ?? true else { continue }
            let output = executor.output(index)
            for place in cotangent.indices {
                sum += Double(output[place]) * Double(cotangent[place])
            }
        }
        return sum
    }
}
