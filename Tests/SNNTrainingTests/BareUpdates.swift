import SNNCore
import SNNGraph
import SNNKernels
import SNNTraining

/// Updates of an optimizer along given gradients, without a model: variables of these shapes, with a
/// gap behind each that nobody may touch.
struct BareUpdates {
    private let optimizer: any Optimizer
    private let survey: GradientSurvey
    private let kernels: UnsafePointer<KernelTable>
    private let workers = Workers(threads: 2)
    private let weights: Buffer<Float>
    private let gradients: Buffer<Float>
    private let slots: [Buffer<Float>]
    private let ranges: [Range<Int>]
    private let iteration = try! Buffer<Int64>(count: 1)

    init(
        _ optimizer: any Optimizer, shapes: [[Int]], parameters: [[Float]],
        kernels: UnsafePointer<KernelTable>
    ) throws {
        self.optimizer = optimizer
        self.kernels = kernels
        var ranges: [Range<Int>] = []
        for values in parameters {
            let start = ((ranges.last?.upperBound ?? 0) + 31) / 16 * 16
            ranges.append(start ..< start + values.count)
        }
        self.ranges = ranges
        let count = (ranges.last?.upperBound ?? 0) + 16
        weights = try Buffer(count: count)
        gradients = try Buffer(count: count)
        slots = try optimizer.slots.map { slot in
            let buffer = try Buffer<Float>(count: count)
            buffer.pointer.update(repeating: slot.initialValue, count: count)
            return buffer
        }
        let parts = try zip(ranges, shapes).enumerated().map { index, pair in
            ParameterPart(pair.0, name: "layer/variable_\(index)", shape: try Shape(pair.1))
        }
        survey = try GradientSurvey(
            optimizer.rule.clipping, variables: parts, isByVariable: optimizer.worksByVariable)
        try optimizer.prepare(for: parts, workers: workers)
        for (range, values) in zip(ranges, parameters) {
            (weights.pointer + range.lowerBound).update(from: values, count: values.count)
        }
    }

    /// One update; false when the gradients are not finite.
    @discardableResult
    func step(_ values: [[Float]]) -> Bool {
        for (range, values) in zip(ranges, values) {
            (gradients.pointer + range.lowerBound).update(from: values, count: values.count)
        }
        guard survey.examine(gradients.pointer, kernels: kernels, workers: workers) else {
            return false
        }
        optimizer.begin(iteration.pointer.pointee)
        for update in survey.updates {
            optimizer.update(
                OptimizerStep(
                    update.part, of: weights.pointer, gradients: gradients.pointer, slots: slots,
                    factor: update.factor,
                    rate: optimizer.learningRate.rate(after: iteration.pointer.pointee),
                    iteration: iteration.pointer.pointee, kernels: kernels, workers: workers))
        }
        iteration.pointer.pointee += 1
        return true
    }

    func parameters(_ index: Int) -> [Float] { ranges[index].map { weights.pointer[$0] } }

    var gapsAreUnchanged: Bool {
        (0 ..< weights.count).allSatisfy { place in
            ranges.contains { $0.contains(place) } || weights.pointer[place] == 0
        }
    }
}
