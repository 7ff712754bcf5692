import CKernels
import SNNKernels
import SNNTestSupport

/// Kernels run on numbers of one size, for comparing instruction sets bit for bit. A new kernel
/// needs a case: `everyKernelIsCompared` names those that have none.
struct KernelCase: Sendable {
    let name: String
    /// What the kernels of a table write for numbers of a size.
    let run: @Sendable (KernelTable, KernelNumbers) -> [Float]

    init(_ name: String, _ run: @escaping @Sendable (KernelTable, KernelNumbers) -> [Float]) {
        self.name = name
        self.run = run
    }

    static let all =
        elementwise + conversions + reductions + products + columnsOfDoubles + activations
        + random + losses + optimizers + convolutions + normalizations + poolings
}

/// The same made-up numbers for every table.
struct KernelNumbers {
    let count: Int
    /// Stand at the end of the first array, where the tail is.
    var special: [Float] = []

    var size: Int64 { Int64(count) }

    /// `count` (or `total`) numbers of -`scale` ..< `scale`; seed 1 gives those with special ones.
    func callAsFunction(_ seed: UInt64, _ total: Int? = nil, scale: Float = 1) -> [Float] {
        let total = total ?? count
        var numbers = testNumbers(total, seed: seed).map { scale * $0 }
        guard seed == 1 else { return numbers }
        for (i, number) in special.enumerated() where i < total { numbers[total - 1 - i] = number }
        return numbers
    }
}

/// Words as numbers of the same bits, but no NaNs: those count as equal.
func asNumbers(_ words: [UInt32]) -> [Float] {
    words.flatMap { [Float($0 >> 16), Float($0 & 0xffff)] }
}

extension KernelCase {
    private static let elementwise = [
        KernelCase("fill") { table, numbers in
            written(numbers.count) { table.fill($0, numbers.size, 0.1) }
        },
        KernelCase("add") { table, numbers in
            written(numbers.count) { table.add(numbers(1), numbers(2), $0, numbers.size) }
        },
        KernelCase("scale") { table, numbers in
            written(numbers.count) { table.scale(numbers(1), $0, numbers.size, -0.3) }
        },
        KernelCase("copy_rows") { table, numbers in
            written(3 * numbers.count) {
                table.copy_rows(
                    numbers(1, 3 * (numbers.count + 2)), numbers.size + 2, $0, numbers.size, 3,
                    numbers.size)
            }
        },
        KernelCase("all_finite") { table, numbers in
            // The number at each place in turn is not finite.
            (0...numbers.count).map { place in
                var x = numbers(2)
                if place < numbers.count { x[place] = place % 2 == 0 ? .infinity : .nan }
                return Float(table.all_finite(x, numbers.size))
            }
        },
    ]

    private static let conversions = [
        KernelCase("convert_uint8") { table, numbers in
            let x = numbers(2).map { UInt8(127 + 127 * $0) }
            return written(numbers.count) { table.convert_uint8(x, $0, numbers.size, 0.0123) }
        },
        KernelCase("convert_float64") { table, numbers in
            let x = zip(numbers(1), numbers(2)).map { Double($0) * (1 + 1e-8 * Double($1)) }
            return written(numbers.count) { table.convert_float64(x, $0, numbers.size) }
        },
        KernelCase("convert_int32") { table, numbers in
            let x = numbers(2).map { Int32($0 * 2.1e9) | 1 }
            return written(numbers.count) { table.convert_int32(x, $0, numbers.size) }
        },
        KernelCase("convert_int64") { table, numbers in
            let x = numbers(2).map { Int64($0 * 9e18) | 1 }
            return written(numbers.count) { table.convert_int64(x, $0, numbers.size) }
        },
    ]

    /// `count` columns and then `count` rows, up to a whole chunk of these.
    private static func ofRowsAndColumns(
        _ name: String,
        _ run: @escaping @Sendable (KernelTable, KernelNumbers, _ rows: Int, _ columns: Int)
            -> [Float]
    ) -> KernelCase {
        KernelCase(name) { table, numbers in
            [1, 2, 7].flatMap { run(table, numbers, $0, numbers.count) }
                + [1, 17, 35].flatMap { run(table, numbers, min(numbers.count, 256), $0) }
        }
    }

    private static let reductions = [
        ofRowsAndColumns("column_sums") { table, numbers, rows, columns in
            written(columns) {
                table.column_sums(numbers(1, rows * columns), Int64(rows), Int64(columns), $0)
            }
        },
        ofRowsAndColumns("column_deviations") { table, numbers, rows, columns in
            written(columns) {
                table.column_deviations(
                    numbers(1, rows * columns), numbers(2, columns), Int64(rows), Int64(columns), $0
                )
            }
        },
        ofRowsAndColumns("column_sums_and_correlations") { table, numbers, rows, columns in
            var sums: [Float] = []
            let correlations = written(columns) { correlations in
                sums = written(columns) {
                    table.column_sums_and_correlations(
                        numbers(3, rows * columns), numbers(1, rows * columns),
                        numbers(2, columns), Int64(rows), Int64(columns), $0, correlations)
                }
            }
            return sums + correlations
        },
        KernelCase("sum_of_squares") { table, numbers in
            let bits = table.sum_of_squares(numbers(1), numbers.size).bitPattern
            return asNumbers([UInt32(truncatingIfNeeded: bits >> 32), UInt32(truncatingIfNeeded: bits)])
        },
        KernelCase("sum_of_magnitudes") { table, numbers in
            let bits = table.sum_of_magnitudes(numbers(1), numbers.size).bitPattern
            return asNumbers([UInt32(truncatingIfNeeded: bits >> 32), UInt32(truncatingIfNeeded: bits)])
        },
        KernelCase("add_penalty_gradient") { table, numbers in
            written(numbers.count, initial: numbers(2)) {
                table.add_penalty_gradient(numbers(1), $0, numbers.size, 0.1, -0.3)
            }
        },
        ofRowsAndColumns("tree_sum") { table, numbers, rows, columns in
            Array(
                written(rows * columns, initial: numbers(1, rows * columns)) {
                    table.tree_sum($0, Int64(rows), Int64(columns))
                }.prefix(columns))
        },
        ofRowsAndColumns("column_affine") { table, numbers, rows, columns in
            written(rows * columns) {
                table.column_affine(
                    numbers(1, rows * columns), numbers(2, columns), numbers(3, columns), $0,
                    Int64(rows), Int64(columns))
            }
        },
        ofRowsAndColumns("column_affine_gradient") { table, numbers, rows, columns in
            written(rows * columns) {
                table.column_affine_gradient(
                    numbers(3, rows * columns), numbers(1, rows * columns), numbers(4, columns),
                    numbers(5, columns), numbers(6, columns), numbers(7, columns), $0, Int64(rows),
                    Int64(columns))
            }
        },
    ]

    /// Factor, bound and decay: none of them, and all.
    private static let clips: [(Float, Float, Float)] = [(1, .infinity, 0), (0.7, 0.4, 0.001)]

    /// A step over an snnk_step with the state `s0`, `s1`, `s2`: numbers of seeds 3, 4 and 5, or nil.
    private static func step(
        _ name: String, slots: [Bool], arePositive: Bool = true, powers: [Float] = [0.9],
        _ kernel: @escaping @Sendable (KernelTable)
            -> @convention(c) (UnsafePointer<snnk_step>, Int64, Int64) -> Void
    ) -> KernelCase {
        KernelCase(name) { table, numbers in
            powers.flatMap { a in
                clips.flatMap { factor, bound, decay in
                    let places = numbers.count
                    var buffers = [numbers(2)] + [3, 4, 5].map { seed in
                        numbers(seed).map { arePositive ? abs($0) + 1 : $0 }
                    }
                    let g = numbers(1)
                    var results: [Float] = []
                    func run(_ index: Int, _ pointers: [UnsafeMutablePointer<Float>]) {
                        guard index < buffers.count else {
                            var step = snnk_step(
                                w: pointers[0], g: pointers[0],
                                s0: slots[0] ? pointers[1] : nil,
                                s1: slots[1] ? pointers[2] : nil,
                                s2: slots[2] ? pointers[3] : nil, rate: 0.01, a: a, b: 0.1,
                                c: 0.001, d: 0.05, e: 1.25, factor: factor, bound: bound,
                                decay: decay)
                            g.withUnsafeBufferPointer { g in
                                // In two parts, the second from where blocks may begin.
                                let cut = Int64(places / 32 * 16)
                                step.g = g.baseAddress ?? step.g
                                kernel(table)(&step, 0, cut)
                                kernel(table)(&step, cut, Int64(places) - cut)
                            }
                            return
                        }
                        buffers[index] = written(places, initial: buffers[index]) {
                            run(index + 1, pointers + [$0])
                        }
                    }
                    run(0, [])
                    for buffer in buffers { results += buffer }
                    return results
                }
            }
        }
    }

    private static let optimizers = [
        KernelCase("sum_of_products") { table, numbers in
            [Float(table.sum_of_products(numbers(3), numbers(2), numbers.size))]
        },
        step("rmsprop", slots: [true, false, false]) { $0.rmsprop },
        step("adagrad", slots: [true, false, false]) { $0.adagrad },
        step("adadelta", slots: [true, true, false]) { $0.adadelta },
        step("adamax", slots: [true, true, false]) { $0.adamax },
        step("nadam", slots: [true, true, false]) { $0.nadam },
        step("lion", slots: [true, false, false], arePositive: false) { $0.lion },
        step("ftrl", slots: [true, true, false], powers: [0.5, 0.75, 0]) { $0.ftrl },
        KernelCase("sgd") { table, numbers in
            clips.flatMap { factor, bound, decay in
                written(numbers.count, initial: numbers(2)) {
                    table.sgd($0, numbers(1), numbers.size, 0.01, factor, bound, decay)
                }
            }
        },
        KernelCase("sgd_momentum") { table, numbers in
            zip([0, 1, 1], clips + clips.suffix(1)).flatMap { (isNesterov: Int32, clip) in
                var w: [Float] = []
                let m = written(numbers.count, initial: numbers(3)) { m in
                    w = written(numbers.count, initial: numbers(2)) {
                        table.sgd_momentum(
                            $0, numbers(1), m, numbers.size, 0.01, 0.9, isNesterov, clip.0, clip.1,
                            clip.2)
                    }
                }
                return w + m
            }
        },
        KernelCase("adam") { table, numbers in
            zip([false, true, true], clips + clips.suffix(1)).flatMap { hasMaximum, clip in
                var (w, m): ([Float], [Float]) = ([], [])
                var maximum = numbers(5).map(abs)
                let v = written(numbers.count, initial: numbers(4).map(abs)) { v in
                    maximum = written(numbers.count, initial: maximum) { maximum in
                        m = written(numbers.count, initial: numbers(3)) { m in
                            w = written(numbers.count, initial: numbers(2)) {
                                table.adam(
                                    $0, numbers(1), m, v, hasMaximum ? maximum : nil, numbers.size,
                                    0.001, 0.1, 0.001, 1e-7, clip.0, clip.1, clip.2)
                            }
                        }
                    }
                }
                return w + m + v + maximum
            }
        },
    ]
}
