import SNNCore
import SNNGraph
import SNNKernels
import SNNLinear
import SNNTraining

/// Sets a layer's mean and variance to those of a data set, in double, in two passes over it.
struct Adaptation {
    private let network: Network
    private let node: Node
    private let loader: BatchLoader
    /// For each number of a sample which mean is its.
    private let places: Buffer<Int32>
    private let means: Buffer<Double>
    private let sums: Buffer<Double>

    init(_ network: Network, _ node: Node, _ source: any SampleSource) throws(SNNError) {
        self.network = network
        self.node = node
        let graph = network.graph
        let tensor = graph.calls[node.calls[0]].inputs.first
        guard let tensor, let axes = try node.layer.adaptedAxes(of: graph.tensors[tensor].shape)
        else {
            throw SNNError(
                .unsupported,
                "expected a layer with a mean and a variance of data (Normalization without 'mean'), "
                    + "received \(node.layer.className)")
        }
        let shape = graph.tensors[tensor].shape
        guard source.inputCount == 1, !source.hasSampleWeights else {
            throw SNNError(
                .argument, "expected a data set of one input, that of the layer, without weights")
        }
        guard source.columns[0].shape == shape else {
            throw mismatch(
                .shape, "inputs", expected: shape.batchText,
                received: source.columns[0].shape.batchText)
        }
        loader = try BatchLoader(
            source, range: 0 ..< source.count, batchSize: min(256, source.count), shuffleSeed: nil,
            kernels: InstructionSet.best.kernels)
        let count = graph.variables[node.variables[0]].shape.count
        places = try Buffer(count: shape.count)
        means = try Buffer(count: count)
        sums = try Buffer(count: count)
        for number in 0 ..< shape.count {
            var place = 0
            for axis in axes {
                place = place &* shape[axis] &+ number / shape.stride(axis) % shape[axis]
            }
            places.pointer[number] = Int32(truncatingIfNeeded: place)
        }
    }

    func run() throws(SNNError) {
        let count = means.count
        means.pointer.update(repeating: 0, count: count)
        try average(power: 1)
        means.pointer.update(from: sums.pointer, count: count)
        try average(power: 2)
        let (mean, variance) = (
            network.values(of: network.graph.variables[node.variables[0]]),
            network.values(of: network.graph.variables[node.variables[1]])
        )
        for place in 0 ..< count {
            guard Float(means.pointer[place]).isFinite, Float(sums.pointer[place]).isFinite else {
                throw SNNError(.numeric, "expected finite data, received some that is not")
            }
        }
        for place in 0 ..< count {
            mean[place] = Float(means.pointer[place])
            variance[place] = Float(sums.pointer[place])
        }
        network.weightsDidChange()
    }

    /// The average of the deviations from each of `means`, or of their squares, in `sums`.
    private func average(power: Int) throws(SNNError) {
        sums.pointer.update(repeating: 0, count: sums.count)
        try loader.begin(epoch: 0)
        for batch in 0 ..< loader.batchCount {
            let rows = loader.rows(ofBatch: batch)
            try loader.load(rows: rows)
            let values = loader.batch.input(0)
            for row in 0 ..< rows {
                for number in 0 ..< places.count {
                    let place = Int(places.pointer[number])
                    let value = Double(values[row &* places.count &+ number])
                    let deviation = value - means.pointer[place]
                    sums.pointer[place] += power == 1 ? deviation : deviation * deviation
                }
            }
        }
        let each = Double(loader.range.count * (places.count / sums.count))
        for place in 0 ..< sums.count { sums.pointer[place] /= each }
    }
}

extension Model {
    /// Sets the mean and the variance of a `Normalization` to those of the one input of a data set,
    /// which has the shape of the layer's.
    public func adapt(layer name: String, to dataset: Dataset) throws(SNNError) {
        try completed { (network) throws(SNNError) in
            guard let node = network.graph.node(named: name) else {
                throw Model.unknownLayer(name, network.graph)
            }
            try access.alone { () throws(SNNError) in
                do throws(SNNError) {
                    try Adaptation(network, network.graph.nodes[node], dataset.source).run()
                } catch {
                    throw error.within("layer '\(name)'")
                }
            }
        }
    }
}
