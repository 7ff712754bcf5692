import SNNKernels
import SNNTestSupport
import Testing

struct ConversionTests {
    /// Runs `convert` over the first 0, 1, ... numbers of `x` repeated, so that each number goes
    /// through vectors and tails, and expects Float's own conversion.
    private func expectConversion<Number>(
        of x: [Number], _ float: (Number) -> Float,
        _ convert: (UnsafePointer<Number>, UnsafeMutablePointer<Float>, Int64) -> Void
    ) {
        let repeated = (0..<9).flatMap { _ in x }
        for count in 0...repeated.count {
            let out = written(count) { out in
                repeated.withUnsafeBufferPointer { convert($0.baseAddress!, out, Int64(count)) }
            }
            #expect(bits(out) == bits(repeated[..<count].map(float)))
        }
    }

    @Test(arguments: InstructionSet.supported)
    func uint8IsScaled(set: InstructionSet) {
        for scale in [1, Float(1) / 255, -0.1] {
            expectConversion(of: [0, 1, 2, 127, 128, 254, 255], { Float($0) * scale }) {
                set.kernels.pointee.convert_uint8($0, $1, $2, scale)
            }
        }
    }

    @Test(arguments: InstructionSet.supported)
    func int32RoundsToNearestEven(set: InstructionSet) {
        let numbers: [Int32] = [
            0, 1, -1, 1 << 24, 1 << 24 + 1, 1 << 24 + 3, -(1 << 24 + 1), .max, .min, .max - 64,
        ]
        #expect(Float(Int32(1 << 24 + 1)) == 0x1p24)
        expectConversion(of: numbers, { Float($0) }) {
            set.kernels.pointee.convert_int32($0, $1, $2)
        }
    }

    @Test(arguments: InstructionSet.supported)
    func int64RoundsOnceToNearestEven(set: InstructionSet) {
        let numbers: [Int64] = [
            0, 1, -1, 1 << 24 + 1, 1 << 24 + 3, .max, .min, .max - 1, .min + 1, 1 << 53 + 1,
            // Just above a tie: rounding to double first would make it the tie.
            1 << 60 + 1 << 36 + 1, -(1 << 60 + 1 << 36 + 1), 1 << 32, -(1 << 32) - 1,
        ]
        #expect(Float(numbers[10]) == 0x1p60 + 0x1p37)
        expectConversion(of: numbers, { Float($0) }) {
            set.kernels.pointee.convert_int64($0, $1, $2)
        }
    }

    @Test(arguments: InstructionSet.supported)
    func float64RoundsAndKeepsWhatIsNoNumber(set: InstructionSet) {
        let numbers: [Double] = [
            0, -0.0, 1, 0.1, -0.1, 1 + 0x1p-24, 1 + 0x3p-24, .infinity, -.infinity, 1e300, -1e300,
            Double(Float.greatestFiniteMagnitude), 0x1.ffffffp127, 1e-45, .leastNonzeroMagnitude,
            -1e-60, .pi,
            0x1p-149, 0x1p-150, 0x1.8p-149, .nan,
        ]
        expectConversion(of: numbers, { Float($0) }) {
            set.kernels.pointee.convert_float64($0, $1, $2)
        }
    }
}
