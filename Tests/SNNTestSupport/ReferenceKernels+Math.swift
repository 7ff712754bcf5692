import CSystem
import SNNKernels

/// An elementwise kernel and what it should compute, in double arithmetic.
package struct ActivationCase: Sendable {
    package typealias Kernel =
        @convention(c) (
            UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int64, Float, Float, Float
        ) -> Void
    package typealias GradientKernel =
        @convention(c) (
            UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>,
            UnsafeMutablePointer<Float>, Int64, Float, Float, Float
        ) -> Void

    package let name: String
    package let constants: (Float, Float, Float)
    /// The kernel's bounds in units of the last place: of the sets with fused multiply-add, and of
    /// the base set.
    package let bound: Double
    package let baseBound: Double
    /// The gradient kernel's bounds for dy = 1, the same way, in units of 2^-24 max(1, |slope|).
    package let slopeBound: Double
    package let baseSlopeBound: Double
    /// Where the derivative jumps.
    package let kinks: [Double]
    package let kernel: @Sendable (KernelTable) -> (Kernel, GradientKernel)
    package let value: @Sendable (Double) -> Double
    /// The derivative of `value`, at the infinities its limit.
    package let slope: @Sendable (Double) -> Double

    init(
        _ name: String, _ constants: (Float, Float, Float) = (0, 0, 0),
        bound: (Double, base: Double), slopeBound: (Double, base: Double), kinks: [Double] = [],
        _ kernel: @escaping @Sendable (KernelTable) -> (Kernel, GradientKernel),
        _ value: @escaping @Sendable (Double) -> Double,
        slope: @escaping @Sendable (Double) -> Double
    ) {
        self.name = name
        self.constants = constants
        (self.bound, baseBound) = bound
        (self.slopeBound, baseSlopeBound) = slopeBound
        self.kinks = kinks
        self.kernel = kernel
        self.value = value
        self.slope = slope
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

/// sigmoid'(x)
private func logisticSlope(_ x: Double) -> Double {
    let t = exp(-abs(x))
    return t / ((1 + t) * (1 + t))
}

/// tanh(log(1 + exp(x)))
private func mishGate(_ x: Double) -> Double {
    let t = exp(-abs(x))
    return x < 0
        ? (t * t + 2 * t) / (t * t + 2 * t + 2) : (1 + 2 * t) / (1 + 2 * t + 2 * t * t)
}

private func normalDistribution(_ x: Double) -> Double {
    0.5 * erfc(-x / 2.0.squareRoot())
}

/// x, at the infinities a number beyond which the factors of x in a slope are 0.
private func bounded(_ x: Double) -> Double {
    clip(x, -1e30, 1e30)
}

private let geluScale = 2 * (2 / Double.pi).squareRoot()

extension ActivationCase {
    package static let all: [ActivationCase] = [
        ActivationCase(
            "relu", (.infinity, 0, 0), bound: (0, base: 0), slopeBound: (0, base: 0),
            kinks: [0, .infinity],
            { ($0.relu, $0.relu_gradient) }, { $0 < 0 ? 0 : $0 },
            slope: { $0 < 0 ? 0 : 1 }),
        ActivationCase(
            "relu with all constants", (2.5, 0.25, 0.75), bound: (0.5, base: 0.5),
            slopeBound: (0, base: 0),
            kinks: [0.75, 2.5],
            { ($0.relu, $0.relu_gradient) },
            { $0 >= 2.5 ? 2.5 : $0 <= 0.75 ? 0.25 * ($0 - 0.75) : $0 },
            slope: { $0 >= 2.5 ? 0 : $0 <= 0.75 ? 0.25 : 1 }),
        ActivationCase(
            "sigmoid", bound: (1.65, base: 1.9), slopeBound: (1, base: 1),
            { ($0.sigmoid, $0.sigmoid_gradient) }, { logistic($0) },
            slope: { logisticSlope($0) }),
        ActivationCase(
            "tanh", bound: (1.35, base: 1.35), slopeBound: (2.3, base: 2.3),
            { ($0.tanh, $0.tanh_gradient) }, { tanh($0) },
            slope: { 4 * logisticSlope(2 * $0) }),
        ActivationCase(
            "elu", (1.5, 0, 0), bound: (1.45, base: 1.45), slopeBound: (2.2, base: 2.2),
            kinks: [0],
            { ($0.elu, $0.elu_gradient) }, { $0 > 0 ? $0 : 1.5 * expm1($0) },
            slope: { $0 > 0 ? 1 : 1.5 * exp($0) }),
        ActivationCase(
            "selu", bound: (1.85, base: 1.9), slopeBound: (2.4, base: 2.4),
            kinks: [0],
            { ($0.selu, $0.selu_gradient) },
            { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * expm1($0)) },
            slope: { 1.0507009873554805 * ($0 > 0 ? 1 : 1.6732632423543772 * exp($0)) }),
        ActivationCase(
            "celu", (1.5, 0, 0), bound: (1.85, base: 1.85), slopeBound: (1.1, base: 1.1),
            { ($0.celu, $0.celu_gradient) }, { $0 > 0 ? $0 : 1.5 * expm1($0 / 1.5) },
            slope: { $0 > 0 ? 1 : exp($0 / 1.5) }),
        ActivationCase(
            "gelu", bound: (1.85, base: 2.3), slopeBound: (2.3, base: 2.3),
            { ($0.gelu, $0.gelu_gradient) }, { gated($0, normalDistribution($0)) },
            slope: {
                normalDistribution($0) + bounded($0) * exp(-0.5 * $0 * $0)
                    / (2 * Double.pi).squareRoot()
            }),
        ActivationCase(
            "gelu_tanh", bound: (1.6, base: 2.9), slopeBound: (2.5, base: 2.5),
            { ($0.gelu_tanh, $0.gelu_tanh_gradient) },
            { gated($0, logistic(geluScale * ($0 + 0.044715 * $0 * $0 * $0))) },
            slope: { x in
                let x = clip(x, -40, 40)
                let u = geluScale * (x + 0.044715 * x * x * x)
                return logistic(u)
                    + x * logisticSlope(u) * geluScale * (1 + 3 * 0.044715 * x * x)
            }),
        ActivationCase(
            "silu", bound: (1.5, base: 2.8), slopeBound: (3.6, base: 3.6),
            { ($0.silu, $0.silu_gradient) }, { gated($0, logistic($0)) },
            slope: { logistic($0) + bounded($0) * logisticSlope($0) }),
        ActivationCase(
            "softplus", bound: (1.65, base: 1.65), slopeBound: (1.3, base: 1.3),
            { ($0.softplus, $0.softplus_gradient) }, { softplus($0) },
            slope: { logistic($0) }),
        ActivationCase(
            "softsign", bound: (1.5, base: 1.5), slopeBound: (3.6, base: 3.6),
            { ($0.softsign, $0.softsign_gradient) },
            { $0.isInfinite ? ($0 < 0 ? -1 : 1) : $0 / (1 + abs($0)) },
            slope: { 1 / ((1 + abs($0)) * (1 + abs($0))) }),
        ActivationCase(
            "exponential", bound: (1, base: 1), slopeBound: (1.5, base: 1.5),
            { ($0.exponential, $0.exponential_gradient) }, { exp($0) },
            slope: { exp($0) }),
        ActivationCase(
            "mish", bound: (1.5, base: 2.9), slopeBound: (3, base: 3),
            { ($0.mish, $0.mish_gradient) }, { gated($0, mishGate($0)) },
            slope: { mishGate($0) + bounded($0) * logistic($0) * (1 - mishGate($0) * mishGate($0)) }
        ),
        ActivationCase(
            "log_sigmoid", bound: (1.65, base: 1.65), slopeBound: (1.3, base: 1.3),
            { ($0.log_sigmoid, $0.log_sigmoid_gradient) }, { -softplus(-$0) },
            slope: { logistic(-$0) }),
        ActivationCase(
            "hard_sigmoid", bound: (1, base: 1), slopeBound: (0, base: 0),
            kinks: [-3, 3],
            { ($0.hard_sigmoid, $0.hard_sigmoid_gradient) }, { clip($0 + 3, 0, 6) / 6 },
            slope: { abs($0) < 3 ? 1.0 / 6 : 0 }),
        ActivationCase(
            "hard_silu", bound: (1.9, base: 1.9), slopeBound: (1.5, base: 1.5),
            kinks: [-3, 3],
            { ($0.hard_silu, $0.hard_silu_gradient) }, { gated($0, clip($0 + 3, 0, 6) / 6) },
            slope: { $0 <= -3 ? 0 : $0 >= 3 ? 1 : (2 * $0 + 3) / 6 }),
        ActivationCase(
            "hard_tanh", bound: (0, base: 0), slopeBound: (0, base: 0),
            kinks: [-1, 1],
            { ($0.hard_tanh, $0.hard_tanh_gradient) }, { clip($0, -1, 1) },
            slope: { abs($0) <= 1 ? 1 : 0 }),
        ActivationCase(
            "tanh_shrink", bound: (2, base: 3), slopeBound: (2.1, base: 2.1),
            { ($0.tanh_shrink, $0.tanh_shrink_gradient) }, { tanhShrink($0) },
            slope: { tanh($0) * tanh($0) }),
        ActivationCase(
            "hard_shrink", (0.5, 0, 0), bound: (0, base: 0), slopeBound: (0, base: 0),
            kinks: [-0.5, 0.5],
            { ($0.hard_shrink, $0.hard_shrink_gradient) }, { abs($0) <= 0.5 ? 0 : $0 },
            slope: { abs($0) <= 0.5 ? 0 : 1 }),
        ActivationCase(
            "soft_shrink", (0.5, 0, 0), bound: (0.5, base: 0.5), slopeBound: (0, base: 0),
            kinks: [-0.5, 0.5],
            { ($0.soft_shrink, $0.soft_shrink_gradient) },
            { abs($0) <= 0.5 ? 0 : $0 < 0 ? $0 + 0.5 : $0 - 0.5 },
            slope: { abs($0) <= 0.5 ? 0 : 1 }),
        ActivationCase(
            "squareplus", (4, 0, 0), bound: (1.4, base: 1.5), slopeBound: (2.4, base: 2.4),
            { ($0.squareplus, $0.squareplus_gradient) },
            { x in
                let root = (x * x + 4).squareRoot()
                return x < 0 ? 2 / (root - x) : (x + root) / 2
            },
            slope: { x in
                let x = bounded(x)
                let root = (x * x + 4).squareRoot()
                return x < 0 ? 2 / (root * (root - x)) : (1 + x / root) / 2
            }),
        ActivationCase(
            "sparse_plus", bound: (2, base: 2), slopeBound: (0.5, base: 0.5),
            { ($0.sparse_plus, $0.sparse_plus_gradient) },
            { $0 <= -1 ? 0 : $0 >= 1 ? $0 : 0.25 * ($0 + 1) * ($0 + 1) },
            slope: { clip(0.5 * ($0 + 1), 0, 1) }),
        ActivationCase(
            "sparse_sigmoid", bound: (0.5, base: 0.5), slopeBound: (0, base: 0),
            kinks: [-1, 1],
            { ($0.sparse_sigmoid, $0.sparse_sigmoid_gradient) }, { clip($0 + 1, 0, 2) / 2 },
            slope: { abs($0) < 1 ? 0.5 : 0 }),
        ActivationCase(
            "threshold", (0.5, -7, 0), bound: (0, base: 0), slopeBound: (0, base: 0),
            kinks: [0.5],
            { ($0.threshold, $0.threshold_gradient) }, { $0 <= 0.5 ? -7 : $0 },
            slope: { $0 <= 0.5 ? 0 : 1 }),
        ActivationCase(
            "sin", bound: (1.6, base: 1.6), slopeBound: (1.6, base: 1.6),
            { ($0.sin, $0.sin_gradient) }, { sin($0) },
            slope: { cos($0) }),
        ActivationCase(
            "cos", bound: (1.6, base: 1.6), slopeBound: (1.6, base: 1.6),
            { ($0.cos, $0.cos_gradient) }, { cos($0) },
            slope: { -sin($0) }),
        ActivationCase(
            "square", bound: (0.5, base: 0.5), slopeBound: (0, base: 0),
            { ($0.square, $0.square_gradient) }, { $0 * $0 },
            slope: { 2 * $0 }),
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
        gradients(table, x, values(table, x), dy)
    }

    /// The same for the kernel's y.
    package func gradients(
        _ table: KernelTable, _ x: [Float], _ y: [Float], _ dy: [Float]
    ) -> [Float] {
        let (_, kernel) = self.kernel(table)
        return written(x.count) {
            kernel(x, y, dy, $0, Int64(x.count), constants.0, constants.1, constants.2)
        }
    }
}
