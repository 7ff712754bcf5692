import SNNCore
import SNNKernels

/// What samples say about a linear model: the triangular factor of the QR factorization of
/// [1 | X | Y], the column of ones where there is an intercept, and for each output the sum of
/// squares that no model can explain. Samples come in blocks of any length, so there may be more of
/// them than memory holds.
///
/// The column of ones is the first one: what follows it in R is the factor of the centred X. Before
/// that the first sample is subtracted from all, exactly where they share a grid of numbers, so that
/// data far from 0 loses no digits; and each column is scaled by a power of two near its largest
/// number in the first block, which changes no digit and keeps squares away from the ends of the
/// range.
package final class TriangularFactor {
    package let features: Int
    package let outputs: Int
    package let hasIntercept: Bool
    /// Samples, and the sum of their weights.
    package private(set) var count = 0
    private(set) var weightSum = 0.0

    /// Columns of R that are reduced, the ones among them, and with those of the targets; both
    /// rounded up to multiples of 4 by columns of zeros.
    let pivots: Int
    let columns: Int
    /// [pivots, columns] by columns.
    private(set) var r: Buffer<Double>
    /// For each output what is left of its sum of squares, in its column's unit.
    private(set) var rest: Buffer<Double>
    /// What each feature, then each output, is moved and multiplied by.
    let shifts: Buffer<Double>
    let scales: Buffer<Double>

    /// Where an update goes, before it counts.
    private var nextR: Buffer<Double>
    private var nextRest: Buffer<Double>
    private let sample: Buffer<Double>
    private let cosines: Buffer<Double>
    private let sines: Buffer<Double>
    private let threads: Int
    private let kernels: UnsafePointer<KernelTable>
    private var block: ReflectorBlock?

    package init(
        features: Int, outputs: Int, hasIntercept: Bool, threads: Int,
        kernels: UnsafePointer<KernelTable>
    ) throws(SNNError) {
        let most = 1 << 20
        guard features >= 1, outputs >= 1, features <= most, outputs <= most else {
            throw mismatch(
                features < 1 || outputs < 1 ? .shape : .limit, "features and outputs",
                expected: "1 to 2^20", received: String(features) + " and " + String(outputs))
        }
        self.features = features
        self.outputs = outputs
        self.hasIntercept = hasIntercept
        self.threads = threads > 0 ? threads : ThreadPool.defaultThreadCount
        self.kernels = kernels
        pivots = ((hasIntercept ? 1 : 0) + features + 3) / 4 * 4
        columns = pivots + (outputs + 3) / 4 * 4
        r = try Buffer(count: pivots * columns)
        rest = try Buffer(count: outputs)
        shifts = try Buffer(count: features + outputs)
        scales = try Buffer(count: features + outputs)
        nextR = try Buffer(count: pivots * columns)
        nextRest = try Buffer(count: outputs)
        sample = try Buffer(count: columns)
        cosines = try Buffer(count: pivots)
        sines = try Buffer(count: pivots)
    }

    /// The first feature's column.
    var firstFeature: Int { hasIntercept ? 1 : 0 }
    var firstOutput: Int { pivots }

    /// Takes samples in; all of them or, when it throws, none. With a forgetting factor below 1
    /// each sample first multiplies the weight of all before it by that.
    package func append(
        _ samples: LinearSamples, forgetting factor: Double = 1
    ) throws(SNNError) {
        try samples.checkNumbers(0 ..< samples.count)
        if count == 0 { fixUnits(samples, 0 ..< min(samples.count, ReflectorBlock.capacity)) }
        copyToNext()
        var weight = weightSum
        // Givens rotations take a sample in without a block's fixed cost.
        if factor < 1 || samples.count < 8 {
            for row in 0 ..< samples.count {
                weight = weight * factor + rotate(samples, row, forgetting: factor.squareRoot())
            }
        } else {
            weight += try reduce(samples)
        }
        try checkNext()
        swap(&r, &nextR)
        swap(&rest, &nextRest)
        count += samples.count
        weightSum = weight
    }

    /// The factor with the rows factors[j] e_j of X below it, whose targets are 0: what a penalty
    /// adds. Gives R's part of the features and targets, by columns `pivots` apart.
    func appendingDiagonal(_ factors: (Int) -> Double) throws(SNNError) -> Buffer<Double> {
        let result = try Buffer<Double>(count: pivots * columns)
        result.pointer.copy(from: r.pointer, count: r.count)
        let block = try workingBlock()
        var done = 0
        while done < features {
            let rows = min(ReflectorBlock.capacity, features - done)
            let padded = ReflectorBlock.paddedRows(rows)
            for column in 0 ..< columns {
                for row in 0 ..< padded { block.column(column)[row] = 0 }
            }
            for row in 0 ..< rows {
                block.column(firstFeature + done + row)[row] = factors(done + row)
            }
            block.reduce(rows: rows, into: result.pointer, rStride: pivots)
            done += rows
        }
        return result
    }

    // MARK: Steps of the above

    /// The block's memory, taken when first needed.
    private func workingBlock() throws(SNNError) -> ReflectorBlock {
        if let block { return block }
        let made = try ReflectorBlock(
            pivots: pivots, columns: columns, threads: threads, kernels: kernels)
        block = made
        return made
    }

    private func copyToNext() {
        nextR.pointer.copy(from: r.pointer, count: r.count)
        nextRest.pointer.copy(from: rest.pointer, count: outputs)
    }

    private func checkNext() throws(SNNError) {
        var sum = 0.0
        for index in 0 ..< nextR.count { sum += nextR.pointer[index] * 0 }
        for index in 0 ..< outputs { sum += nextRest.pointer[index] * 0 }
        guard sum == 0 else {
            throw SNNError(
                .numeric, "the numbers differ too much in size: a sum of squares is not finite")
        }
    }

    /// Fixes shifts and scales by the first samples.
    private func fixUnits(_ samples: LinearSamples, _ rows: Range<Int>) {
        fixUnits(samples.inputs, rows, 0)
        fixUnits(samples.targets, rows, features)
    }

    private func fixUnits(_ column: LinearColumn, _ rows: Range<Int>, _ first: Int) {
        let shifts = shifts.pointer + first
        let scales = scales.pointer + first
        for index in 0 ..< column.width {
            shifts[index] = hasIntercept ? column.number(rows.lowerBound, index) : 0
            scales[index] = 0
        }
        column.forEach(rows) { _, index, number in
            scales[index] = max(scales[index], abs(number - shifts[index]))
        }
        for index in 0 ..< column.width {
            let largest = scales[index] > 0 ? scales[index] : abs(shifts[index])
            scales[index] = powerOfTwo(nearInverseOf: largest)
        }
    }

    private func reduce(_ samples: LinearSamples) throws(SNNError) -> Double {
        let block = try workingBlock()
        var done = 0
        var weight = 0.0
        while done < samples.count {
            let rows = min(ReflectorBlock.capacity, samples.count - done)
            weight += load(samples, done, rows, into: block)
            block.reduce(rows: rows, into: nextR.pointer, rStride: pivots)
            for output in 0 ..< outputs {
                nextRest.pointer[output] += block.sumOfSquares(firstOutput + output, rows: rows)
            }
            done += rows
        }
        return weight
    }

    /// Fills the block with [1 | X | Y] of samples, in the columns' units, each row multiplied by
    /// the square root of its weight. Gives the sum of the weights.
    private func load(
        _ samples: LinearSamples, _ first: Int, _ rows: Int, into block: ReflectorBlock
    ) -> Double {
        load(samples.inputs, first, rows, 0, into: block, at: firstFeature)
        load(samples.targets, first, rows, features, into: block, at: firstOutput)
        if hasIntercept {
            for row in 0 ..< rows { block.column(0)[row] = 1 }
        }
        block.pad(rows: rows)
        clear(block, rows, firstFeature + features ..< pivots)
        clear(block, rows, firstOutput + outputs ..< columns)
        guard let weights = samples.weights else { return Double(rows) }
        var sum = 0.0
        for row in 0 ..< rows {
            let weight = weights.number(first + row, 0)
            sum += weight
            let root = weight.squareRoot()
            for column in 0 ..< columns { block.column(column)[row] *= root }
        }
        return sum
    }

    private func load(
        _ column: LinearColumn, _ first: Int, _ rows: Int, _ unit: Int,
        into block: ReflectorBlock, at target: Int
    ) {
        let shifts = shifts.pointer + unit
        let scales = scales.pointer + unit
        let memory = block.column(target)
        column.forEach(first ..< first + rows) { row, index, number in
            memory[index &* ReflectorBlock.stride &+ (row &- first)] =
                (number - shifts[index]) * scales[index]
        }
    }

    private func clear(_ block: ReflectorBlock, _ rows: Int, _ range: Range<Int>) {
        for column in range {
            for row in 0 ..< rows { block.column(column)[row] = 0 }
        }
    }

    /// Takes one sample in by Givens rotations, after R and the rest were multiplied by `root` and
    /// its square. Gives the sample's weight.
    private func rotate(_ samples: LinearSamples, _ row: Int, forgetting root: Double) -> Double {
        let weight = samples.weights?.number(row, 0) ?? 1
        let own = weight.squareRoot()
        let x = sample.pointer
        if hasIntercept { x[0] = own }
        set(samples.inputs, row, 0, own, at: firstFeature)
        set(samples.targets, row, features, own, at: firstOutput)
        let (c, s) = (cosines.pointer, sines.pointer)
        let used = firstFeature + features
        for pivot in 0 ..< used {
            let column = nextR.pointer + pivot * pivots
            let left = rotate(x[pivot], column, pivot, root)
            let diagonal = root * column[pivot]
            let norm = (diagonal * diagonal + left * left).squareRoot()
            c[pivot] = norm > 0 ? diagonal / norm : 1
            s[pivot] = norm > 0 ? left / norm : 0
            column[pivot] = norm
        }
        for output in 0 ..< outputs {
            let column = nextR.pointer + (firstOutput + output) * pivots
            let left = rotate(x[firstOutput + output], column, used, root)
            nextRest.pointer[output] = nextRest.pointer[output] * root * root + left * left
        }
        return weight
    }

    /// Turns the first `count` numbers of a column with the sample's; gives what is left of that.
    @inline(__always)
    private func rotate(
        _ number: Double, _ column: UnsafeMutablePointer<Double>, _ count: Int, _ root: Double
    ) -> Double {
        let (c, s) = (cosines.pointer, sines.pointer)
        var left = number
        var index = 0
        while index < count {
            let upper = root * column[index]
            column[index] = c[index] * upper + s[index] * left
            left = c[index] * left - s[index] * upper
            index &+= 1
        }
        return left
    }

    private func set(
        _ column: LinearColumn, _ row: Int, _ unit: Int, _ own: Double, at target: Int
    ) {
        let shifts = shifts.pointer + unit
        let scales = scales.pointer + unit
        let x = sample.pointer + target
        column.forEach(row ..< row + 1) { _, index, number in
            x[index] = (number - shifts[index]) * scales[index] * own
        }
    }
}

/// 2^-k with 2^(k-1) <= number < 2^(k+1), 1 for 0; within the range in which products of two such
/// are normal numbers.
func powerOfTwo(nearInverseOf number: Double) -> Double {
    guard number > 0, number.isFinite else { return 1 }
    let exponent = min(max(-Int(number.exponent), -480), 480)
    return Double(sign: .plus, exponent: exponent, significand: 1)
}
