import CKernels
import SNNKernels
import SNNTestSupport
import Testing

/// Products whose operands all end where their memory does: a vector in part may not touch the rest
/// of it. (One that does ends the test process.)
struct ProductEdgesTests {
    private struct Shape {
        let m, n, k: Int
        var transposesA = false
        var transposesB = false
        var packsB = false
    }

    /// Every height of a tile with panels that are whole, in part, or a vector and a part of one.
    @Test(arguments: InstructionSet.supported)
    func everyTileKeepsToItsMemory(set: InstructionSet) {
        for m in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 24] {
            for n in [5, 16, 17, 18, 23, 24, 25, 30, 31, 32, 33, 47, 49, 63, 144] {
                for mode in 0..<6 { expectEqualsReference(set, m, n, k: 18, mode: mode) }
            }
        }
    }

    /// Two chunks, which meet in c, and three, which meet in the workspace.
    @Test(arguments: InstructionSet.supported)
    func everyDepthKeepsToItsMemory(set: InstructionSet) {
        for k in [1030, 2100] {
            for (m, n) in [(1, 17), (3, 31), (14, 24), (26, 55), (200, 19)] {
                for mode in 0..<6 { expectEqualsReference(set, m, n, k: k, mode: mode) }
            }
        }
    }

    private func expectEqualsReference(
        _ set: InstructionSet, _ m: Int, _ n: Int, k: Int, mode: Int
    ) {
        let shape = Shape(
            m: m, n: n, k: k, transposesA: mode & 1 != 0, transposesB: mode & 6 == 2,
            packsB: mode & 4 != 0)
        let (a, b) = (testNumbers(m * k, seed: 1), testNumbers(k * n, seed: 2))
        let (bias, addend) = (testNumbers(n, seed: 3), testNumbers(m * n, seed: 4))
        let expected = ReferenceKernels(set).matrixProduct(
            m: m, n: n, k: k, a, b, bias: bias, addend: addend, rectifier: (.infinity, 0, 0))
        let c = product(set.kernels.pointee, shape, a, b, bias, addend)
        #expect(bits(c) == bits(expected), "\(set) \(shape)")
    }

    private func product(
        _ kernels: KernelTable, _ shape: Shape, _ a: [Float], _ b: [Float], _ bias: [Float],
        _ addend: [Float]
    ) -> [Float] {
        let (m, n, k) = (shape.m, shape.n, shape.k)
        let aLaid = GuardedNumbers(shape.transposesA ? transposed(a, rows: m) : a)
        let bLaid = GuardedNumbers(shape.transposesB ? transposed(b, rows: k) : b)
        let (biasLaid, addendLaid) = (GuardedNumbers(bias), GuardedNumbers(addend))
        let c = GuardedNumbers([Float](repeating: .nan, count: m * n))
        let panels = GuardedNumbers([Float](repeating: .nan, count: (n + 15) / 16 * 16 * k))
        let workspace = GuardedNumbers(
            [Float](repeating: .nan, count: Int(snnk_product_workspace(Int64(k)))))
        let (bRow, bColumn) = shape.transposesB ? (1, k) : (n, 1)
        if shape.packsB {
            kernels.pack_panels(
                Int64(k), Int64(n), bLaid.start, Int64(bRow), Int64(bColumn), panels.start)
        }
        var product = snnk_product(
            m: Int64(m), n: Int64(n), k: Int64(k), a: aLaid.start,
            aRowStride: Int64(shape.transposesA ? 1 : k),
            aColumnStride: Int64(shape.transposesA ? m : 1), b: bLaid.start,
            bRowStride: Int64(bRow), bColumnStride: Int64(bColumn),
            bPanels: shape.packsB ? UnsafePointer(panels.start) : nil, c: c.start,
            bias: biasLaid.start, cRowStride: Int64(n), addend: addendLaid.start, rectifies: 1,
            rectifier: snnk_rectifier(a: .infinity, b: 0, c: 0), workspace: workspace.start)
        withExtendedLifetime([aLaid, bLaid, biasLaid, addendLaid, panels, workspace]) {
            kernels.matrix_product(&product)
        }
        return c.numbers
    }

    private func transposed(_ x: [Float], rows: Int) -> [Float] {
        let columns = x.count / rows
        return (0..<x.count).map { x[$0 % rows * columns + $0 / rows] }
    }
}
