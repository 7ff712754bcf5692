import SNNCore

/// What a layer's signs mean, and what to try.
struct Verdict {
    let word: String
    let advice: String

    /// Of a layer's units and outputs: half of it does nothing.
    static let deadShare = 0.5
    static let saturatedShare = 0.5
    /// A step of 1e-3 of the weights is about right (Karpathy, CS231n notes, "Ratio of
    /// weights:updates"); a hundred times as much overwrites what was learned.
    static let usualRatio = 1e-3
    static let explodingRatio = 0.1
    /// Gradients of 10 times the weights' norm: what gives that ratio at a rate of 0.01.
    static let explodingGradient = 10.0
    /// The size of a layer's gradient against the network's largest, which a sound initialization
    /// keeps alike from layer to layer (Glorot and Bengio 2010, figure 7).
    static let vanishingGradient = 1e-3

    private static let healthy = Verdict(word: "healthy", advice: "")
    private static let exploding = Verdict(
        word: "exploding",
        advice: "lower the learning rate, clip gradients (clipnorm, global_clipnorm), scale the "
            + "inputs, or use smaller initial weights (glorot_uniform, he_normal)")
    private static let dead = Verdict(
        word: "dead",
        advice: "lower the learning rate, use he_normal and a bias that is not negative, or "
            + "leaky_relu, elu or gelu in place of relu")
    private static let saturated = Verdict(
        word: "saturated",
        advice: "scale the inputs, use smaller initial weights (glorot_uniform), add "
            + "BatchNormalization before the activation, or use relu")
    private static let vanishing = Verdict(
        word: "vanishing",
        advice: "use relu or elu with he_normal, BatchNormalization, or residual connections (Add); "
            + "with fewer layers the gradient has less far to go")

    /// - Parameter largest: the network's largest `gradientSize`.
    static func of(_ signs: LayerSigns, largest: Double, isFinite: Bool) -> Verdict {
        let weights = signs.weightNorm ?? 0
        let gradient = signs.gradientNorm ?? 0
        if !signs.isFinite || !gradient.isFinite { return exploding }
        if let share = signs.deadShare, share >= deadShare { return dead }
        if let share = signs.saturatedShare, share >= saturatedShare, !signs.isOutput {
            return saturated
        }
        guard isFinite else { return healthy }
        if let ratio = signs.updateRatio, ratio > explodingRatio { return exploding }
        if weights > 0, gradient > explodingGradient * weights { return exploding }
        if let size = signs.gradientSize, size < vanishingGradient * largest || largest == 0 {
            return vanishing
        }
        return healthy
    }

    static var thresholds: JSON {
        .object(
            ("dead_share", .number(deadShare)), ("saturated_share", .number(saturatedShare)),
            ("saturation", .number(Double(ActivationKind.saturation))),
            ("usual_update_ratio", .number(usualRatio)),
            ("exploding_update_ratio", .number(explodingRatio)),
            ("exploding_gradient_ratio", .number(explodingGradient)),
            ("vanishing_gradient_ratio", .number(vanishingGradient)))
    }
}
