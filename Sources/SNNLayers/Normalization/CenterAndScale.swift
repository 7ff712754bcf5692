import SNNCore
import SNNGraph

/// What a normalization multiplies by and adds: the variables gamma and beta, each unless the
/// configuration says otherwise.
struct CenterAndScale: Sendable {
    private let gamma: VariableOptions
    private let beta: VariableOptions
    private let centers: Bool
    private let scales: Bool

    init(_ options: inout Configuration) throws(SNNError) {
        centers = try options.bool("center", default: true)
        scales = try options.bool("scale", default: true)
        beta = try VariableOptions(&options, "beta", default: Initializers.zeros)
        gamma = try VariableOptions(&options, "gamma", default: Initializers.ones)
    }

    var configuration: [JSON.Member] {
        [.init("center", .bool(centers)), .init("scale", .bool(scales))]
            + beta.configuration + gamma.configuration
    }

    func variables(_ shape: Shape) -> [VariableSpecification] {
        (scales ? [gamma.specification(shape)] : []) + (centers ? [beta.specification(shape)] : [])
    }

    /// Which of the layer's variables they are; nil for none.
    var places: GainPlaces {
        GainPlaces(gamma: scales ? 0 : nil, beta: centers ? (scales ? 1 : 0) : nil)
    }
}

/// Which of a layer's variables gamma and beta are; nil for none.
struct GainPlaces: Sendable {
    var gamma: Int?
    var beta: Int?

    /// The numbers of gamma and beta; where there is none, ones and zeros at `memory`, which has
    /// room for `count` of each.
    func values(
        _ context: OperationContext, orAt memory: UnsafeMutablePointer<Float>, count: Int
    ) -> (gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>) {
        let (ones, zeros) = (memory, memory + count)
        if gamma == nil { context.kernels.pointee.fill(ones, Int64(count), 1) }
        if beta == nil { context.kernels.pointee.fill(zeros, Int64(count), 0) }
        return (
            UnsafePointer(gamma.map { context.variable($0) } ?? ones),
            UnsafePointer(beta.map { context.variable($0) } ?? zeros)
        )
    }

    func gradients(
        _ context: OperationContext
    ) -> (gamma: UnsafeMutablePointer<Float>?, beta: UnsafeMutablePointer<Float>?) {
        (gamma.flatMap { context.dVariable($0) }, beta.flatMap { context.dVariable($0) })
    }
}
