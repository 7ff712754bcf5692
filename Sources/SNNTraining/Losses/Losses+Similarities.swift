import SNNCore
import SNNGraph

extension Losses {
    /// How alike vectors, sets and embeddings are.
    static let similarities: [Kind] = [
        Kind(name: "cosine_similarity", className: "CosineSimilarity") {
            (options) throws(SNNError) in
            try options.lastAxis()
            return Made(RowLoss(RowLoss.cosineSimilarity))
        },
        Kind(name: "dice", className: "Dice") { (options) throws(SNNError) in
            Made(OverlapLoss(.dice, axes: try axes(&options)))
        },
        Kind(name: "tversky", className: "Tversky") { (options) throws(SNNError) in
            let alpha = try options.number("alpha", default: 0.5, in: .nonNegative)
            let beta = try options.number("beta", default: 0.5, in: .nonNegative)
            return Made(
                OverlapLoss(.tversky(alpha: alpha, beta: beta), axes: try axes(&options)))
        },
        Kind(name: "circle", className: "Circle", target: .labels) { (options) throws(SNNError) in
            let gamma = try options.number("gamma", default: 80, in: .positive)
            let margin = try options.number("margin", default: 0.4, in: 0 ... 1)
            let removesDiagonal = try options.bool("remove_diagonal", default: true)
            return Made(
                CircleLoss(gamma: gamma, margin: margin, removesDiagonal: removesDiagonal),
                mask: .ofZeros)
        },
    ]

    /// Of [batch, the output's shape]; nil for all of them.
    private static func axes(_ options: inout LossOptions) throws(SNNError) -> [Int]? {
        try options.optionalIntegers(
            "axis", count: 1 ... Shape.maximumRank + 1, in: -Shape.maximumRank - 1 ... Shape.maximumRank)
    }
}
