import SNNCore
import SNNGraph

/// Keras's `class_weight`: a sample counts in the loss with the weight of its class, times its own
/// weight where it has one. The class is the target's number or, of a longer one, the place of its
/// largest number; classes that are not named count once.
final class ClassWeights {
    private var weights: [Float] = []
    private let width: Int
    private let samplesHaveWeights: Bool
    private static let mostClasses = 1 << 24

    /// - Parameter json: {"0": 1.0, ...}
    init(
        _ json: JSON, _ objective: Objective, samplesHaveWeights: Bool
    ) throws(SNNError) {
        guard let members = json.members else {
            throw SNNError(
                .configuration,
                "'class_weight' must be an object as {'0': 1.0}, received \(json.shortText)")
        }
        guard objective.terms.count == 1 else {
            throw SNNError(
                .unsupported,
                "'class_weight' expects one output with a loss, this model has "
                    + String(objective.terms.count))
        }
        let term = objective.terms[0]
        guard term.vectors == 1 else {
            throw SNNError(
                .unsupported,
                "'class_weight' expects one class a sample, the output has shape "
                    + term.shape.batchText)
        }
        width = term.loss.takesClasses ? 1 : term.width
        let classes = term.width > 1 ? term.width : ClassWeights.mostClasses
        self.samplesHaveWeights = samplesHaveWeights
        for member in members {
            guard let label = Int(member.name), label >= 0, label < classes,
                let weight = member.value.doubleValue, weight >= 0, Float(weight).isFinite
            else {
                throw SNNError(
                    .configuration,
                    "'class_weight' must give a weight of at least 0 for class numbers from 0 to "
                        + "\(classes - 1), received \(JSON.object([member]).shortText)")
            }
            while weights.count <= label { weights.append(1) }
            weights[label] = Float(weight)
        }
    }

    func apply(to batch: Batch, rows: Int) throws(SNNError) {
        batch.isWeighted = true
        guard let own = batch.weights else { return }
        let target = batch.target(0)
        var row = 0
        while row < rows {
            let before = samplesHaveWeights ? own[row] : 1
            let label = label(target + row &* width)
            own[row] = label >= 0 && label < weights.count ? before * weights[label] : before
            row &+= 1
        }
    }

    private func label(_ target: UnsafePointer<Float>) -> Int {
        guard width > 1 else {
            let number = target[0].rounded()
            return number >= 0 && number < Float(ClassWeights.mostClasses) ? Int(number) : -1
        }
        var best = 0
        var index = 1
        while index < width {
            if target[index] > target[best] { best = index }
            index &+= 1
        }
        return best
    }
}
