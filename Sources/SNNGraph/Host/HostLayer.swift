import SNNCore

/// A layer that the host computes: any configuration, one output, and weights as the host says.
final class HostLayer: Layer {
    let className: String
    let configuration: [JSON.Member]
    let computation: any HostComputation
    private let builds = Builds()

    init(
        _ className: String, _ hostClass: any HostLayerClass, _ options: inout Configuration
    ) throws(SNNError) {
        self.className = className
        // The registry reads it; the layer is told.
        let regularizer = options.json("activity_regularizer")
        configuration = options.rest()
        var told = configuration
        if let regularizer, !regularizer.isNull {
            told.append(.init("activity_regularizer", regularizer))
        }
        for key in ["trainable", "name"] {
            if let value = options.json(key) { told.insert(.init(key, value), at: 0) }
        }
        do throws(SNNError) {
            computation = try hostClass.make(config: JSON.object(told).write())
        } catch {
            throw error.within(options.owner)
        }
    }

    var isOfHost: Bool { true }
    var unknownToKeras: [String] { [className] }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        guard !inputs.isEmpty else { throw SNNError(.argument, "expected at least one input") }
        return [try build(inputs).output]
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        try build(inputs).weights
    }

    func operation(for call: LayerCall) -> any Operation {
        // Built when the shapes were asked for.
        HostOperation(call, self, builds.find(call.inputs))
    }

    /// Asks the host once for inputs of the same shapes.
    private func build(_ inputs: [Shape]) throws(SNNError) -> HostBuild {
        if let known = builds.find(inputs) { return known }
        let text = try computation.build(
            HostShapes(inputs, output: inputs[0], weightCount: 0))
        let made = try HostBuild(text, inputs)
        builds.add(made)
        return made
    }

    /// What the host said, by the shapes of the inputs.
    private final class Builds: @unchecked Sendable {
        // Sendable: `lock` guards what changes.
        private let lock = Lock()
        private var builds: [HostBuild] = []

        func find(_ inputs: [Shape]) -> HostBuild? {
            lock.whileLocked { builds.first { $0.inputs == inputs } }
        }

        func add(_ build: HostBuild) {
            lock.whileLocked { builds.append(build) }
        }
    }
}

/// What a layer of the host's is for inputs of some shapes.
struct HostBuild {
    let inputs: [Shape]
    let output: Shape
    let weights: [VariableSpecification]
    /// Floats that it keeps of each row from forward to backward.
    let saved: Int
    /// Whether backward is to be what differences of forward are.
    let gradientIsDerivative: Bool
    /// Whether a pass says when it has come to its end.
    let confirms: Bool

    init(_ text: String?, _ inputs: [Shape]) throws(SNNError) {
        var options = try Configuration(text: text, of: "build")
        self.inputs = inputs
        output =
            try options.json("output_shape") == nil
            ? inputs[0] : HostBuild.shape(&options, "output_shape", leastRank: 0)
        saved = try options.integer("saved", default: 0, in: 0 ... 1 << 24)
        gradientIsDerivative = try options.bool("gradient_is_derivative", default: true)
        confirms = try options.bool("confirms", default: false)
        weights = try HostBuild.weights(&options)
        try options.finish()
    }

    private static func shape(
        _ options: inout Configuration, _ key: String, leastRank: Int
    ) throws(SNNError) -> Shape {
        let extents = try options.integers(
            key, count: leastRank ... Shape.maximumRank, in: 1 ... Shape.maximumCount)
        do throws(SNNError) {
            return try Shape(extents)
        } catch {
            throw error.within("\(options.owner): '\(key)'")
        }
    }

    private static func weights(
        _ options: inout Configuration
    ) throws(SNNError) -> [VariableSpecification] {
        guard let json = options.json("weights"), !json.isNull else { return [] }
        guard let elements = json.elements, elements.count <= 1024 else {
            throw options.mismatch("weights", "a list of at most 1024 weights", json)
        }
        var weights: [VariableSpecification] = []
        for element in elements {
            let weight = try weight(element)
            guard !weights.contains(where: { $0.name == weight.name }) else {
                throw options.failure("there are two weights '" + weight.name + "'; expected one")
            }
            // Files number them so.
            if weight.role == .parameter, let last = weights.last, last.role != .parameter {
                throw options.failure(
                    "expected weights that are not trainable last, as Keras has them, received '"
                        + weight.name + "' after '" + last.name + "'")
            }
            weights.append(weight)
        }
        return weights
    }

    private static func weight(_ json: JSON) throws(SNNError) -> VariableSpecification {
        var options = try Configuration(json, of: "build: a weight")
        let name = try options.string("name")
        guard LayerRegistry.isName(name) else {
            throw options.mismatch("name", "a name without '/'", .string(name))
        }
        let shape = try shape(&options, "shape", leastRank: 1)
        let isTrainable = try options.bool("trainable", default: true)
        let weight = VariableSpecification(
            name, shape: shape,
            initializer: try options.initializer(
                "initializer", default: Initializers.glorotUniform),
            role: isTrainable ? .parameter : .statistic,
            regularizer: try options.regularizer("regularizer"),
            constraint: try options.constraint("constraint"))
        try options.finish()
        return weight
    }
}
