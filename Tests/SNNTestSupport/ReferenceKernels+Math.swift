import CSystem
import SNNKernels

/// An elementwise kernel and what it should compute, in double arithmetic.
package struct ActivationCase: Sendable {
    package typealias Kernel = @convention(c) (
        UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int64, Float, Float, Float
    ) -> Void
    package typealias GradientKernel = @convention(c) (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>,
        UnsafeMutablePointer<Float>, Int64, Float, Float, Float
    ) -> Void

    package let name: String
    package let constants: (Float, Float, Float)
    /// The kernel's bound in units of the last place, from `least` on upward. Below it, results may
    /// be off by 1e-36 and the share `slack` of themselves.
    package let bound: Double
    package let least: Double
    package let slack: Double
    /// Where the derivative jumps.
    package let kinks: [Double]
    package let kernel: @Sendable (KernelTable) -> (Kernel, GradientKernel)
    package let value: @Sendable (Double) -> Double

    init(
        _ name: String, _ constants: (Float, Float, Float) = (0, 0, 0), bound: Double,
        least: Double = -.infinity, slack: Double = 0, kinks: [Double] = [],
        _ kernel: @escaping @Sendable (KernelTable) -> (Kernel, GradientKernel),
        _ value: @escaping @Sendable (Double) -> Double
    ) {
        self.name = name
        self.constants = constants
        self.bound = bound
        self.least = least
        self.slack = slack
        self.kinks = kinks
        self.kernel = kernel
        self.value = value
    }
}

private func logistic(_ x: Double) -> Double {
    x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))
}

private func softplus(_ x: Double) -> Double {
    (x > 0 ? x : x.isNaN ? x : 0) + log1p(exp(-abs(x)))
}

/// x gate, where x -> -infinity has the limit 0.
private func gated(_ x: Double, _ gate: Double) -> Double {
    x == -.infinity ? 0 : x * gate
}

private func clip(_ x: Double, _ low: Double, _ high: Double) -> Double {
    x < low ? low : x > high ? high : x
}

/// x - tanh(x), whose terms cancel for small x: there its series.
private func tanhShrink(_ x: Double) -> Double {
    let s = x * x
    if abs(x) > 0.03 { return x - tanh(x) }
    return x * s * (1.0 / 3 - s * (2.0 / 15 - s * (17.0 / 315 - s * (62.0 / 2835))))
}

extension ActivationCase {
    package static let all: [ActivationCase] = [
        ActivationCase(
            "relu", (.infinity, 0, 0), bound: 0, kinks: [0], { ($0.relu, $0.relu_gradient) },
            { $0 < 0 ? 0 : $0 }),
        ActivationCase(
            "relu with all constants", (2.5, 0.25, 0.75), bound: 0.5, kinks: [0.75, 2.5],
            { ($0.relu, $0.relu_gradient) },
            { $0 >= 2.5 ? 2.5 : $0 <= 0.75 ? 0.25 * ($0 - 0.75) : $0 }),
        ActivationCase("sigmoid", bound: 1.65, { ($0.sigmoid, $0.sigmoid_gradient) }, logistic),
        ActivationCase("tanh", bound: 1.4, { ($0.tanh, $0.tanh_gradient) }, { tanh($0) }),
        ActivationCase(
            "elu", (1.5, 0, 0), bound: 2, kinks: [0], { ($0.elu, $0.elu_gradient) },
            { $0 > 0 ? $0 : 1.5 * expm1($0) }),
        ActivationCase(
            "selu", bound: 2, kinks: [0], { ($0.selu, $0.selu_gradient) },
            { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * expm1($0)) }),
        ActivationCase(
            "celu", (1.5, 0, 0), bound: 3, { ($0.celu, $0.celu_gradient) },
            { $0 > 0 ? $0 : 1.5 * expm1($0 / 1.5) }),
        ActivationCase(
            "gelu", bound: 5.3, least: -12.8, slack: 1e-3, { ($0.gelu, $0.gelu_gradient) },
            { gated($0, 0.5 * erfc(-$0 / 2.0.squareRoot())) }),
        ActivationCase(
            "gelu_tanh", bound: 2.7, least: -1, slack: 4e-5,
            { ($0.gelu_tanh, $0.gelu_tanh_gradient) },
            { x in
                let u = (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
                return gated(x, logistic(2 * u))
            }),
        ActivationCase(
            "silu", bound: 2.7, least: -87, { ($0.silu, $0.silu_gradient) },
            { gated($0, logistic($0)) }),
        ActivationCase(
            "softplus", bound: 1.6, { ($0.softplus, $0.softplus_gradient) }, softplus),
        ActivationCase(
            "softsign", bound: 1.5, { ($0.softsign, $0.softsign_gradient) },
            { $0.isInfinite ? ($0 < 0 ? -1 : 1) : $0 / (1 + abs($0)) }),
        ActivationCase(
            "exponential", bound: 0.97, { ($0.exponential, $0.exponential_gradient) },
            { exp($0) }),
        ActivationCase(
            "mish", bound: 4.7, least: -87, { ($0.mish, $0.mish_gradient) },
            { x in
                let t = exp(-abs(x))
                return gated(
                    x,
                    x < 0
                        ? (t * t + 2 * t) / (t * t + 2 * t + 2)
                        : (1 + 2 * t) / (1 + 2 * t + 2 * t * t))
            }),
        ActivationCase(
            "log_sigmoid", bound: 1.6, { ($0.log_sigmoid, $0.log_sigmoid_gradient) },
            { -softplus(-$0) }),
        ActivationCase(
            // x + 3 is rounded: near -3 the error is one of the sum, not of the result.
            "hard_sigmoid", bound: 2, least: -2, slack: 1e-6, kinks: [-3, 3],
            { ($0.hard_sigmoid, $0.hard_sigmoid_gradient) }, { clip($0 + 3, 0, 6) / 6 }),
        ActivationCase(
            "hard_silu", bound: 3, least: -2, slack: 1e-6, kinks: [-3, 3],
            { ($0.hard_silu, $0.hard_silu_gradient) }, { gated($0, clip($0 + 3, 0, 6) / 6) }),
        ActivationCase(
            "hard_tanh", bound: 0, kinks: [-1, 1], { ($0.hard_tanh, $0.hard_tanh_gradient) },
            { clip($0, -1, 1) }),
        ActivationCase(
            "tanh_shrink", bound: 11, { ($0.tanh_shrink, $0.tanh_shrink_gradient) }, tanhShrink),
        ActivationCase(
            "hard_shrink", (0.5, 0, 0), bound: 0, kinks: [-0.5, 0.5],
            { ($0.hard_shrink, $0.hard_shrink_gradient) }, { abs($0) <= 0.5 ? 0 : $0 }),
        ActivationCase(
            "soft_shrink", (0.5, 0, 0), bound: 0.5, kinks: [-0.5, 0.5],
            { ($0.soft_shrink, $0.soft_shrink_gradient) },
            { abs($0) <= 0.5 ? 0 : $0 < 0 ? $0 + 0.5 : $0 - 0.5 }),
        ActivationCase(
            "squareplus", (4, 0, 0), bound: 2.8, { ($0.squareplus, $0.squareplus_gradient) },
            { x in
                let root = (x * x + 4).squareRoot()
                return x < 0 ? 2 / (root - x) : (x + root) / 2
            }),
        ActivationCase(
            "sparse_plus", bound: 3, least: -0.5, slack: 1e-6,
            { ($0.sparse_plus, $0.sparse_plus_gradient) },
            { $0 <= -1 ? 0 : $0 >= 1 ? $0 : 0.25 * ($0 + 1) * ($0 + 1) }),
        ActivationCase(
            "sparse_sigmoid", bound: 1, least: -0.5, slack: 1e-6, kinks: [-1, 1],
            { ($0.sparse_sigmoid, $0.sparse_sigmoid_gradient) }, { clip($0 + 1, 0, 2) / 2 }),
        ActivationCase(
            "threshold", (0.5, -7, 0), bound: 0, kinks: [0.5],
            { ($0.threshold, $0.threshold_gradient) }, { $0 <= 0.5 ? -7 : $0 }),
        ActivationCase("sin", bound: 1.55, { ($0.sin, $0.sin_gradient) }, { sin($0) }),
        ActivationCase("cos", bound: 1.55, { ($0.cos, $0.cos_gradient) }, { cos($0) }),
        ActivationCase("square", bound: 0.5, { ($0.square, $0.square_gradient) }, { $0 * $0 }),
    ]
}

extension ActivationCase {
    /// The kernel's numbers for x.
    package func values(_ table: KernelTable, _ x: [Float]) -> [Float] {
        let (kernel, _) = self.kernel(table)
        return written(x.count) {
            kernel(x, $0, Int64(x.count), constants.0, constants.1, constants.2)
        }
    }

    /// The gradient kernel's numbers for x and dy, y taken from the kernel.
    package func gradients(_ table: KernelTable, _ x: [Float], _ dy: [Float]) -> [Float] {
        let (_, kernel) = self.kernel(table)
        let y = values(table, x)
        return written(x.count) {
            kernel(x, y, dy, $0, Int64(x.count), constants.0, constants.1, constants.2)
        }
    }

    /// How far a result is from the reference, in bounds: at most 1 is right.
    package func excess(_ y: Float, at x: Float) -> Double {
        let expected = value(Double(x))
        if Float(expected) == y || (expected.isNaN && y.isNaN) { return 0 }
        let error = abs(Double(y) - expected)
        guard error.isFinite else { return .infinity }
        let place = Double.maximum(expected.ulp * 0x1p29, 0x1p-149)
        if Double(x) >= least { return error / place / (bound + 1e-6) }
        return error / (1e-36 + slack * abs(expected))
    }

    /// The worst excess over every `step`-th float, and where it is.
    package func worst(_ table: KernelTable, step: UInt32) -> (excess: Double, x: Float) {
        var worst = (excess: 0.0, x: Float(0))
        var pattern: UInt64 = 0
        while pattern < 1 << 32 {
            var x: [Float] = []
            x.reserveCapacity(1 << 16)
            while x.count < 1 << 16 && pattern < 1 << 32 {
                x.append(Float(bitPattern: UInt32(pattern)))
                pattern += UInt64(step)
            }
            let y = values(table, x)
            for i in x.indices {
                let excess = excess(y[i], at: x[i])
                if excess > worst.excess { worst = (excess, x[i]) }
            }
        }
        return worst
    }
}
