import SNNKernels

/// What a merge layer does: y = (x0 op x1 op x2 ...) * factor, and how each input's gradient
/// follows. A new one is a row here and one in the registry.
struct MergeRule: Sendable {
    typealias Floats = UnsafePointer<Float>
    typealias MutableFloats = UnsafeMutablePointer<Float>

    let className: String
    var takesTwo = false
    /// Whether it is the plain sum.
    var isSum = false
    /// y = a op b, of `count` numbers; y may be a.
    let combine:
        @Sendable (_ kernels: UnsafePointer<KernelTable>, Floats, Floats, MutableFloats, Int) -> Void
    /// Of y, after all inputs.
    var factor: @Sendable (_ inputs: Int) -> Float = { _ in 1 }
    /// How the gradient of an input depends on the numbers.
    var gradient = Gradient.linear

    enum Gradient: Sendable {
        /// dy, times the factor, and -1 for the input behind a minus.
        case linear
        /// dy times all other inputs.
        case product
        /// dy where the input is y.
        case choice
    }

    static let all = [add, subtract, multiply, average, maximum, minimum]

    private static let add = MergeRule(className: "Add", isSum: true, combine: sum)
    private static let average = MergeRule(
        className: "Average", combine: sum, factor: { 1 / Float($0) })
    private static let subtract = MergeRule(
        className: "Subtract", takesTwo: true,
        combine: { (_, a, b, y, count) in each(a, b, y, count) { a, b in a - b } })
    private static let multiply = MergeRule(
        className: "Multiply",
        combine: { (_, a, b, y, count) in each(a, b, y, count) { a, b in a * b } },
        gradient: .product)
    // A NaN stays one.
    private static let maximum = MergeRule(
        className: "Maximum",
        combine: { (_, a, b, y, count) in
            each(a, b, y, count) { a, b in a > b || a != a ? a : b }
        },
        gradient: .choice)
    private static let minimum = MergeRule(
        className: "Minimum",
        combine: { (_, a, b, y, count) in
            each(a, b, y, count) { a, b in a < b || a != a ? a : b }
        },
        gradient: .choice)

    private static let sum:
        @Sendable (UnsafePointer<KernelTable>, Floats, Floats, MutableFloats, Int) -> Void = {
            (kernels, a, b, y, count) in kernels.pointee.add(a, b, y, Int64(count))
        }

    @inline(__always)
    private static func each(
        _ a: Floats, _ b: Floats, _ y: MutableFloats, _ count: Int,
        _ function: (Float, Float) -> Float
    ) {
        var index = 0
        while index < count {
            y[index] = function(a[index], b[index])
            index &+= 1
        }
    }
}
