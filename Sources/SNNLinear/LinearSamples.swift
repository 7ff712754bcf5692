import SNNCore

/// A column of numbers for each sample, in somebody else's memory.
package struct LinearColumn {
    package let data: UnsafeRawPointer
    package let type: ElementType
    /// Numbers of a sample.
    package let width: Int
    /// What each number is multiplied with.
    package let factor: Double

    package init(_ data: UnsafeRawPointer, _ type: ElementType, width: Int, factor: Double = 1) {
        self.data = data
        self.type = type
        self.width = width
        self.factor = factor
    }

    package init(_ array: ArrayView) {
        self.init(array.data, array.elementType, width: array.shape.count)
    }

    /// Number `index` of sample `row`.
    @inline(never)
    func number(_ row: Int, _ index: Int) -> Double {
        let place = row &* width &+ index
        return switch type {
        case .float32: Double(at(place, as: Float.self)) * factor
        case .float64: at(place, as: Double.self) * factor
        case .uint8: Double(at(place, as: UInt8.self)) * factor
        case .int32: Double(at(place, as: Int32.self)) * factor
        case .int64: Double(at(place, as: Int64.self)) * factor
        }
    }

    @inline(__always)
    private func at<Number: BitwiseCopyable>(_ place: Int, as type: Number.Type) -> Number {
        data.assumingMemoryBound(to: type)[place]
    }

    /// Calls `body` with each number of the samples in `rows`, row by row: as doubles, whatever
    /// they are.
    @inline(__always)
    func forEach(
        _ rows: Range<Int>, _ body: (_ row: Int, _ index: Int, _ number: Double) -> Void
    ) {
        if type == .float64, factor == 1 {
            // Most of the data there is, and read where it is.
            let numbers = data.assumingMemoryBound(to: Double.self)
            walk(rows) { row, index in body(row, index, numbers[row &* width &+ index]) }
        } else {
            walk(rows) { row, index in body(row, index, number(row, index)) }
        }
    }

    @inline(__always)
    private func walk(_ rows: Range<Int>, _ body: (_ row: Int, _ index: Int) -> Void) {
        var row = rows.lowerBound
        while row < rows.upperBound {
            var index = 0
            while index < width {
                body(row, index)
                index &+= 1
            }
            row &+= 1
        }
    }
}

/// Samples to fit: inputs, targets and perhaps weights, lent for the call.
package struct LinearSamples {
    package let count: Int
    package let inputs: LinearColumn
    package let targets: LinearColumn
    package let weights: LinearColumn?

    package init(
        count: Int, inputs: LinearColumn, targets: LinearColumn, weights: LinearColumn?
    ) {
        self.count = count
        self.inputs = inputs
        self.targets = targets
        self.weights = weights
    }

    /// Samples in arrays, checked against each other.
    package init(
        inputs: ArrayView, targets: ArrayView, weights: ArrayView?
    ) throws(SNNError) {
        let weightRows = weights?.rows ?? inputs.rows
        guard targets.rows == inputs.rows, weightRows == inputs.rows else {
            throw mismatch(
                "samples", expected: inputs.rows,
                received: targets.rows == inputs.rows ? weightRows : targets.rows)
        }
        guard inputs.rows >= 1 else {
            throw SNNError(.shape, "expected at least one sample, received none")
        }
        if let weights, weights.shape.count != 1 {
            throw mismatch(
                "numbers a sample in sample_weight", expected: 1, received: weights.shape.count)
        }
        self.init(
            count: inputs.rows, inputs: LinearColumn(inputs), targets: LinearColumn(targets),
            weights: weights.map { LinearColumn($0) })
    }

    /// Throws unless every number is finite, and every weight at least 0.
    func checkNumbers(_ rows: Range<Int>) throws(SNNError) {
        try LinearSamples.checkFinite(inputs, rows, "inputs")
        try LinearSamples.checkFinite(targets, rows, "targets")
        guard let weights else { return }
        try LinearSamples.checkFinite(weights, rows, "sample_weight")
        for row in rows where weights.number(row, 0) < 0 {
            throw mismatch(
                .argument, "sample_weight", expected: "numbers of at least 0",
                received: "a negative one in sample " + String(row))
        }
    }

    static func checkFinite(
        _ column: LinearColumn, _ rows: Range<Int>, _ name: StaticString
    ) throws(SNNError) {
        var sum = 0.0
        column.forEach(rows) { _, _, number in sum += number * 0 }
        guard !(sum == 0) else { return }
        var place = 0
        column.forEach(rows) { row, index, number in if !number.isFinite { place = row } }
        throw mismatch(
            .numeric, name.description, expected: "finite numbers",
            received: "one that is not in sample " + String(place))
    }
}
