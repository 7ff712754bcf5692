import SNNKernels
import SNNTestSupport
import Testing

/// Zeros, subnormals, the ends of the range, what is not a number, and where functions bend.
let specialNumbers: [Float] = specialMagnitudes.flatMap { [$0, -$0] }

private let specialMagnitudes: [Float] = [
    0, .leastNonzeroMagnitude, 0x1p-127, .leastNormalMagnitude, 1e-20, 1e-8, 2.4e-4, 0.25, 0.34,
    0.5, 0.625, 0.67, 0.75, 1, 1.15, 1.5, 2.5, 3, 6, 9, 17.5, 88, 88.72284, 103.97, 105, 262144,
    0x1p24, 1e10, 1e30, .greatestFiniteMagnitude, .infinity, .nan,
]

/// Where a kernel goes from one formula to another, clamps its argument or leaves the normal range,
/// with eight neighbours on either side.
private let edges: [Float] = edgeMagnitudes.flatMap { edge in
    (0...16).flatMap { place in
        let x = Float(bitPattern: edge.bitPattern - 8 + UInt32(place))
        return [x, -x]
    }
}

private let edgeMagnitudes: [Float] = [
    0x1p-145, 0x1p-126, 0x1p-24, 0.25, 0.346_573_6, 0.5, 0.625, 0.65, 0.75, 1, 1.039_721, 1.15, 1.5,
    2, 2.5, 3, 6, 10.6, 11, 12.8, 13.1, 14.1, 14.4, 15, 17.328_68, 18, 20, 44.361_4, 52, 87.336_54,
    88, 88.722_84, 89, 91.5, 103.278_9, 103.972_08, 104, 105, 108, 120, 0x1p18, 0x1p23, 0x1p24,
    0x1p62, 0x1p64, 0x1p126, .greatestFiniteMagnitude,
]

struct ActivationTests {
    private func expectBounds(_ activation: ActivationCase, _ accuracies: [Accuracy]) {
        for accuracy in accuracies {
            let (value, slope) = (accuracy.value, accuracy.slope)
            #expect(
                value.error <= activation.bound(accuracy.set),
                "\(activation.name)(\(value.x)) on \(accuracy.set): \(value.error) ulp")
            #expect(
                slope.error <= activation.slopeBound(accuracy.set),
                "\(activation.name)'(\(slope.x)) on \(accuracy.set): \(slope.error) 2^-24")
        }
    }

    @Test(arguments: ActivationCase.all)
    func valuesAndSlopesStayWithinTheirBoundsOverTheRangeOfFloat(activation: ActivationCase) {
        expectBounds(activation, activation.accuracy(InstructionSet.supported, step: 251))
    }

    @Test(arguments: ActivationCase.all)
    func valuesAndSlopesStayWithinTheirBoundsAtTheEdges(activation: ActivationCase) {
        expectBounds(
            activation, activation.accuracy(InstructionSet.supported, specialNumbers + edges))
    }

    /// 2 units in the last place.
    @Test(arguments: ActivationCase.all)
    func noBoundIsAboveTwoUnitsWithFusedMultiplyAdd(activation: ActivationCase) {
        #expect(activation.bound <= 2)
    }

    @Test(arguments: InstructionSet.supported)
    func gluStaysWithinItsBound(set: InstructionSet) {
        let sigmoid = ActivationCase.all.first { $0.name == "sigmoid" }!
        let count = 20_000
        let x = testNumbers(count, seed: 6) + testNumbers(count, seed: 7).map { 104 * $0 * $0 * $0 }
        let y = written(count) { set.table.glu(x, $0, 1, Int64(count)) }
        for i in y.indices {
            let expected = Double(x[i]) * sigmoid.value(Double(x[count + i]))
            let error = unitsInTheLastPlace(y[i], expected)
            #expect(error <= (set == .base ? 2.8 : 1.5), "\(x[i]) gated by \(x[count + i])")
        }
    }

    @Test(arguments: InstructionSet.supported)
    func zeroKeepsItsSignInOddFunctions(set: InstructionSet) {
        for name in ["tanh", "elu", "softsign", "tanh_shrink", "sin"] {
            let activation = ActivationCase.all.first { $0.name == name }!
            #expect(bits(activation.values(set.table, [-0.0])) == bits([-0.0]), "\(name)")
        }
    }

    @Test(arguments: InstructionSet.supported)
    func gradientsAreCentralDifferencesWithTheirSign(set: InstructionSet) {
        let h = 1e-5
        for activation in ActivationCase.all {
            let x = testNumbers(400, seed: 1).map { 8 * $0 } + testNumbers(400, seed: 2)
            let dy = testNumbers(x.count, seed: 3)
            let dx = activation.gradients(set.table, x, dy)
            for i in x.indices {
                let at = Double(x[i])
                if activation.kinks.contains(where: { abs($0 - at) < 1e-3 }) { continue }
                let slope = (activation.value(at + h) - activation.value(at - h)) / (2 * h)
                let expected = Double(dy[i]) * slope
                #expect(
                    abs(Double(dx[i]) - expected) <= 4e-6 * (1 + abs(expected)),
                    "\(activation.name) at \(at): \(dx[i]) for \(expected)")
            }
        }
    }

    /// At the kinks: what jax.grad gives for Keras's functions (a maximum's is jax.nn.relu6's).
    @Test(arguments: InstructionSet.supported)
    func gradientsAtKinksAreJAXs(set: InstructionSet) {
        let expected: [(String, Float, Float)] = [
            ("relu", 0, 0), ("relu", .nan, 0), ("relu with all constants", 0.75, 0),
            ("relu with all constants", 2.5, 0), ("elu", 0, 1.5), ("selu", 0, 1.7580993),
            ("celu", 0, 1), ("softsign", 0, 1), ("hard_sigmoid", -3, 0), ("hard_sigmoid", 3, 0),
            ("hard_silu", -3, 0), ("hard_silu", 3, 1), ("hard_tanh", -1, 1), ("hard_tanh", 1, 1),
            ("hard_shrink", -0.5, 0), ("hard_shrink", 0.5, 0), ("soft_shrink", -0.5, 0),
            ("soft_shrink", 0.5, 0), ("sparse_plus", -1, 0), ("sparse_plus", 1, 1),
            ("sparse_sigmoid", -1, 0.25), ("sparse_sigmoid", 1, 0.25), ("threshold", 0.5, 0),
        ]
        for (name, x, slope) in expected {
            let activation = ActivationCase.all.first { $0.name == name }!
            #expect(activation.gradients(set.table, [x], [2]) == [2 * slope], "\(name) at \(x)")
        }
        var dx: [Float] = [0, 0]
        set.table.relu_gradient([0, -1], [0, -0.1], [3, 3], &dx, 2, .infinity, 0.5, 0)
        #expect(dx == [3, 1.5], "leaky")
    }

    @Test(arguments: InstructionSet.supported)
    func gradientsOfInfinitiesAreTheirLimits(set: InstructionSet) {
        let limits: [(String, Float, Float)] = [
            ("silu", 0, 1), ("gelu", 0, 1), ("gelu_tanh", 0, 1), ("mish", 0, 1),
            ("softplus", 0, 1), ("log_sigmoid", 1, 0), ("squareplus", 0, 1), ("softsign", 0, 0),
            ("hard_silu", 0, 1), ("tanh_shrink", 1, 1), ("elu", 0, 1), ("tanh", 0, 0),
            ("sigmoid", 0, 0),
        ]
        for (name, below, above) in limits {
            let activation = ActivationCase.all.first { $0.name == name }!
            let dx = activation.gradients(set.table, [-.infinity, .infinity], [1, 1])
            #expect(dx == [below, above], "\(name)")
        }
    }

    @Test(arguments: InstructionSet.supported)
    func anElementsBitsDoNotDependOnItsPlace(set: InstructionSet) {
        let x = specialNumbers + testNumbers(60, seed: 4).map { 20 * $0 }
        let dy = testNumbers(x.count, seed: 5)
        for activation in ActivationCase.all {
            let y = activation.values(set.table, x)
            let dx = activation.gradients(set.table, x, dy)
            for count in [0, 1, 3, 15, 16, 17, 31, 33] {
                let (tail, dyTail) = (Array(x.suffix(count)), Array(dy.suffix(count)))
                let own = activation.values(set.table, tail)
                #expect(sameBits(own, Array(y.suffix(count))), "\(activation.name)")
                let ownGradient = activation.gradients(set.table, tail, dyTail)
                #expect(sameBits(ownGradient, Array(dx.suffix(count))), "\(activation.name)")
            }
        }
    }
}

/// Equal bits, any NaN being like any other.
func sameBits(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count
        && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
}
