import SNNCore

/// How the gradients' size is limited before a step, Keras's three ways. A limit of 0 is none.
package enum GradientClipping: Equatable, Sendable {
    case none
    /// Each variable's gradient, scaled so that its Euclidean norm is at most this (`clipnorm`).
    case norm(Double)
    /// All gradients, scaled by one factor so that the norm of them all is at most this
    /// (`global_clipnorm`).
    case globalNorm(Double)
    /// Each number, cut to [-limit, limit] (`clipvalue`).
    case value(Double)

    /// Reads the three keys, of which one may be there.
    init(_ options: inout Configuration) throws(SNNError) {
        let range = LearningRate.range
        let norm = try options.optionalNumber("clipnorm", in: range)
        let value = try options.optionalNumber("clipvalue", in: range)
        let globalNorm = try options.optionalNumber("global_clipnorm", in: range)
        switch (norm, value, globalNorm) {
        case (nil, nil, nil): self = .none
        case (let norm?, nil, nil): self = .norm(norm)
        case (nil, let value?, nil): self = .value(value)
        case (nil, nil, let norm?): self = .globalNorm(norm)
        default:
            throw options.failure(
                "only one of 'clipnorm', 'clipvalue' and 'global_clipnorm' may be set, received "
                    + [("clipnorm", norm), ("clipvalue", value), ("global_clipnorm", globalNorm)]
                    .compactMap { row in row.1.map { "'\(row.0)' \($0)" } }
                    .joined(separator: " and "))
        }
    }

    /// Keras's key; nil for none.
    var configuration: JSON.Member? {
        switch self {
        case .none: nil
        case .norm(let limit): .init("clipnorm", .number(limit))
        case .globalNorm(let limit): .init("global_clipnorm", .number(limit))
        case .value(let limit): .init("clipvalue", .number(limit))
        }
    }

    /// Whether it needs the gradients' norms.
    var isByNorm: Bool {
        switch self {
        case .none, .value: false
        case .norm(let limit), .globalNorm(let limit): limit > 0
        }
    }
}
