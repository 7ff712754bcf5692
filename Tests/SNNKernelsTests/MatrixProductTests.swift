import CKernels
import SNNKernels
import SNNTestSupport
import Testing

struct MatrixProductTests {
    /// A product's operands, contiguous; a call lays them out as its strides ask.
    private struct Product {
        let m, n, k: Int
        let a, b: [Float]
        let bias, addend: [Float]

        /// What is done besides multiplying.
        struct Options {
            var transposesA = false
            var transposesB = false
            var packsB = false
            var hasBias = false
            /// Another matrix is added, or what c holds.
            var hasAddend = false
            var accumulates = false
            var rectifier: snnk_rectifier?
            /// c's rows follow each other without a gap.
            var isTight = false
        }

        init(m: Int, n: Int, k: Int, a: [Float]? = nil, b: [Float]? = nil) {
            (self.m, self.n, self.k) = (m, n, k)
            self.a = a ?? testNumbers(m * k, seed: 1)
            self.b = b ?? testNumbers(k * n, seed: 2)
            bias = testNumbers(n, seed: 3)
            addend = testNumbers(m * n, seed: 4)
        }

        func run(
            _ set: InstructionSet, _ options: Options = Options(), rows: Range<Int>? = nil
        ) -> [Float] {
            let rows = rows ?? 0..<m
            let kernels = set.kernels.pointee
            let (aLaid, aRow, aColumn) = Self.lay(
                a, rows: m, columns: k, transposed: options.transposesA)
            let (bLaid, bRow, bColumn) = Self.lay(
                b, rows: k, columns: n, transposed: options.transposesB)
            let cStride = options.isTight ? n : n + 5
            var addendLaid = [Float](repeating: .nan, count: rows.count * cStride + 1)
            for row in 0..<rows.count {
                for column in 0..<n {
                    addendLaid[row * cStride + column] =
                        addend[(rows.lowerBound + row) * n + column]
                }
            }
            let panels = written((n + 15) / 16 * 16 * k) { panels in
                kernels.pack_panels(
                    Int64(k), Int64(n), bLaid, Int64(bRow), Int64(bColumn), panels)
            }
            let marked = options.accumulates ? Array(addendLaid.dropLast()) : nil
            let c = written(rows.count * cStride, initial: marked) { c in
                let room = snnk_product_workspace(Int64(k))
                _ = written(Int(room)) { workspace in
                    aLaid.withUnsafeBufferPointer { a in
                        run(
                            kernels, a.baseAddress! + rows.lowerBound * aRow, aRow, aColumn, bLaid,
                            bRow, bColumn, panels, addendLaid, c, cStride, workspace,
                            options, rows.count)
                    }
                }
            }
            for row in 0..<rows.count {
                let between = c[(row * cStride + n)..<((row + 1) * cStride)]
                precondition(
                    between.allSatisfy { options.accumulates ? $0.isNaN : $0 == -7.75e30 },
                    "wrote between the rows of c")
            }
            return (0..<rows.count).flatMap { c[($0 * cStride)..<($0 * cStride + n)] }
        }

        private func run(
            _ kernels: KernelTable, _ a: UnsafePointer<Float>, _ aRow: Int, _ aColumn: Int,
            _ b: UnsafePointer<Float>, _ bRow: Int, _ bColumn: Int,
            _ panels: UnsafePointer<Float>, _ addend: UnsafePointer<Float>,
            _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ workspace: UnsafeMutablePointer<Float>, _ options: Options,
            _ rows: Int
        ) {
            bias.withUnsafeBufferPointer { bias in
                var product = snnk_product(
                    m: Int64(rows), n: Int64(n), k: Int64(k), a: a, aRowStride: Int64(aRow),
                    aColumnStride: Int64(aColumn), b: b, bRowStride: Int64(bRow),
                    bColumnStride: Int64(bColumn), bPanels: options.packsB ? panels : nil, c: c,
                    bias: options.hasBias ? bias.baseAddress : nil, cRowStride: Int64(cStride),
                    addend: options.accumulates
                        ? UnsafePointer(c) : options.hasAddend ? addend : nil,
                    rectifies: options.rectifier == nil ? 0 : 1,
                    rectifier: options.rectifier ?? snnk_rectifier(), workspace: workspace)
                kernels.matrix_product(&product)
            }
        }

        func expected(_ set: InstructionSet, _ options: Options) -> [Float] {
            ReferenceKernels(set).matrixProduct(
                m: m, n: n, k: k, a, b, bias: options.hasBias ? bias : nil,
                addend: options.hasAddend || options.accumulates ? addend : nil,
                rectifier: options.rectifier.map { ($0.a, $0.b, $0.c) })
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
        let rectifiers = [
            nil, snnk_rectifier(a: .infinity, b: 0, c: 0), snnk_rectifier(a: 0.5, b: 0.1, c: -0.25),
        ]
        for set in InstructionSet.supported {
            // Every option with and without every other.
            for pattern in stride(from: 0, to: 128, by: 9) {
                var options = Product.Options()
                options.transposesA = pattern & 1 != 0
                options.transposesB = pattern & 2 != 0
                options.packsB = pattern & 4 != 0
                options.hasBias = pattern & 8 != 0
                options.hasAddend = pattern & 16 != 0
                options.accumulates = pattern & 32 != 0
                options.isTight = pattern & 64 != 0
                options.rectifier = rectifiers[pattern % 3]
                #expect(
                    bits(product.run(set, options)) == bits(product.expected(set, options)),
                    "\(set) \(product.m)x\(product.n)x\(product.k) \(options)")
            }
        }
    }

    @Test(arguments: [0, 1, 2, 3, 15, 16, 17, 33])
    func smallShapesEqualTheReferenceBitForBit(m: Int) {
        for n in [0, 1, 2, 3, 15, 16, 17, 33] {
            for k in [0, 1, 4, 7, 10, 12, 15, 16, 17] {
                expectEqualsReference(Product(m: m, n: n, k: k))
            }
        }
    }

    /// Every height of a tile and width of a panel, and where panels are packed on the way.
    @Test(arguments: [
        (12, 32, 20), (13, 31, 5), (24, 48, 33), (25, 95, 18), (35, 130, 7), (200, 70, 40),
        (193, 33, 16), (2100, 3, 1000), (1100, 3, 2000), (1, 128, 50), (1, 300, 31), (2, 261, 9), (3, 300, 31), (5, 40, 8), (9, 50, 12), (10, 33, 4),
        (7, 64, 100), (11, 257, 9), (26, 1027, 6),
    ])
    func shapesOfTilesEqualTheReferenceBitForBit(m: Int, n: Int, k: Int) {
        expectEqualsReference(Product(m: m, n: n, k: k))
    }

    /// Rows in the lanes, with and without some left over; one chunk, two and several.
    @Test(arguments: [16, 17, 31, 50, 100])
    func narrowShapesEqualTheReferenceBitForBit(m: Int) {
        for n in [1, 2, 3, 10, 15] {
            for k in [31, 32, 70, 1100] { expectEqualsReference(Product(m: m, n: n, k: k)) }
        }
        expectEqualsReference(Product(m: m, n: 7, k: 5000))
    }

    /// An a of more than 2^22 numbers: groups of panels, the last one smaller.
    @Test(arguments: [(4100, 150, 1024), (2100, 37, 2000), (6000, 20, 700)])
    func largeRowsEqualTheReferenceBitForBit(m: Int, n: Int, k: Int) {
        let product = Product(m: m, n: n, k: k)
        for set in InstructionSet.supported {
            var options = Product.Options()
            options.hasBias = true
            let expected = bits(product.expected(set, options))
            #expect(bits(product.run(set, options)) == expected)
            options.packsB = true
            #expect(bits(product.run(set, options)) == expected)
            options.transposesB = true
            options.packsB = false
            #expect(bits(product.run(set, options)) == expected)
        }
    }

    @Test(arguments: [15, 17, 33, 1023, 1024, 1025, 2049, 5000])
    func anyDepthEqualsTheReferenceBitForBit(k: Int) {
        expectEqualsReference(Product(m: 5, n: 49, k: k))
    }

    /// Sixteen chunks, longer than 1024; and their number's boundaries.
    @Test(arguments: [15360, 15361, 16384, 16385, 40000])
    func greatDepthEqualsTheReferenceBitForBit(k: Int) {
        expectEqualsReference(Product(m: 1, n: 18, k: k))
    }

    @Test(arguments: InstructionSet.supported)
    func rowsBitsDependNeitherOnTheirNumberNorOnTheirPlace(set: InstructionSet) {
        let product = Product(m: 37, n: 33, k: 1025)
        var biased = Product.Options()
        biased.hasBias = true
        let together = product.run(set, biased)
        for row in 0..<37 {
            let alone = product.run(set, biased, rows: row..<(row + 1))
            #expect(bits(alone) == bits(Array(together[(row * 33)..<(row * 33 + 33)])))
        }
        let odd = product.run(set, biased, rows: 5..<23)
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

    /// The same with the chunks of four of a small product, and one chain where it is wider.
    @Test(arguments: InstructionSet.supported)
    func smallProductsHaveChunksOfFour(set: InstructionSet) {
        var a = [Float](repeating: 0, count: 16)
        (a[0], a[4], a[8], a[12]) = (1e8, 1, -1e8, 1)
        for (n, expected) in [(1, Float(0)), (16, 0), (17, 1)] {
            let product = Product(
                m: 1, n: n, k: 16, a: a, b: [Float](repeating: 1, count: 16 * n))
            #expect(product.run(set) == [Float](repeating: expected, count: n))
        }
    }

    /// Chunks of 1e8, 1, -1e8, 1: the tree gives (1e8 + 1) + (-1e8 + 1) = 0, a chain would give 1.
    @Test(arguments: InstructionSet.supported)
    func chunksAreAddedPairwise(set: InstructionSet) {
        var a = [Float](repeating: 0, count: 4096)
        (a[0], a[1024], a[2048], a[3072]) = (1e8, 1, -1e8, 1)
        let product = Product(
            m: 1, n: 1, k: 4096, a: a, b: [Float](repeating: 1, count: 4096))
        #expect(product.run(set) == [0])
    }
}
