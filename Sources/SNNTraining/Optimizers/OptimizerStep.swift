import CKernels
import SNNCore
import SNNGraph
import SNNKernels

/// Parameters that are updated together: neighbours, or one variable.
package struct ParameterPart: Sendable {
    /// With the zeros behind each variable.
    package internal(set) var range: Range<Int>
    /// "<layer>/<variable>" and its shape; of the first variable, where there are several.
    package let name: String
    package let shape: Shape
    /// Whether the weight decay applies.
    package let decays: Bool
    /// What its learning rate is multiplied by.
    package let rateFactor: Double

    package init(
        _ range: Range<Int>, name: String = "", shape: Shape = .scalar, decays: Bool = true,
        rateFactor: Double = 1
    ) {
        self.range = range
        self.name = name
        self.shape = shape
        self.decays = decays
        self.rateFactor = rateFactor
    }

    /// Whether `other`, which begins where this ends, can be updated in the same pass.
    func goesOn(with other: ParameterPart) -> Bool {
        range.upperBound == other.range.lowerBound && decays == other.decays
            && rateFactor == other.rateFactor
    }
}

/// What an optimizer does at a time: one step on one part of the parameters.
package struct OptimizerStep {
    package let part: ParameterPart
    /// The whole flat buffers.
    package let parameters: UnsafeMutablePointer<Float>
    package let gradients: UnsafePointer<Float>
    package let slots: [Buffer<Float>]
    /// What the gradients are multiplied by first, to limit their norm; see `GradientSurvey`.
    package let factor: Float
    /// The part's learning rate.
    package let rate: Double
    /// The updates done before this one.
    package let iteration: Int64
    package let kernels: UnsafePointer<KernelTable>
    package let workers: Workers

    package init(
        _ part: ParameterPart, of parameters: UnsafeMutablePointer<Float>,
        gradients: UnsafePointer<Float>, slots: [Buffer<Float>], factor: Float, rate: Double,
        iteration: Int64, kernels: UnsafePointer<KernelTable>, workers: Workers
    ) {
        self.part = part
        self.parameters = parameters
        self.gradients = gradients
        self.slots = slots
        self.factor = factor
        self.rate = rate
        self.iteration = iteration
        self.kernels = kernels
        self.workers = workers
    }

    /// The part's place in slot `index`.
    func slot(_ index: Int) -> UnsafeMutablePointer<Float> {
        slots[index].pointer + part.range.lowerBound
    }

    /// What the step kernels take from the weights, as a share of them.
    func decay(_ weightDecay: Double?) -> Float {
        part.decays ? Float((weightDecay ?? 0) * rate) : 0
    }

    /// The operands of a step kernel, with what comes before the step; the rule's constants and
    /// slots are still to be set.
    func operands(_ rule: UpdateRule) -> snnk_step {
        let first = part.range.lowerBound
        return snnk_step(
            w: parameters + first, g: gradients + first, s0: nil, s1: nil, s2: nil,
            rate: Float(rate), a: 0, b: 0, c: 0, d: 0, e: 0, factor: factor, bound: rule.bound,
            decay: decay(rule.weightDecay))
    }

    /// Runs a step kernel over the part.
    ///
    /// - Parameter cost: about how many operations one number takes.
    func run(
        _ kernel: @escaping @convention(c) (UnsafePointer<snnk_step>, Int64, Int64) -> Void,
        _ operands: snnk_step, cost: Int
    ) {
        workers.split(part.range.count, cost: cost, granule: 16, with: (kernel, operands)) {
            work, start, count in
            var operands = work.1
            work.0(&operands, Int64(start), Int64(count))
        }
    }
}
