import CCountedKernels
import SNNKernels
import SNNTestSupport
import Testing

/// AVX2 and AVX-512 agree in every bit, the base set to a tolerance: every kernel, every size up
/// to several vectors, and some longer ones.
struct SameBitsTests {
    private static let counts = Array(0...100) + [127, 128, 129, 255, 257, 1000]

    @Test(
        .enabled(if: InstructionSet.avx512.isSupported, "this CPU has no AVX-512"),
        arguments: KernelCase.all.indices)
    func avx2AndAVX512AgreeInEveryBit(index: Int) {
        let kernel = KernelCase.all[index]
        let (avx2, avx512) = (InstructionSet.avx2.table, InstructionSet.avx512.table)
        for count in Self.counts {
            for special in count > 129 ? [[]] : [[], specialNumbers, specialNumbers.reversed()] {
                let numbers = KernelNumbers(count: count, special: special)
                let isSame = sameBits(kernel.run(avx2, numbers), kernel.run(avx512, numbers))
                #expect(isSame, "\(kernel.name) of \(count)")
            }
        }
    }

    @Test(
        .enabled(if: InstructionSet.avx2.isSupported, "this CPU has no AVX2"),
        arguments: KernelCase.all.indices)
    func baseAgreesToATolerance(index: Int) {
        let kernel = KernelCase.all[index]
        for count in Self.counts {
            let numbers = KernelNumbers(count: count)
            let pairs = zip(
                kernel.run(InstructionSet.base.table, numbers),
                kernel.run(InstructionSet.avx2.table, numbers))
            let worst = pairs.first { a, b in
                !(abs(a - b) <= 1e-5 * (1 + abs(b)) || (a.isNaN && b.isNaN) || a == b)
            }
            #expect(worst == nil, "\(kernel.name) of \(count): \(String(describing: worst))")
        }
    }

    /// Else the tests above prove nothing about it.
    @Test func everyKernelIsCompared() throws {
        var table = snnk_counted_table(InstructionSet.base.kernels)
        for kernel in KernelCase.all { _ = kernel.run(table, KernelNumbers(count: 33)) }
        var index: Int64 = 0
        while let name = snnk_counted_name(index) {
            let calls = snnk_counted_calls(index)
            #expect(calls > 0, "\(String(cString: name)) has no case in KernelCase.all")
            index += 1
        }
        #expect(index == Int64(MemoryLayout<KernelTable>.size / MemoryLayout<Int>.size))
        table = snnk_counted_table(InstructionSet.base.kernels)
        #expect(snnk_counted_calls(0) == 0, "the calls are counted")
    }
}
