import SNNKernels
import SNNTestSupport
import Testing

struct MatrixProductTests {
    /// A product's operands, contiguous; a call lays them out as its strides ask.
    private struct Product {
        let m, n, k: Int
        let a, b: [Float]
        let bias: [Float]

        init(m: Int, n: Int, k: Int) {
            (self.m, self.n, self.k) = (m, n, k)
            a = testNumbers(m * k, seed: 1)
            b = testNumbers(k * n, seed: 2)
            bias = testNumbers(n, seed: 3)
        }

        func run(
            _ set: InstructionSet, transposesA: Bool = false, transposesB: Bool = false,
            hasBias: Bool = false, rows: Range<Int>? = nil
        ) -> [Float] {
            let rows = rows ?? 0..<m
            let (aLaid, aRow, aColumn) = Self.lay(a, rows: m, columns: k, transposed: transposesA)
            let (bLaid, bRow, bColumn) = Self.lay(b, rows: k, columns: n, transposed: transposesB)
            let padding = 5
            let c = written(rows.count * (n + padding)) { c in
                aLaid.withUnsafeBufferPointer { a in
                    bLaid.withUnsafeBufferPointer { b in
                        bias.withUnsafeBufferPointer { bias in
                            set.kernels.pointee.matrix_product(
                                Int64(rows.count), Int64(n), Int64(k),
                                a.baseAddress! + rows.lowerBound * aRow, Int64(aRow),
                                Int64(aColumn), b.baseAddress!, Int64(bRow), Int64(bColumn),
                                c, Int64(n + padding), hasBias ? bias.baseAddress : nil)
                        }
                    }
                }
            }
            for row in 0..<rows.count {
                let between = c[(row * (n + padding) + n)..<((row + 1) * (n + padding))]
                precondition(between.allSatisfy { $0 == -7.75e30 }, "wrote between the rows of c")
            }
            return (0..<rows.count).flatMap { c[($0 * (n + padding))..<($0 * (n + padding) + n)] }
        }

        /// The matrix with rows three numbers longer than they need, or transposed, and never empty.
        private static func lay(
            _ x: [Float], rows: Int, columns: Int, transposed: Bool
        ) -> (numbers: [Float], rowStride: Int, columnStride: Int) {
            let rowStride = transposed ? 1 : columns + 3
            let columnStride = transposed ? rows + 3 : 1
            var numbers = [Float](
                repeating: .nan, count: 1 + (rows + 3) * (columns + 3))
            for r in 0..<rows {
                for c in 0..<columns {
                    numbers[r * rowStride + c * columnStride] = x[r * columns + c]
                }
            }
            return (numbers, rowStride, columnStride)
        }
    }

    private func expectEqualsReference(_ product: Product) {
        for set in InstructionSet.supported {
            let reference = ReferenceKernels(set)
            for hasBias in [false, true] {
                let expected = reference.matrixProduct(
                    m: product.m, n: product.n, k: product.k, product.a, product.b,
                    bias: hasBias ? product.bias : nil)
                for transposesA in [false, true] {
                    for transposesB in [false, true] {
                        let c = product.run(
                            set, transposesA: transposesA, transposesB: transposesB,
                            hasBias: hasBias)
                        #expect(
                            bits(c) == bits(expected),
                            """
                            \(set) \(product.m)x\(product.n)x\(product.k) \
                            \(transposesA) \(transposesB) \(hasBias)
                            """)
                    }
                }
            }
        }
    }

    @Test(arguments: [0, 1, 2, 3, 15, 16, 17, 33])
    func smallShapesEqualTheReferenceBitForBit(m: Int) {
        for n in [0, 1, 2, 3, 15, 16, 17, 33] {
            for k in [0, 1, 7, 16] {
                expectEqualsReference(Product(m: m, n: n, k: k))
            }
        }
    }

    @Test(arguments: [15, 17, 33, 1023, 1024, 1025, 2049, 5000])
    func anyDepthEqualsTheReferenceBitForBit(k: Int) {
        expectEqualsReference(Product(m: 5, n: 17, k: k))
    }

    /// Sixteen chunks, longer than 1024; and their number's boundaries.
    @Test(arguments: [15360, 15361, 16384, 16385, 40000])
    func greatDepthEqualsTheReferenceBitForBit(k: Int) {
        expectEqualsReference(Product(m: 1, n: 18, k: k))
    }

    @Test(arguments: InstructionSet.supported)
    func rowsBitsDependNeitherOnTheirNumberNorOnTheirPlace(set: InstructionSet) {
        let product = Product(m: 37, n: 33, k: 1025)
        let together = product.run(set, hasBias: true)
        for row in 0..<37 {
            let alone = product.run(set, hasBias: true, rows: row..<(row + 1))
            #expect(bits(alone) == bits(Array(together[(row * 33)..<(row * 33 + 33)])))
        }
        let odd = product.run(set, hasBias: true, rows: 5..<23)
        #expect(bits(odd) == bits(Array(together[(5 * 33)..<(23 * 33)])))
    }

    @Test(.enabled(if: InstructionSet.avx512.isSupported))
    func fusedSetsGiveTheSameBitsAndBaseIsNear() {
        let product = Product(m: 19, n: 47, k: 3000)
        let avx512 = product.run(.avx512)
        #expect(bits(product.run(.avx2)) == bits(avx512))
        for (base, fused) in zip(product.run(.base), avx512) {
            #expect(abs(base - fused) <= 1e-4)
        }
    }

    /// Chunks of 1e8, 1, -1e8, 1: the tree gives (1e8 + 1) + (-1e8 + 1) = 0, a chain would give 1.
    @Test(arguments: InstructionSet.supported)
    func chunksAreAddedPairwise(set: InstructionSet) {
        var a = [Float](repeating: 0, count: 4096)
        (a[0], a[1024], a[2048], a[3072]) = (1e8, 1, -1e8, 1)
        let one = [Float](repeating: 1, count: 4096)
        let c = written(1) { c in
            set.kernels.pointee.matrix_product(1, 1, 4096, a, 4096, 1, one, 1, 1, c, 1, nil)
        }
        #expect(c == [0])
    }
}
