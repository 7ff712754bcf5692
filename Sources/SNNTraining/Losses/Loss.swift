import SNNCore
import SNNGraph
import SNNKernels

/// What training makes small: a formula's values, weighted, and reduced to one number for the batch.
package final class Loss: Sendable {
    package enum Target: Sendable {
        /// A number for each of the output's.
        case numbers
        /// A class number for each vector of the output, of as many classes as the vector is long.
        case classes
        /// A class number for each vector, of any number of classes.
        case labels
    }

    /// Which values count nothing, as Keras masks them.
    package enum Mask: Sendable {
        case none
        /// Those of vectors whose target is this class.
        case ofClass(Int)
        /// Those that are 0.
        case ofZeros
    }

    /// Keras's function name, such as "mean_squared_error".
    package let name: String
    /// Keras's serialized form.
    package let json: JSON
    package let target: Target
    package let mask: Mask
    package let reduction: LossReduction
    package let formula: any LossFormula

    init(
        name: String, json: JSON, target: Target, mask: Mask, reduction: LossReduction,
        formula: any LossFormula
    ) {
        self.name = name
        self.json = json
        self.target = target
        self.mask = mask
        self.reduction = reduction
        self.formula = formula
    }

    /// Whether targets are class numbers, one for each vector of the output.
    package var takesClasses: Bool {
        switch target {
        case .numbers: false
        case .classes, .labels: true
        }
    }

    // MARK: Checks

    /// Throws when the loss has no meaning for an output of this shape.
    package func check(_ output: Shape) throws(SNNError) {
        guard output.rank >= 1 else {
            throw SNNError(.shape, "a loss needs an axis beside the batch, it has none")
        }
        if case .classes = target {
            guard output.last >= 2 else {
                throw SNNError(
                    .shape,
                    "\(name) expects at least 2 classes along the last axis, the output has 1; "
                        + "for one number use binary_crossentropy")
            }
            guard output.last <= 1 << 24 else {
                throw SNNError(.limit, "expected at most 2^24 classes")
            }
        }
        do throws(SNNError) {
            try formula.check(output)
        } catch {
            throw error.within("loss '\(name)'")
        }
    }

    /// Throws when `target` does not go with `output`.
    package func checkTarget(_ target: Shape, for output: Shape) throws(SNNError) {
        let expected =
            takesClasses
            ? try Shape(rank: output.rank - 1) { (axis) throws(SNNError) in output[axis] } : output
        guard target.agrees(with: expected) else {
            let kind = takesClasses ? "class numbers" : "targets"
            throw SNNError(
                .shape,
                "\(name): expected \(kind) of shape \(expected.batchText) for an output of shape "
                    + "\(output.batchText), received \(target.batchText)")
        }
    }

    /// What can only be judged with the numbers at hand: class numbers must be whole and within the
    /// output's width, and weights must have values to go with.
    package func checkTargets(
        _ batch: LabelledBatch, areWeighted: Bool = true
    ) throws(SNNError) {
        if areWeighted, batch.weights != nil, formula.couplesSamples(batch.shape),
            formula.valueCount(rows: batch.rows, shape: batch.shape) > 1
        {
            throw SNNError(
                .unsupported,
                "\(name): its values belong to no sample, so that samples cannot have weights; sum "
                    + "over all axes, or not over the batch")
        }
        guard takesClasses else { return }
        var least: Float = 0
        var most = Float(batch.width - 1)
        if case .labels = target { (least, most) = (-0x1p24, 0x1p24) }
        var ignored = Float.nan
        if case .ofClass(let number) = mask { ignored = Float(number) }
        var index = 0
        while index < batch.vectors {
            let label = batch.target[index]
            guard
                label >= least && label <= most && label.rounded(.towardZero) == label
                    || label == ignored
            else {
                throw SNNError(
                    .argument,
                    "\(name): expected classes from \(Int(least)) to \(Int(most)), received \(label)"
                )
            }
            index &+= 1
        }
    }

    // MARK: Memory

    package func valueCount(rows: Int, shape: Shape) -> Int {
        formula.valueCount(rows: rows, shape: shape)
    }

    package func scratchCount(rows: Int, shape: Shape) -> Int {
        formula.scratchCount(rows: rows, shape: shape)
    }

    // MARK: Computing

    /// What the computing writes to: values and factors, `valueCount` each, and the formula's own.
    package struct Memory {
        package let values: UnsafeMutablePointer<Float>
        package let factors: UnsafeMutablePointer<Float>
        package let scratch: UnsafeMutablePointer<Double>

        package init(
            values: UnsafeMutablePointer<Float>, factors: UnsafeMutablePointer<Float>,
            scratch: UnsafeMutablePointer<Double>
        ) {
            self.values = values
            self.factors = factors
            self.scratch = scratch
        }
    }

    /// The values alone, before weights.
    package func values(_ batch: LabelledBatch, _ memory: Memory) throws(SNNError) {
        try formula.evaluate(
            batch, LossResult(values: memory.values, gradient: nil, scratch: memory.scratch))
    }

    /// The loss of a batch, and with `dPrediction` its gradient times `weight`. The values stay in
    /// the memory. The batch was checked.
    package func compute(
        _ batch: LabelledBatch, weight: Double = 1, _ memory: Memory,
        dPrediction: UnsafeMutablePointer<Float>? = nil
    ) throws(SNNError) -> Double {
        var isDone = false
        if case .ofZeros = mask {
            // What counts is known from the values.
            try values(batch, memory)
            isDone = true
        }
        let weighing = Weighing(self, batch, memory.values)
        if let dPrediction {
            weighing.fill(memory.factors, weight: weight)
            try formula.evaluate(
                batch,
                LossResult(
                    values: memory.values, gradient: (UnsafePointer(memory.factors), dPrediction),
                    scratch: memory.scratch))
        } else if !isDone {
            try values(batch, memory)
        }
        return weighing.loss(memory.values)
    }
}

/// What each value of a batch counts in its loss.
private struct Weighing {
    private let batch: LabelledBatch
    private let count: Int
    private var divisor = 1.0
    /// Values of one sample; 0 where they belong to none.
    private let valuesPerRow: Int
    /// Of values that belong to no sample: what the samples' weights make of them.
    private let common: Double
    private let mask: Loss.Mask
    private let values: UnsafePointer<Float>

    /// `values` are read where zeros are masked.
    init(_ loss: Loss, _ batch: LabelledBatch, _ values: UnsafePointer<Float>) {
        self.batch = batch
        self.values = values
        mask = loss.mask
        count = loss.valueCount(rows: batch.rows, shape: batch.shape)
        let isCoupled = loss.formula.couplesSamples(batch.shape)
        valuesPerRow = isCoupled ? 0 : count / batch.rows
        var common = 1.0
        if isCoupled, batch.weights != nil {
            // Keras multiplies the one value with each sample's weight and then reduces.
            var sum = 0.0
            for row in 0 ..< batch.rows { sum += batch.weight(ofRow: row) }
            switch loss.reduction {
            case .sum: common = sum
            case .sumOverBatchSize: common = sum / Double(batch.rows)
            case .meanWithSampleWeight: common = sum == 0 ? 0 : 1
            }
        }
        self.common = common

        switch loss.reduction {
        case .sum: break
        case .sumOverBatchSize:
            if case .none = mask { divisor = Double(count) } else { divisor = sum { _ in 1 } }
        case .meanWithSampleWeight:
            divisor = isCoupled ? Double(count) : sum { batch.weight(ofRow: $0) }
        }
    }

    /// The sum of a number of the row, over the values that count.
    private func sum(_ number: (_ row: Int) -> Double) -> Double {
        var sum = 0.0
        for value in 0 ..< count where counts(value) {
            sum += number(valuesPerRow == 0 ? 0 : value / valuesPerRow)
        }
        return sum
    }

    private func counts(_ value: Int) -> Bool {
        switch mask {
        case .none: true
        case .ofClass(let ignored): batch.target[value] != Float(ignored)
        // A NaN counts, so that it is seen.
        case .ofZeros: values[value] != 0
        }
    }

    private func weight(of value: Int) -> Double {
        guard counts(value) else { return 0 }
        return valuesPerRow == 0 ? common : batch.weight(ofRow: value / valuesPerRow)
    }

    func fill(_ factors: UnsafeMutablePointer<Float>, weight: Double) {
        let share = divisor == 0 ? 0 : weight / divisor
        if batch.weights == nil, case .none = mask {
            return factors.update(repeating: Float(share), count: count)
        }
        for value in 0 ..< count { factors[value] = Float(share * self.weight(of: value)) }
    }

    func loss(_ values: UnsafePointer<Float>) -> Double {
        var sum = 0.0
        for value in 0 ..< count { sum += Double(values[value]) * weight(of: value) }
        return divisor == 0 ? 0 : sum / divisor
    }
}
