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
}

/// What every optimizer does before its own step, as in Keras's base class: clips the gradient, then
/// takes w * weight_decay * learning_rate from the weights (Loshchilov and Hutter 2019). The norm
/// is that of the gradient as the loss gave it; the decay does not enter the moments.
package struct UpdateRule: Sendable {
    package let clipping: GradientClipping
    /// nil where it was not given.
    let weightDecay: Double?

    /// - Parameter defaultDecay: for an optimizer that always decays; its `weight_decay` may not be
    ///   null.
    init(
        _ options: inout Configuration, defaultDecay: Double? = nil
    ) throws(SNNError) {
        let range = LearningRate.range
        if let defaultDecay {
            weightDecay = try options.number("weight_decay", default: defaultDecay, in: range)
        } else {
            weightDecay = try options.optionalNumber("weight_decay", in: range)
        }
        let norm = try options.optionalNumber("clipnorm", in: range)
        let value = try options.optionalNumber("clipvalue", in: range)
        let globalNorm = try options.optionalNumber("global_clipnorm", in: range)
        switch (norm, value, globalNorm) {
        case (nil, nil, nil): clipping = .none
        case (let norm?, nil, nil): clipping = .norm(norm)
        case (nil, let value?, nil): clipping = .value(value)
        case (nil, nil, let norm?): clipping = .globalNorm(norm)
        default:
            throw options.failure(
                "only one of 'clipnorm', 'clipvalue' and 'global_clipnorm' may be set, received "
                    + [("clipnorm", norm), ("clipvalue", value), ("global_clipnorm", globalNorm)]
                    .compactMap { row in row.1.map { "'\(row.0)' \($0)" } }
                    .joined(separator: " and "))
        }
    }

    /// Keras's keys, those that were given.
    var configuration: [JSON.Member] {
        var members: [JSON.Member] = []
        if let weightDecay { members.append(.init("weight_decay", .number(weightDecay))) }
        switch clipping {
        case .none: break
        case .norm(let limit): members.append(.init("clipnorm", .number(limit)))
        case .globalNorm(let limit): members.append(.init("global_clipnorm", .number(limit)))
        case .value(let limit): members.append(.init("clipvalue", .number(limit)))
        }
        return members
    }

    /// What the step kernels cut each number of the gradient to.
    var bound: Float {
        if case .value(let limit) = clipping, limit > 0 { Float(limit) } else { .infinity }
    }

    /// What the step kernels take from the weights, as a share of them.
    func decay(learningRate: Double) -> Float {
        Float((weightDecay ?? 0) * learningRate)
    }
}
