import SNNCore

/// A layer with an `activity_regularizer`, which any layer of Keras may have.
final class RegularizedLayer: Layer {
    private let base: any Layer
    private let regularizer: any Regularizer

    init(_ base: any Layer, _ regularizer: any Regularizer) {
        self.base = base
        self.regularizer = regularizer
    }

    var className: String { base.className }
    var knowsTrainable: Bool { base.knowsTrainable }
    var unknownToKeras: [String] { base.unknownToKeras }
    var lostByKeras: [String] { base.lostByKeras }
    var isOfHost: Bool { base.isOfHost }
    var activityRegularizer: (any Regularizer)? { regularizer }

    var configuration: [JSON.Member] {
        base.configuration + [.init("activity_regularizer", Regularizers.json(regularizer))]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        try base.outputShapes(for: inputs)
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        try base.variables(for: inputs)
    }

    func adaptedAxes(of input: Shape) throws(SNNError) -> [Int]? {
        try base.adaptedAxes(of: input)
    }

    func operation(for call: LayerCall) -> any Operation { base.operation(for: call) }
}
