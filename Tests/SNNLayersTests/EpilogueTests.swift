import SNNCore
import SNNGraph
import SNNKernels
import SNNLayers
import SNNModelTestSupport
import SNNTestSupport
import Testing

/// What a plan that predicts lets a convolution do of the layers after it, against the layers one by
/// one: a frozen model's in training.
@Suite struct EpilogueTests {
    private struct Drawing {
        var graph = Graph(isSequential: false)
        private var count = 0

        mutating func layer(_ className: String, _ config: String = "{}", _ inputs: Int...) throws
            -> Int
        {
            count += 1
            return try add(
                className, JSON.read(config), named: "l\(count)", to: &graph, on: inputs)[0]
        }
    }

    /// The number of steps is what is left to do.
    private func expectSame(_ drawing: Drawing, steps: Int, _ outputs: [Int]) throws {
        var graph = drawing.graph
        try graph.setOutputs(outputs)
        let network = try Network(name: "net", graph: graph, seed: 1)
        network.scramble(seed: 4)
        for node in network.graph.nodes.indices { network.setTrainable(false, node: node) }
        let inputs = graph.inputs.enumerated().map { index, tensor in
            testNumbers(3 * graph.tensors[tensor].shape.count, seed: UInt64(index))
        }
        let apart = try ModelRunner(network) { $0.mode = .training }
        let together = try ModelRunner(network) { $0.mode = .inference }
        #expect(together.executor.plan.stepCount == steps)
        apart.setInputs(inputs)
        together.setInputs(inputs)
        for (values, expected) in zip(together.forward(), apart.forward()) {
            let tolerance = Tolerance.golden.times(20)
            #expect(tolerance.difference(values, expected) == nil)
        }
    }

    @Test(arguments: [
        "{filters: 16, kernel_size: 3, padding: 'same', use_bias: false}",
        "{filters: 16, kernel_size: 3, padding: 'same'}",
        "{filters: 16, kernel_size: 5, padding: 'same', groups: 4}",
    ])
    func aResidualBlockIsAsManyStepsAsConvolutions(_ config: String) throws {
        var drawing = Drawing()
        let x = try drawing.layer("InputLayer", "{shape: [6, 7, 16]}")
        var y = try drawing.layer("Conv2D", config, x)
        y = try drawing.layer("BatchNormalization", "{}", y)
        y = try drawing.layer("ReLU", "{}", y)
        y = try drawing.layer("Conv2D", config, y)
        y = try drawing.layer("BatchNormalization", "{scale: false}", y)
        var shortcut = try drawing.layer("Conv2D", "{filters: 16, kernel_size: 1}", x)
        shortcut = try drawing.layer("BatchNormalization", "{center: false}", shortcut)
        let sum = try drawing.layer("Add", "{}", y, shortcut)
        let output = try drawing.layer("Activation", "{activation: 'relu6'}", sum)
        try expectSame(drawing, steps: 3, [output])
    }

    @Test func aDepthwiseOneTakesThemToo() throws {
        var drawing = Drawing()
        let x = try drawing.layer("InputLayer", "{shape: [6, 7, 5]}")
        var y = try drawing.layer("DepthwiseConv2D", "{kernel_size: 3, padding: 'same'}", x)
        y = try drawing.layer("BatchNormalization", "{}", y)
        y = try drawing.layer("Add", "{}", x, y)
        y = try drawing.layer("ReLU", "{max_value: 6}", y)
        try expectSame(drawing, steps: 1, [y])
    }

    @Test func whatOthersSeeStaysAStep() throws {
        var drawing = Drawing()
        let x = try drawing.layer("InputLayer", "{shape: [4, 4, 3]}")
        // Read twice; an output; a sum of itself; an activation of its own; two normalizations.
        let read = try drawing.layer("Conv2D", "{filters: 3, kernel_size: 1}", x)
        let normal = try drawing.layer("BatchNormalization", "{}", read)
        let sum = try drawing.layer("Add", "{}", read, normal)
        let shown = try drawing.layer("Conv2D", "{filters: 2, kernel_size: 1}", sum)
        let relu = try drawing.layer("ReLU", "{}", shown)
        let active = try drawing.layer(
            "Conv2D", "{filters: 2, kernel_size: 1, activation: 'tanh'}", relu)
        let after = try drawing.layer("BatchNormalization", "{}", active)
        let twice = try drawing.layer("Conv2D", "{filters: 2, kernel_size: 1}", after)
        let first = try drawing.layer("BatchNormalization", "{}", twice)
        let second = try drawing.layer("BatchNormalization", "{}", first)
        let self2 = try drawing.layer("Conv2D", "{filters: 2, kernel_size: 1}", second)
        let doubled = try drawing.layer("Add", "{}", self2, self2)
        try expectSame(drawing, steps: 11, [shown, doubled])
    }
}
