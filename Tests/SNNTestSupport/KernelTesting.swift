import SNNKernels

extension InstructionSet {
    /// The sets that this machine can run.
    package static var supported: [InstructionSet] { allCases.filter(\.isSupported) }
}

/// Numbers in -1 ..< 1 with all 24 bits in use, the same ones for the same seed.
package func testNumbers(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    return (0..<count).map { _ in
        // SplitMix64 (Steele, Lea and Flood 2014).
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        z ^= z >> 31
        return Float(Int32(truncatingIfNeeded: z) >> 7) * 0x1p-24
    }
}

/// The numbers' bits: equal only where signs of zero and NaNs are, too.
package func bits(_ numbers: [Float]) -> [UInt32] {
    numbers.map(\.bitPattern)
}

/// What `body` writes into `count` numbers that begin as `initial` or a mark; writing outside of
/// them is a fatal error.
package func written(
    _ count: Int, initial: [Float]? = nil, _ body: (UnsafeMutablePointer<Float>) -> Void
) -> [Float] {
    let mark: Float = -7.75e30
    let margin = 19
    var memory = [Float](repeating: mark, count: count + 2 * margin)
    if let initial { memory.replaceSubrange(margin..<(margin + count), with: initial) }
    memory.withUnsafeMutableBufferPointer { body($0.baseAddress! + margin) }
    precondition(
        memory[..<margin].allSatisfy { $0 == mark }
            && memory[(margin + count)...].allSatisfy { $0 == mark },
        "the kernel wrote outside of its output")
    return Array(memory[margin..<(margin + count)])
}
