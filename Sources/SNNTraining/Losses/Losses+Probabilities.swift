import CKernels
import SNNCore
import SNNGraph
import SNNKernels

extension Losses {
    /// Losses of probabilities and rates.
    static let probabilities: [Kind] = [
        Kind(
            name: "kl_divergence", className: "KLDivergence",
            aliases: ["kld", "KLD", "kullback_leibler_divergence"], make: klDivergence),
        Kind(name: "poisson", className: "Poisson", make: poisson),
        Kind(
            name: "binary_crossentropy", className: "BinaryCrossentropy", aliases: ["bce", "BCE"],
            make: binaryCrossentropy),
        Kind(
            name: "categorical_crossentropy", className: "CategoricalCrossentropy",
            make: categoricalCrossentropy),
        Kind(
            name: "sparse_categorical_crossentropy", className: "SparseCategoricalCrossentropy",
            target: .classes, make: sparseCategoricalCrossentropy),
        Kind(
            name: "binary_focal_crossentropy", className: "BinaryFocalCrossentropy",
            make: binaryFocalCrossentropy),
        Kind(
            name: "categorical_focal_crossentropy", className: "CategoricalFocalCrossentropy",
            make: categoricalFocalCrossentropy),
    ]

    @Sendable private static func klDivergence(_ options: inout LossOptions) throws(SNNError) -> Made {
        Made(PointwiseLoss(SNNK_LOSS_KL_DIVERGENCE, takesMean: false))
    }

    @Sendable private static func poisson(_ options: inout LossOptions) throws(SNNError) -> Made {
        Made(PointwiseLoss(SNNK_LOSS_POISSON))
    }

    @Sendable private static func binaryCrossentropy(
        _ options: inout LossOptions
    ) throws(SNNError) -> Made {
        let fromLogits = try options.bool("from_logits", default: false)
        let smoothing = try options.labelSmoothing()
        try options.lastAxis()
        guard fromLogits else {
            return Made(
                KernelLoss(smoothing: smoothing) {
                    .init(
                        values: $0.pointee.binary_crossentropy,
                        gradient: $0.pointee.binary_crossentropy_gradient)
                })
        }
        return Made(
            KernelLoss(smoothing: smoothing) {
                .init(
                    values: $0.pointee.binary_crossentropy_logits,
                    gradient: $0.pointee.binary_crossentropy_logits_gradient)
            })
    }

    @Sendable private static func categoricalCrossentropy(
        _ options: inout LossOptions
    ) throws(SNNError) -> Made {
        let fromLogits = try options.bool("from_logits", default: false)
        let smoothing = try options.labelSmoothing()
        try options.lastAxis()
        guard fromLogits else {
            return Made(
                KernelLoss(smoothing: smoothing) {
                    .init(
                        values: $0.pointee.categorical_crossentropy,
                        gradient: $0.pointee.categorical_crossentropy_gradient)
                })
        }
        return Made(
            KernelLoss(smoothing: smoothing) {
                .init(
                    values: $0.pointee.categorical_crossentropy_logits,
                    gradient: $0.pointee.categorical_crossentropy_logits_gradient,
                    both: $0.pointee.categorical_crossentropy_logits_and_gradient)
            })
    }

    @Sendable private static func sparseCategoricalCrossentropy(
        _ options: inout LossOptions
    ) throws(SNNError) -> Made {
        let fromLogits = try options.bool("from_logits", default: false)
        // Exact as a float.
        let ignored = try options.optionalInteger("ignore_class", in: -1 << 24 ... 1 << 24)
        try options.lastAxis()
        var mask = Loss.Mask.none
        if let ignored { mask = .ofClass(ignored) }
        guard fromLogits else {
            return Made(
                KernelLoss(takesClasses: true, ignoredClass: ignored) {
                    .init(
                        values: $0.pointee.sparse_categorical_crossentropy,
                        gradient: $0.pointee.sparse_categorical_crossentropy_gradient)
                }, mask: mask)
        }
        return Made(
            KernelLoss(takesClasses: true, ignoredClass: ignored) {
                .init(
                    values: $0.pointee.sparse_categorical_crossentropy_logits,
                    gradient: $0.pointee.sparse_categorical_crossentropy_logits_gradient,
                    both: $0.pointee.sparse_categorical_crossentropy_logits_and_gradient)
            }, mask: mask)
    }

    @Sendable private static func binaryFocalCrossentropy(
        _ options: inout LossOptions
    ) throws(SNNError) -> Made {
        let balances = try options.bool("apply_class_balancing", default: false)
        let alpha = try options.number("alpha", default: 0.25, in: 0 ... 1)
        let gamma = try options.number("gamma", default: 2, in: 0 ... 100)
        let fromLogits = try options.bool("from_logits", default: false)
        let smoothing = try options.labelSmoothing()
        try options.lastAxis()
        return Made(
            PointwiseLoss(
                SNNK_LOSS_BINARY_FOCAL, link: fromLogits ? SNNK_LINK_SIGMOID : SNNK_LINK_NONE,
                smoothing: smoothing, a: gamma, b: balances ? alpha : 1,
                c: balances ? 1 - alpha : 1))
    }

    @Sendable private static func categoricalFocalCrossentropy(
        _ options: inout LossOptions
    ) throws(SNNError) -> Made {
        let alpha = try options.number("alpha", default: 0.25, in: .nonNegative)
        let gamma = try options.number("gamma", default: 2, in: 0 ... 100)
        let fromLogits = try options.bool("from_logits", default: false)
        let smoothing = try options.labelSmoothing()
        try options.lastAxis()
        return Made(
            PointwiseLoss(
                SNNK_LOSS_CATEGORICAL_FOCAL,
                link: fromLogits ? SNNK_LINK_SOFTMAX : SNNK_LINK_SHARE, takesMean: false,
                smoothing: smoothing, smoothsToClasses: true, a: gamma, b: alpha))
    }
}
