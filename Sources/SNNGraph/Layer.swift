import SNNCore

/// What a layer of a model is: its configuration, and how it maps shapes, declares variables and
/// computes. Immutable; a layer that is called twice (shared) is one object.
///
/// A new layer is a class of this protocol in one file of SNNLayers and one row in its registry.
package protocol Layer: AnyObject, Sendable {
    /// Keras's class name.
    var className: String { get }

    /// Whether it is an input of the model: it takes no tensor.
    var isInput: Bool { get }

    /// Whether it is y = x · kernel + bias on the last axis, of the variables kernel and, where there
    /// is one, bias: it can then be fitted exactly.
    var isAffine: Bool { get }

    /// Whether Keras's class takes the key `trainable`.
    var knowsTrainable: Bool { get }

    /// Keras's configuration keys, in Keras's order, without `name`, `trainable` and `dtype`.
    var configuration: [JSON.Member] { get }

    /// Names in the configuration that Keras does not have.
    var unknownToKeras: [String] { get }

    /// Keys whose values Keras's reader of HDF5 files drops without a word.
    var lostByKeras: [String] { get }

    /// Whether its class and keys are the host's, to be written as they were given.
    var isOfHost: Bool { get }

    /// The penalty on each of its outputs, divided by the rows of the batch; nil for none.
    var activityRegularizer: (any Regularizer)? { get }

    /// The shapes of the outputs (without the batch) for inputs of these shapes; throws what was
    /// expected where the layer cannot take them.
    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape]

    /// The variables that inputs of these shapes ask for, in Keras's order of creation.
    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification]

    /// The axes of a sample that have statistics of their own, where variables 0 and 1 are a mean and
    /// a variance that are taken from data before training; nil for layers without such.
    func adaptedAxes(of input: Shape) throws(SNNError) -> [Int]?

    /// Whether its one call's operation, in inference, does what `LayerCall.epilogue` says.
    var takesEpilogue: Bool { get }

    /// What it is to a layer before it that does: nil for what must stay a step of its own.
    var epilogueLink: EpilogueLink? { get }

    /// What computes one call of the layer.
    func operation(for call: LayerCall) -> any Operation
}

extension Layer {
    package var isInput: Bool { false }
    package var isAffine: Bool { false }
    package var knowsTrainable: Bool { !isInput }
    package var unknownToKeras: [String] { [] }
    package var lostByKeras: [String] { [] }
    package var isOfHost: Bool { false }
    package var takesEpilogue: Bool { false }
    package var epilogueLink: EpilogueLink? { nil }
    package var activityRegularizer: (any Regularizer)? { nil }

    package func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] { [] }
    package func adaptedAxes(of input: Shape) throws(SNNError) -> [Int]? { nil }
}

/// Whether a plan predicts or trains.
package enum Mode: Sendable {
    case inference
    case training
}

/// One application of a layer, as its operation is made for.
package struct LayerCall: Sendable {
    package let mode: Mode
    package let inputs: [Shape]
    package let outputs: [Shape]
    /// False for a frozen layer: it then behaves as in inference where that is Keras's rule.
    package let isTrainable: Bool
    /// The layer's ordinal in the model and which of its calls this is: they key random numbers.
    package let ordinal: Int
    package let index: Int
    /// What it does on the way out, which is nothing unless the layer takes such.
    package var epilogue = Epilogue.none
}

/// What a variable is for.
package enum VariableRole: Sendable {
    /// Changed by the optimizer.
    case parameter
    /// Changed by the layer itself (moving averages).
    case statistic
}

/// A variable that a layer declares.
package struct VariableSpecification: Sendable {
    /// Keras's name within the layer, such as "kernel".
    package let name: String
    package let shape: Shape
    package let initializer: any Initializer
    package let role: VariableRole
    package let regularizer: (any Regularizer)?
    package let constraint: (any Constraint)?
    /// Whether files hold it as integers.
    package let isInteger: Bool

    package init(
        _ name: String, shape: Shape, initializer: any Initializer, role: VariableRole = .parameter,
        regularizer: (any Regularizer)? = nil, constraint: (any Constraint)? = nil,
        isInteger: Bool = false
    ) {
        self.name = name
        self.shape = shape
        self.initializer = initializer
        self.role = role
        self.regularizer = regularizer
        self.constraint = constraint
        self.isInteger = isInteger
    }

    /// Throws where the regularizer or the constraint cannot take the shape.
    func checkParts() throws(SNNError) {
        do throws(SNNError) {
            try regularizer?.check(shape, isOfSamples: false)
            try constraint?.check(shape)
        } catch {
            throw error.within("'\(name)'")
        }
    }
}
