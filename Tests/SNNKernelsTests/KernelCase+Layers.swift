import CKernels
import SNNKernels
import SNNTestSupport

/// The cases of products, activations, dropout and losses.
extension KernelCase {
    /// `count` in the place of m, n and k in turn, and as what k goes beyond whole chunks; A and B
    /// as they are, transposed, and B in panels; each end of the product on its own and together.
    static let products = [
        KernelCase("matrix_product") { table, numbers in
            let count = numbers.count
            let shapes = [
                (1, count, 5), (3, count, 17), (14, count, 33), (count, 1, 19), (count, 18, 7),
                (count, 35, 3), (2, 3, count), (13, 33, count), (2, 17, 1024 + count),
            ]
            return shapes.enumerated().flatMap { index, shape in
                product(table, numbers, shape, ends: count + index)
                    + product(table, numbers, shape, transposesA: true, ends: count + index + 1)
                    + product(table, numbers, shape, transposesB: true, ends: count + index + 2)
                    + product(table, numbers, shape, packsB: true, ends: count + index + 3)
            }
        }
    ]

    /// The bits of `ends` choose bias, addend and rectifier.
    private static func product(
        _ table: KernelTable, _ numbers: KernelNumbers, _ shape: (m: Int, n: Int, k: Int),
        transposesA: Bool = false, transposesB: Bool = false, packsB: Bool = false, ends: Int
    ) -> [Float] {
        let (m, n, k) = (Int64(shape.m), Int64(shape.n), Int64(shape.k))
        let a = numbers(1, shape.m * shape.k)
        let b = numbers(2, shape.k * shape.n)
        let (bias, addend) = (numbers(3, shape.n), numbers(4, shape.m * shape.n))
        var panels = [Float](repeating: 0, count: (shape.n + 15) / 16 * 16 * shape.k)
        // The panels' layout is the set's own.
        if packsB { table.pack_panels(k, n, b, n, 1, &panels) }
        var room = [Float](
            repeating: 0, count: Int(snnk_product_workspace(k)))
        return a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                bias.withUnsafeBufferPointer { bias in
                    addend.withUnsafeBufferPointer { addend in
                        panels.withUnsafeBufferPointer { panels in
                            room.withUnsafeMutableBufferPointer { room in
                                written(shape.m * shape.n) { c in
                                    var product = snnk_product(
                                        m: m, n: n, k: k, a: a.baseAddress!,
                                        aRowStride: transposesA ? 1 : k,
                                        aColumnStride: transposesA ? m : 1, b: b.baseAddress!,
                                        bRowStride: transposesB ? 1 : n,
                                        bColumnStride: transposesB ? k : 1,
                                        bPanels: packsB ? panels.baseAddress : nil, c: c,
                                        bias: ends & 1 != 0 ? bias.baseAddress : nil, cRowStride: n,
                                        addend: ends & 2 != 0 ? addend.baseAddress : nil,
                                        rectifies: ends & 4 != 0 ? 1 : 0,
                                        rectifier: snnk_rectifier(a: 2.5, b: 0.1, c: 0.01),
                                        workspace: room.baseAddress!)
                                    table.matrix_product(&product)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    static let activations =
        ActivationCase.all.map { activation in
            KernelCase(activation.name) { table, numbers in
                activation.values(table, numbers(1, scale: 12))
                    + activation.gradients(table, numbers(1, scale: 12), numbers(2))
            }
        }
        + AxisCase.all.map { activation in
            KernelCase(activation.name) { table, numbers in
                let count = numbers.count
                let shapes = [(1, count, 1), (1, 1, count), (1, 3, count / 3), (2, count, 3)]
                return shapes.flatMap { shape in
                    let total = shape.0 * shape.1 * shape.2
                    let y = activation.values(table, numbers(1, total, scale: 12), shape)
                    return y + activation.gradients(table, y, numbers(2, total), shape)
                }
            }
        }
        + [
            KernelCase("glu") { table, numbers in
                let x = numbers(1, 4 * numbers.count, scale: 12)
                let dy = numbers(2, 2 * numbers.count)
                return written(2 * numbers.count) { table.glu(x, $0, 2, numbers.size) }
                    + written(x.count) { table.glu_gradient(x, dy, $0, 2, numbers.size) }
            }
        ]

    static let random = [
        KernelCase("random_words") { table, numbers in
            var words = [UInt32](repeating: 0, count: numbers.count)
            table.random_words(&words, 4 * Int64(UInt32.max) - 32, numbers.size, 1 << 40, 1, 2, 3)
            return asNumbers(words)
        },
        KernelCase("dropout") { table, numbers in
            written(numbers.count) {
                table.dropout(
                    numbers(1), $0, 8, numbers.size, 7, 1, 2, 3, 0x5000_0000, 1.4545455)
            }
        },
    ]

    static let losses =
        LossCase.all.map { loss in
            KernelCase(loss.name) { table, numbers in
                // A row has at least one number.
                [(1, max(numbers.count, 1)), (numbers.count, 5)].flatMap { rows, width in
                    let (prediction, target) = loss.data(rows: rows, width: width)
                    return [prediction, numbers(1, rows * width, scale: 12)].flatMap {
                        loss.values(
                            table, $0, target, rows: rows, width: width, smoothing: 0.1)
                            + loss.gradients(
                                table, $0, target, factors: numbers(3, rows), rows: rows,
                                width: width, smoothing: 0.1)
                    }
                }
            }
        }
        + [
            KernelCase("crossentropies with their gradients") { table, numbers in
                let width = max(numbers.count, 1)
                let prediction = numbers(1, 3 * width, scale: 12)
                return [
                    table.categorical_crossentropy_logits_and_gradient,
                    table.sparse_categorical_crossentropy_logits_and_gradient,
                ].enumerated().flatMap { index, kernel in
                    let target =
                        index == 0
                        ? numbers(2, 3 * width).map(abs) : (0..<3).map { Float($0 * 5 % width) }
                    var values: [Float] = []
                    let gradients = written(3 * width) { dPrediction in
                        values = written(3) {
                            kernel(
                                prediction, target, numbers(3, 3), $0, dPrediction, 3,
                                Int64(width), 0.1)
                        }
                    }
                    return values + gradients
                }
            },
            KernelCase("pointwise_loss") { table, numbers in
                let width = max(numbers.count, 1)
                let (prediction, target) = (numbers(1, 3 * width), numbers(2, 3 * width))
                return (0 ..< SNNK_LOSS_FORMULAS).flatMap { formula in
                    (SNNK_LINK_NONE ... SNNK_LINK_SIGMOID).flatMap { link in
                        var loss = snnk_loss(
                            formula: formula, link: link, targetScale: 0.9, targetShift: 0.05,
                            factor: 0.5, a: 1.5, b: 0.25, c: 0.75)
                        var values: [Float] = []
                        let gradients = written(3 * width) { dPrediction in
                            values = written(3) {
                                table.pointwise_loss(
                                    &loss, prediction.map(abs), target.map(abs), numbers(3, 3), $0,
                                    dPrediction, 3, Int64(width))
                            }
                        }
                        return values + gradients
                    }
                }
            },
            KernelCase("row_argmax") { table, numbers in
                let width = max(numbers.count, 1)
                let x = numbers(1, 3 * width)
                return written(3) { table.row_argmax(x, $0, 3, Int64(width)) }
            }
        ]
}
