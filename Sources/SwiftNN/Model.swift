import SNNCore
import SNNGraph
import SNNLayers
import Synchronization

/// A model: layers applied to tensors, and their weights.
///
/// It is built by `add` and `call`; its first use completes it. Any number of sessions predict with
/// it at once; training, saving and changing it are exclusive, and throw `.busy` to the second.
public final class Model: @unchecked Sendable {
    // Sendable: `access` and `completion` guard all that changes.
    private let owner = GateOwner("model")
    var access: Gate { owner.gate }
    let seed: UInt64
    private let name: String
    private let completion = Lock()
    /// Until the first use; empty after.
    private var graph: Graph
    private var network: Network?
    /// Whether a layer is being added, outside of the lock: it may be the host's.
    private var isBuilding = false

    /// An empty model. Options (JSON5): `class_name` ('Functional' or 'Sequential'), `name`,
    /// `seed`.
    public init(options: String? = nil) throws(SNNError) {
        var options = try Configuration(text: options, of: "model")
        let className = try options.choice(
            "class_name", default: "Functional", among: ["Functional", "Sequential"])
        name = try options.string("name", default: snakeCase(className))
        guard !name.isEmpty, name.utf8.count <= 256 else {
            throw options.failure("'name' must have 1 to 256 bytes")
        }
        seed = UInt64(try options.integer("seed", default: 0, in: 0 ... Int.max))
        try options.finish()
        graph = Graph(isSequential: className == "Sequential")
    }

    /// A model from Keras's `model_config`, freshly initialized. Options: `seed`.
    public init(json: String, options: String? = nil) throws(SNNError) {
        var options = try Configuration(text: options, of: "model")
        seed = UInt64(try options.integer("seed", default: 0, in: 0 ... Int.max))
        try options.finish()
        let model = try KerasModel(JSON.read(json), registry: .all)
        name = model.name
        graph = model.graph
        try completed { (_) throws(SNNError) in }
    }

    /// A model that is complete already.
    init(_ network: Network) {
        name = network.name
        seed = network.seed
        graph = Graph(isSequential: network.graph.isSequential)
        self.network = network
    }

    // MARK: Building

    /// Adds a layer of a Keras class and applies it to tensors; gives its output. In a Sequential
    /// model `inputs` may be empty: it follows the last layer.
    @discardableResult
    public func add(
        _ className: String, _ options: String? = nil, to inputs: [Int] = []
    ) throws(SNNError) -> Int {
        try building { (graph) throws(SNNError) in
            let config = try Model.configuration(options, of: className)
            let description = try LayerRegistry.all.make(className, config)
            let name = description.name ?? automaticName(for: className, in: graph)
            let place = "\(className) '\(name)'"
            var inputs = inputs
            if graph.isSequential {
                inputs = try Model.sequentialInputs(
                    inputs, of: description.layer, in: graph, place: place)
            } else if inputs.isEmpty, !description.layer.isInput {
                throw SNNError(.argument, "\(place): expected the tensors it applies to")
            }
            return try graph.add(
                description.layer, name: name, isTrainable: description.isTrainable, on: inputs)[0]
        }
    }

    /// Applies a layer of the model once more, with the same weights.
    @discardableResult
    public func call(layer name: String, on inputs: [Int]) throws(SNNError) -> Int {
        try building { (graph) throws(SNNError) in
            guard let node = graph.node(named: name) else { throw Model.unknownLayer(name, graph) }
            guard !graph.isSequential else {
                throw SNNError(.state, "a Sequential model applies each layer once")
            }
            guard !graph.nodes[node].layer.isInput else {
                throw SNNError(.argument, "'\(name)' is an input; it cannot be called")
            }
            guard !inputs.isEmpty else {
                throw SNNError(.argument, "layer '\(name)': expected the tensors it applies to")
            }
            return try graph.call(node, on: inputs)[0]
        }
    }

    /// Which tensors the model returns; without it, the last one that was added.
    public func setOutputs(_ tensors: [Int]) throws(SNNError) {
        _ = try building { (graph) throws(SNNError) in
            guard !graph.isSequential else {
                throw SNNError(.state, "a Sequential model returns its last layer's output")
            }
            try graph.setOutputs(tensors)
            return tensors.count
        }
    }

    /// The shape of a tensor, without the batch. It does not complete the model.
    public func tensorShape(_ tensor: Int) throws(SNNError) -> Shape {
        try access.reading { () throws(SNNError) in
            try completion.whileLocked { () throws(SNNError) in
                let tensors = network?.graph.tensors ?? graph.tensors
                guard tensors.indices.contains(tensor) else {
                    throw SNNError(
                        .argument, "expected a tensor under \(tensors.count), received \(tensor)")
                }
                return tensors[tensor].shape
            }
        }
    }

    // MARK: Steps of the above

    private func building(
        _ body: (inout Graph) throws(SNNError) -> Int
    ) throws(SNNError) -> Int {
        try access.alone { () throws(SNNError) in
            try setBuilding(true)
            defer { try? setBuilding(false) }
            return try body(&graph)
        }
    }

    @inline(never)
    private func setBuilding(_ isBuilding: Bool) throws(SNNError) {
        try completion.whileLocked { () throws(SNNError) in
            guard network == nil else {
                throw SNNError(
                    .state, "model '\(name)' has been used, so it is complete; no layer can be added")
            }
            self.isBuilding = isBuilding
        }
    }

    /// The complete model; its first use makes it so.
    func completed<Result>(
        _ body: (Network) throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        let network = try completion.whileLocked { () throws(SNNError) -> Network in
            if let network = self.network { return network }
            guard !isBuilding else {
                throw SNNError(.busy, "the model is in use by another call")
            }
            let made = try Network(name: name, graph: graph, seed: seed)
            // First, so that the child of a fork in between has one of the two.
            self.network = made
            graph = Graph(isSequential: graph.isSequential)
            return made
        }
        return try body(network)
    }

    private static func configuration(
        _ options: String?, of className: String
    ) throws(SNNError) -> JSON {
        guard let options, !options.isEmpty else { return .null }
        do throws(SNNError) {
            return try JSON.read(options)
        } catch {
            throw error.within(className)
        }
    }

    private static func sequentialInputs(
        _ inputs: [Int], of layer: any Layer, in graph: Graph, place: String
    ) throws(SNNError) -> [Int] {
        let last = graph.nodes.isEmpty ? [] : graph.outputs
        guard layer.isInput == last.isEmpty else {
            throw SNNError(
                .state,
                last.isEmpty
                    ? "\(place): a Sequential model begins with an InputLayer"
                    : "\(place): a Sequential model has one input, at its begin")
        }
        guard inputs.isEmpty || inputs == last else {
            throw SNNError(
                .argument,
                "\(place): in a Sequential model it applies to the last tensor, \(last), received "
                    + "\(inputs)")
        }
        return last
    }

    static func unknownLayer(_ name: String, _ graph: Graph) -> SNNError {
        SNNError(
            .argument,
            "the model has no layer '\(name)'"
                + nearHint(to: name, among: graph.nodes.map { $0.name }))
    }
}
