import CKernels
import SNNCore

/// Nadam (Dozat 2016), Keras's form: Adam's moments with Nesterov's look ahead; with
/// mu_t = beta1 (1 - 0.96^t / 2) and P_t the product of all mu to t, t from 1,
/// w -= rate * (mu_{t+1} m / (1 - P_{t+1}) + (1 - mu_t) g / (1 - P_t)) / (sqrt(v / (1 - beta2^t)) + epsilon).
final class Nadam: Optimizer {
    let className = "Nadam"
    var learningRate: LearningRate
    let rule: UpdateRule
    private let moments: AdamMoments
    /// P_t of the last step.
    private var product = 1.0

    init(_ options: inout Configuration) throws(SNNError) {
        learningRate = try LearningRate(&options, default: 0.001)
        rule = try UpdateRule(&options)
        moments = try AdamMoments(&options)
    }

    var ownConfiguration: [JSON.Member] { moments.configuration }
    var slots: [OptimizerSlot] { [OptimizerSlot("momentum"), OptimizerSlot("velocity")] }
    var numbers: [Double] { [product] }

    func restore(_ numbers: [Double], count: Int) throws(SNNError) {
        try check(numbers.count == 1)
        product = numbers[0]
    }

    func begin(_ iteration: Int64) { product *= mu(iteration &+ 1) }

    func update(_ step: OptimizerStep) {
        let t = step.iteration &+ 1
        let next = mu(t &+ 1)
        var operands = step.operands(rule)
        operands.s0 = step.slot(0)
        operands.s1 = step.slot(1)
        operands.rate = Float(step.rate * next / (1 - product * next))
        operands.a = Float(1 - moments.beta1)
        operands.b = Float(1 - moments.beta2)
        operands.c = Float(moments.epsilon)
        operands.d = Float(step.rate * (1 - mu(t)) / (1 - product))
        operands.e = Float(1 / (1 - power(moments.beta2, t)).squareRoot())
        step.run(step.kernels.pointee.nadam, operands, cost: 14)
    }

    private func mu(_ t: Int64) -> Double { moments.beta1 * (1 - 0.5 * power(0.96, t)) }
}
