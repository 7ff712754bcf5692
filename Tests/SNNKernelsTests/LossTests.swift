import SNNKernels
import SNNTestSupport
import Testing

struct LossCase: Sendable {
    typealias Kernel = @convention(c) (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int64, Int64, Float
    ) -> Void
    typealias GradientKernel = @convention(c) (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>,
        UnsafeMutablePointer<Float>, Int64, Int64, Float
    ) -> Void
    let name: String
    let kernel: @Sendable (KernelTable) -> (Kernel, GradientKernel)

    var isSparse: Bool { name.hasPrefix("sparse") }
    var takesProbabilities: Bool { name.hasSuffix("crossentropy") }

    static let all = [
        LossCase(name: "mean_squared_error") {
            ($0.mean_squared_error, $0.mean_squared_error_gradient)
        },
        LossCase(name: "mean_absolute_error") {
            ($0.mean_absolute_error, $0.mean_absolute_error_gradient)
        },
        LossCase(name: "binary_crossentropy") {
            ($0.binary_crossentropy, $0.binary_crossentropy_gradient)
        },
        LossCase(name: "binary_crossentropy_logits") {
            ($0.binary_crossentropy_logits, $0.binary_crossentropy_logits_gradient)
        },
        LossCase(name: "categorical_crossentropy") {
            ($0.categorical_crossentropy, $0.categorical_crossentropy_gradient)
        },
        LossCase(name: "categorical_crossentropy_logits") {
            ($0.categorical_crossentropy_logits, $0.categorical_crossentropy_logits_gradient)
        },
        LossCase(name: "sparse_categorical_crossentropy") {
            ($0.sparse_categorical_crossentropy, $0.sparse_categorical_crossentropy_gradient)
        },
        LossCase(name: "sparse_categorical_crossentropy_logits") {
            (
                $0.sparse_categorical_crossentropy_logits,
                $0.sparse_categorical_crossentropy_logits_gradient
            )
        },
    ]

    /// Predictions and targets of `rows` rows as this loss takes them.
    func data(rows: Int, width: Int) -> (prediction: [Float], target: [Float]) {
        let raw = testNumbers(rows * width, seed: 1)
        let prediction = raw.map { takesProbabilities ? 0.5 + 0.49 * $0 : 4 * $0 }
        let target = testNumbers(rows * width, seed: 2).map { 0.5 + 0.5 * $0 }
        return (prediction, isSparse ? (0..<rows).map { Float(($0 * 5) % width) } : target)
    }

    func values(
        _ table: KernelTable, _ prediction: [Float], _ target: [Float], rows: Int, width: Int,
        smoothing: Float = 0
    ) -> [Float] {
        written(rows) {
            kernel(table).0(prediction, target, $0, Int64(rows), Int64(width), smoothing)
        }
    }

    func gradients(
        _ table: KernelTable, _ prediction: [Float], _ target: [Float], factors: [Float],
        rows: Int, width: Int, smoothing: Float = 0
    ) -> [Float] {
        written(prediction.count) {
            kernel(table).1(
                prediction, target, factors, $0, Int64(rows), Int64(width), smoothing)
        }
    }
}

struct LossTests {
    /// For a loss that computes both at once: the bits of either alone, also with logits that are
    /// extreme or not finite, and in batches that are no multiple of what it takes together.
    @Test(arguments: InstructionSet.supported)
    func bothAtOnceHaveTheSameBits(set: InstructionSet) {
        let kernels = set.kernels.pointee
        for (name, both) in [
            ("categorical_crossentropy_logits", kernels.categorical_crossentropy_logits_and_gradient),
            (
                "sparse_categorical_crossentropy_logits",
                kernels.sparse_categorical_crossentropy_logits_and_gradient
            ),
        ] {
            let loss = LossCase.all.first { $0.name == name }!
            for (rows, width) in [
                (0, 3), (1, 10), (3, 1), (15, 2), (16, 15), (17, 16), (33, 17), (40, 100), (64, 10),
            ] {
                for special in [[], specialNumbers, Array(specialNumbers.reversed())] {
                    var (prediction, target) = loss.data(rows: rows, width: width)
                    for (i, number) in special.enumerated() where i < prediction.count {
                        prediction[i * 7 % prediction.count] = number
                    }
                    if loss.isSparse && rows > 5 { target[3] = Float(width) }
                    let factors = testNumbers(rows, seed: 9)
                    let values = loss.values(
                        set.table, prediction, target, rows: rows, width: width, smoothing: 0.1)
                    let gradients = loss.gradients(
                        set.table, prediction, target, factors: factors, rows: rows, width: width,
                        smoothing: 0.1)
                    var bothGradients: [Float] = []
                    let bothValues = written(rows) { values in
                        bothGradients = written(prediction.count) {
                            both(
                                prediction, target, factors, values, $0, Int64(rows), Int64(width),
                                0.1)
                        }
                    }
                    #expect(sameBits(bothValues, values), "\(name) [\(rows), \(width)]")
                    #expect(sameBits(bothGradients, gradients), "\(name) [\(rows), \(width)]")
                }
            }
        }
    }

    /// A row's results do not depend on the rows beside it.
    @Test(arguments: InstructionSet.supported)
    func aRowHasTheSameBitsInABatchOfAnySize(set: InstructionSet) {
        let (rows, width) = (37, 10)
        for loss in LossCase.all {
            let (prediction, target) = loss.data(rows: rows, width: width)
            let factors = testNumbers(rows, seed: 9)
            let values = loss.values(set.table, prediction, target, rows: rows, width: width)
            let gradients = loss.gradients(
                set.table, prediction, target, factors: factors, rows: rows, width: width)
            for row in 0..<rows {
                let own = row * width..<(row + 1) * width
                let goal = Array(loss.isSparse ? target[row...row] : target[own])
                #expect(
                    sameBits(
                        loss.values(set.table, Array(prediction[own]), goal, rows: 1, width: width),
                        [values[row]]), "\(loss.name)")
                #expect(
                    sameBits(
                        loss.gradients(
                            set.table, Array(prediction[own]), goal, factors: [factors[row]],
                            rows: 1, width: width), Array(gradients[own])), "\(loss.name)")
            }
        }
    }

    /// Logits that gave these bits when the losses were one row at a time.
    @Test(arguments: InstructionSet.supported)
    func logitsHaveTheBitsOfTheScalarChain(set: InstructionSet) {
        for width in [1, 2, 10, 16, 17, 40] {
            let loss = LossCase.all.last!
            let (prediction, target) = loss.data(rows: 20, width: width)
            let factors = testNumbers(20, seed: 9)
            let values = loss.values(set.table, prediction, target, rows: 20, width: width)
            let gradients = loss.gradients(
                set.table, prediction, target, factors: factors, rows: 20, width: width)
            for row in 0..<20 {
                let x = Array(prediction[row * width..<(row + 1) * width])
                let shift = x.max()!
                let e = written(width) { set.table.exponential(x.map { $0 - shift }, $0, Int64(width), 0, 0, 0) }
                // Lanes i % 16 upward, then folded: i with i + 8, 4, 2 and 1.
                var lanes = [Float](repeating: 0, count: 16)
                for (i, number) in e.enumerated() { lanes[i % 16] += number }
                for distance in [8, 4, 2, 1] {
                    for i in 0..<distance { lanes[i] += lanes[i + distance] }
                }
                let own = Int(target[row])
                for i in 0..<width {
                    let q = e[i] / lanes[0] - (i == own ? 1 : 0)
                    #expect(gradients[row * width + i] == factors[row] * q)
                }
                // log_softmax of one number more than there are would differ in the sum alone.
                let logSoftmax = written(width) {
                    set.table.log_softmax(x, $0, 1, Int64(width), 1)
                }
                #expect(abs(values[row] + logSoftmax[own]) <= 1e-6 * (1 + abs(values[row])))
            }
        }
    }

    @Test(arguments: InstructionSet.supported)
    func valuesAndGradientsEqualKerassFormulas(set: InstructionSet) {
        for loss in LossCase.all {
            for width in [1, 2, 3, 15, 16, 17, 31, 33, 100] {
                for smoothing: Float in [0, 0.1] {
                    expectReference(loss, set, width: width, smoothing: smoothing)
                }
            }
        }
    }

    private func expectReference(
        _ loss: LossCase, _ set: InstructionSet, width: Int, smoothing: Float
    ) {
        // Four rows, the fourth with an ignored factor of 0.
        let rows = 4
        let factors: [Float] = [1, -0.5, 2, 0]
        let (prediction, target) = loss.data(rows: rows, width: width)
        let values = loss.values(
            set.table, prediction, target, rows: rows, width: width, smoothing: smoothing)
        let dPrediction = loss.gradients(
            set.table, prediction, target, factors: factors, rows: rows, width: width,
            smoothing: smoothing)
        for r in 0..<rows {
            let row = prediction[(r * width)..<((r + 1) * width)].map(Double.init)
            let own = loss.isSparse ? target[r...r] : target[(r * width)..<((r + 1) * width)]
            let goal = own.map(Double.init)
            let value = { ReferenceRow.loss(loss.name, $0, goal, Double(smoothing)) }
            let expected = value(row)
            #expect(
                abs(Double(values[r]) - expected) <= 2e-6 * (1 + abs(expected)),
                "\(loss.name) of width \(width)")
            for c in 0..<width {
                let h = 1e-6
                var (above, below) = (row, row)
                above[c] += h
                below[c] -= h
                let slope = Double(factors[r]) * (value(above) - value(below)) / (2 * h)
                let got = Double(dPrediction[r * width + c])
                #expect(
                    abs(got - slope) <= 2e-5 * (1 + abs(slope)) || (width == 1 && got == 0),
                    "\(loss.name)[\(c)] of width \(width): \(got) for \(slope)")
            }
        }
    }

    @Test(arguments: InstructionSet.supported)
    func clippedProbabilitiesHaveKerassValueAndNoGradient(set: InstructionSet) {
        let table = set.table
        var values: [Float] = [0, 0]
        table.binary_crossentropy([0, 1], [1, 0], &values, 2, 1, 0)
        // -log(1e-7) and -log(1 - 0.9999999), the latter of the rounded number.
        #expect(abs(values[0] - 16.118095) < 1e-5 && abs(values[1] - 15.942385) < 1e-5)
        var dPrediction: [Float] = [9, 9]
        table.binary_crossentropy_gradient([0, 1], [1, 0], [1, 1], &dPrediction, 2, 1, 0)
        #expect(dPrediction == [0, 0])
        // q = (0, 1): both clipped, so the sum adds nothing either.
        table.categorical_crossentropy_gradient([0, 4], [1, 0], [1], &dPrediction, 1, 2, 0)
        #expect(dPrediction == [0, 0])
        table.sparse_categorical_crossentropy_gradient([0, 4], [0], [1], &dPrediction, 1, 2, 0)
        #expect(dPrediction == [0, 0])
    }

    @Test(arguments: InstructionSet.supported)
    func largeLogitsAreStable(set: InstructionSet) {
        var values: [Float] = [0, 0, 0, 0]
        set.table.binary_crossentropy_logits(
            [1000, -1000, 1000, -1000], [1, 0, 0, 1], &values, 4, 1, 0)
        #expect(values == [0, 0, 1000, 1000])
        set.table.sparse_categorical_crossentropy_logits([1e30, -1e30], [0], &values, 1, 2, 0)
        #expect(values[0] == 0)
        var dPrediction: [Float] = [9, 9]
        set.table.binary_crossentropy_logits_gradient(
            [50, -50], [1, 0], [1, 1], &dPrediction, 2, 1, 0)
        #expect(dPrediction[0] < 0 && dPrediction[0] > -1e-20, "not lost against 1")
        #expect(dPrediction[1] > 0 && dPrediction[1] < 1e-20)
    }

    @Test(arguments: InstructionSet.supported)
    func aClassThatIsNoneGivesNaNAndNoTrap(set: InstructionSet) {
        for loss in LossCase.all where loss.isSparse {
            for target: Float in [-1, 3, 1e30, .infinity, -.infinity, .nan] {
                let values = loss.values(set.table, [1, 2, 3], [target], rows: 1, width: 3)
                #expect(values[0].isNaN, "\(loss.name) of class \(target)")
                let dPrediction = loss.gradients(
                    set.table, [1, 2, 3], [target], factors: [1], rows: 1, width: 3)
                #expect(dPrediction.allSatisfy { $0.isNaN }, "\(loss.name) of class \(target)")
            }
        }
    }

    @Test(arguments: InstructionSet.supported)
    func absoluteErrorHasNoSlopeWhereItIsZero(set: InstructionSet) {
        var dPrediction: [Float] = [9, 9, 9]
        set.table.mean_absolute_error_gradient([1, 2, 3], [1, 3, 2], [3], &dPrediction, 1, 3, 0)
        #expect(dPrediction == [0, -1, 1])
    }

    @Test(arguments: InstructionSet.supported)
    func argmaxOfAnyWidthIsTheFirstLargest(set: InstructionSet) {
        for width in [1, 2, 10, 15, 16, 17, 31, 32, 33, 100] {
            let rows = 40
            // Few different numbers, so that the largest comes several times; some are NaN.
            var x = testNumbers(rows * width, seed: 3).map { ($0 * 6).rounded() }
            for index in x.indices where index % 11 == 4 { x[index] = .nan }
            for index in 0..<width { x[index] = index % 2 == 0 ? .nan : -.infinity }
            let out = written(rows) { set.table.row_argmax(x, $0, Int64(rows), Int64(width)) }
            for row in 0..<rows {
                let own = Array(x[row * width..<(row + 1) * width])
                let most = own.filter { !$0.isNaN }.max()
                let expected = most.flatMap { most in own.firstIndex { $0 == most } } ?? 0
                #expect(out[row] == Float(expected), "row \(row) of width \(width)")
            }
        }
    }

    @Test(arguments: InstructionSet.supported)
    func argmaxIsTheFirstLargestAndPassesOverNaN(set: InstructionSet) {
        let rows: [([Float], Float)] = [
            ([1, 3, 3], 1), ([.nan, -5, -6], 1), ([.nan, .nan, .nan], 0), ([0, -0.0, 0], 0),
            ([-.infinity, -.infinity, -.infinity], 0), ([.nan, -.infinity, .infinity], 2),
            ([5, .nan, 5], 0), ([.nan, .nan, -.infinity], 2),
        ]
        let out = written(rows.count) {
            set.table.row_argmax(rows.flatMap(\.0), $0, Int64(rows.count), 3)
        }
        #expect(out == rows.map(\.1))
        set.table.row_argmax([], UnsafeMutablePointer(bitPattern: 8)!, 0, 3)
    }
}
