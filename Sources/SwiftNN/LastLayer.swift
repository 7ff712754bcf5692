import SNNCore
import SNNGraph
import SNNKernels
import SNNLinear
import SNNTraining

/// The last layer of a network, where it is affine, over all before it, whose outputs are the
/// features that it is fitted to.
struct LastLayer {
    private let network: Network
    private let node: Node
    /// The network that ends before it.
    private let features: Graph
    private let width: Int
    private let units: Int
    /// Vectors in a sample.
    private let outer: Int
    private let outputShape: Shape

    init(_ network: Network) throws(SNNError) {
        let graph = network.graph
        guard graph.outputs.count == 1 else {
            throw SNNError(.unsupported, "expected a model of one output, received one of several")
        }
        let call = graph.calls[graph.tensors[graph.outputs[0]].producer]
        node = graph.nodes[call.node]
        guard node.layer.isAffine, node.calls.count == 1 else {
            throw SNNError(
                .unsupported,
                "expected the model to end in a Dense layer without an activation that is called "
                    + "once"
            ).within(node.name)
        }
        guard node.isTrainable else {
            throw SNNError(.state, "the last layer is frozen; thaw it first").within(node.name)
        }
        var features = graph
        try features.setOutputs([call.inputs[0]])
        self.network = network
        self.features = features
        let inputShape = graph.tensors[call.inputs[0]].shape
        outputShape = graph.tensors[graph.outputs[0]].shape
        width = inputShape.last
        outer = inputShape.outerCount
        units = outputShape.last
    }

    private var hasBias: Bool { node.variables.count > 1 }

    /// Fits kernel and bias to a data set; true when others fit as well.
    func fit(
        _ source: any SampleSource, _ options: LinearOptions, batchSize: Int
    ) throws(SNNError) -> Bool {
        try check(source)
        var options = options
        options.fitsIntercept = hasBias
        let factor = try TriangularFactor(
            features: width, outputs: units, hasIntercept: hasBias, threads: options.threads,
            kernels: InstructionSet.chosenKernels())
        try append(source, to: factor, threads: options.threads, batchSize: batchSize)
        let solution = try LinearSolution(factor, options)
        try store(solution)
        return solution.isOneOfMany
    }

    private func check(_ source: any SampleSource) throws(SNNError) {
        let inputs = network.graph.inputs.map { network.graph.tensors[$0].shape }
        let shapes = source.columns.map { $0.shape }
        guard source.inputCount == inputs.count, source.targetCount == 1 else {
            throw SNNError(
                .argument, "expected a data set of the model's inputs and one target")
        }
        for (index, shape) in (inputs + [outputShape]).enumerated() where shapes[index] != shape {
            throw mismatch(
                .shape, index < inputs.count ? "inputs" : "targets", expected: shape.batchText,
                received: shapes[index].batchText)
        }
    }

    private func append(
        _ source: any SampleSource, to factor: TriangularFactor, threads: Int, batchSize: Int
    ) throws(SNNError) {
        let kernels = InstructionSet.best.kernels
        let capacity = min(batchSize, source.count)
        let executor = try Executor(
            Plan.inference(of: features), of: network, capacity: capacity,
            workers: Workers(threads: threads), kernels: kernels)
        let loader = try BatchLoader(
            source, range: 0 ..< source.count, batchSize: capacity, shuffleSeed: nil,
            kernels: kernels)
        let weights = try Buffer<Float>(
            count: source.hasSampleWeights ? capacity * outer : 0)
        defer { withExtendedLifetime((executor, loader, weights)) {} }
        for index in 0 ..< source.inputCount {
            executor.bindInput(index, to: loader.batch.input(index))
        }
        try loader.begin(epoch: 0)
        for batch in 0 ..< loader.batchCount {
            let rows = loader.rows(ofBatch: batch)
            try loader.load(rows: rows)
            try executor.forward(rows: rows)
            if let own = loader.batch.weights {
                for index in 0 ..< rows * outer { weights.pointer[index] = own[index / outer] }
            }
            try factor.append(
                LinearSamples(
                    count: rows * outer,
                    inputs: LinearColumn(executor.output(0), .float32, width: width),
                    targets: LinearColumn(loader.batch.target(0), .float32, width: units),
                    weights: weights.count > 0
                        ? LinearColumn(weights.pointer, .float32, width: 1) : nil))
        }
    }

    /// Writes the solution as float32: all of it or, when it throws, nothing.
    private func store(_ solution: LinearSolution) throws(SNNError) {
        let coefficients = solution.coefficients
        var sum: Float = 0
        for index in 0 ..< coefficients.count { sum += Float(coefficients.pointer[index]) * 0 }
        for unit in 0 ..< units { sum += Float(solution.intercept.pointer[unit]) * 0 }
        guard sum == 0 else {
            throw SNNError(.numeric, "a weight is too large for float32").within(node.name)
        }
        let kernel = network.values(of: network.graph.variables[node.variables[0]])
        for input in 0 ..< width {
            for unit in 0 ..< units {
                kernel[input * units + unit] = Float(coefficients.pointer[unit * width + input])
            }
        }
        if hasBias {
            let bias = network.values(of: network.graph.variables[node.variables[1]])
            for unit in 0 ..< units { bias[unit] = Float(solution.intercept.pointer[unit]) }
        }
        network.weightsDidChange()
    }
}

extension Model {
    /// Sets kernel and bias of the last layer, an affine Dense, to those that fit a data set best
    /// by least squares over what the layers before it give in prediction; true when others fit as
    /// well. Options (JSON5): `alpha`, `rcond`, `scale_columns`, `batch_size`, `threads`.
    public func fitLastLayer(
        _ dataset: Dataset, options: String? = nil
    ) throws(SNNError) -> Bool {
        var configuration = try Configuration(text: options, of: "fit_last_layer")
        var linear = LinearOptions()
        try linear.readSolving(&configuration)
        let batchSize = try configuration.integer(
            "batch_size", default: 256, in: 1 ... 1 << 24)
        try configuration.finish()
        return try completed { (network) throws(SNNError) in
            try access.alone { () throws(SNNError) in
                try LastLayer(network).fit(dataset.source, linear, batchSize: batchSize)
            }
        }
    }
}
