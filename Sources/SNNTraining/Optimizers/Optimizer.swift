import SNNCore
import SNNGraph
import SNNKernels

/// How gradients change parameters. It works on the flat buffers, part by part and in one pass over
/// each; its own state has the layout of the parameters.
///
/// A new optimizer is a class of this protocol in one file and one row in `Optimizers`.
package protocol Optimizer: AnyObject {
    /// Keras's class name, or PyTorch's where Keras has none.
    var className: String { get }
    /// Whether Keras has the class.
    var isKnownToKeras: Bool { get }
    var learningRate: LearningRate { get set }
    /// What is common to all: what comes before the step, and around it.
    var rule: UpdateRule { get }
    /// Its own keys of Keras's configuration, in Keras's order.
    var ownConfiguration: [JSON.Member] { get }

    /// The state's buffers, in Keras's order.
    var slots: [OptimizerSlot] { get }
    /// Whether `update` needs each variable by itself, with its shape.
    var worksByVariable: Bool { get }

    /// State beside the slots: numbers, and vectors with the layout of the parameters that come
    /// into being while it runs.
    var numbers: [Double] { get }
    var vectors: [OptimizerVector] { get }
    /// Takes back `numbers`, and memory for as many vectors as go with them, for parameters of
    /// `count`; throws when they cannot be this optimizer's.
    func restore(_ numbers: [Double], count: Int) throws(SNNError)

    /// Takes the memory that updates of `parts` need. Called before the first update and after
    /// freezing.
    func prepare(for parts: [ParameterPart], workers: Workers) throws(SNNError)
    /// Comes before the updates of a step.
    func begin(_ iteration: Int64)
    /// One step on a part of the parameters.
    func update(_ step: OptimizerStep)

    /// Not nil where a step evaluates the batch several times, and `update` is never called.
    var minimizer: LBFGS? { get }
}

/// A buffer of an optimizer's state.
package struct OptimizerSlot: Sendable {
    package let name: String
    package let initialValue: Float

    init(_ name: String, initialValue: Float = 0) {
        self.name = name
        self.initialValue = initialValue
    }
}

package struct OptimizerVector {
    package let name: String
    package let buffer: Buffer<Float>
}

extension Optimizer {
    package var isKnownToKeras: Bool { true }
    package var worksByVariable: Bool { false }
    package var numbers: [Double] { [] }
    package var vectors: [OptimizerVector] { [] }
    package var minimizer: LBFGS? { nil }

    package func restore(_ numbers: [Double], count: Int) throws(SNNError) {
        try check(numbers.isEmpty)
    }

    package func prepare(for parts: [ParameterPart], workers: Workers) throws(SNNError) {}
    package func begin(_ iteration: Int64) {}

    /// Keras's configuration keys, those of this library among them.
    package var configuration: [JSON.Member] {
        [.init("name", .string(className)), .init("learning_rate", learningRate.json)]
            + rule.configuration + rule.ownConfiguration + ownConfiguration
    }

    func check(_ isSound: Bool) throws(SNNError) {
        guard isSound else {
            throw SNNError(.format, "training state: its numbers are not those of \(className)")
        }
    }
}
