import SNNCore
import SNNGraph
import SNNKernels
import SNNTestSupport
import SNNTraining
import Testing

/// A loss on one batch.
struct LossRun {
    struct Outcome: Equatable {
        var values: [Float] = []
        var loss = 0.0
        var gradient: [Float] = []
    }

    let loss: Loss
    var prediction: [Float]
    let target: [Float]
    var weights: [Float]?
    let rows: Int
    let shape: Shape
    var threads = 1

    init(
        _ json: JSON, prediction: [Float], target: [Float], rows: Int, shape: [Int]
    ) throws {
        loss = try #require(try Losses.make(json))
        self.prediction = prediction
        self.target = target
        self.rows = rows
        self.shape = try Shape(shape)
        try loss.check(self.shape)
    }

    /// A case of a golden file.
    init(_ golden: JSON) throws {
        let prediction = try #require(GoldenArray(golden["y_pred"]))
        let target = try #require(GoldenArray(golden["y_true"]))
        try self.init(
            .object(
                ("class_name", golden["class_name"] ?? .null), ("config", golden["config"] ?? .null)),
            prediction: prediction.values, target: target.values, rows: prediction.rows,
            shape: prediction.sampleShape)
        try loss.checkTarget(Shape(target.sampleShape), for: shape)
        weights = GoldenArray(golden["sample_weight"])?.values
        // A weight a vector is one for each row of as many.
        if let weights, weights.count != rows, weights.count == prediction.values.count / shape.last {
            self = try LossRun(vectors: self)
        }
    }

    /// The same with each vector a sample.
    private init(vectors run: LossRun) throws {
        try self.init(
            run.loss.json, prediction: run.prediction, target: run.target,
            rows: run.prediction.count / run.shape.last, shape: [run.shape.last])
        weights = run.weights
    }

    func callAsFunction(_ set: InstructionSet, wantsGradient: Bool = true) throws -> Outcome {
        var outcome = Outcome()
        let count = loss.valueCount(rows: rows, shape: shape)
        var factors = [Float](repeating: 0, count: count)
        var scratch = [Double](repeating: 0, count: loss.scratchCount(rows: rows, shape: shape))
        outcome.values = [Float](repeating: 7, count: count)
        if wantsGradient { outcome.gradient = [Float](repeating: 7, count: prediction.count) }
        let weights = weights ?? []
        outcome.loss = try prediction.withUnsafeBufferPointer { prediction in
            try target.withUnsafeBufferPointer { target in
                try weights.withUnsafeBufferPointer { weights in
                    try outcome.values.withUnsafeMutableBufferPointer { values in
                        try factors.withUnsafeMutableBufferPointer { factors in
                            try scratch.withUnsafeMutableBufferPointer { scratch in
                                try outcome.gradient.withUnsafeMutableBufferPointer { gradient in
                                    let batch = LabelledBatch(
                                        prediction: prediction.baseAddress!,
                                        target: target.baseAddress!,
                                        weights: self.weights == nil ? nil : weights.baseAddress,
                                        rows: rows, shape: shape, kernels: set.kernels,
                                        workers: Workers(threads: threads))
                                    try loss.checkTargets(batch)
                                    let memory = Loss.Memory(
                                        values: values.baseAddress!, factors: factors.baseAddress!,
                                        scratch: scratch.baseAddress
                                            ?? UnsafeMutablePointer(bitPattern: 16)!)
                                    return try loss.compute(
                                        batch, memory,
                                        dPrediction: wantsGradient ? gradient.baseAddress : nil)
                                }
                            }
                        }
                    }
                }
            }
        }
        return outcome
    }
}
