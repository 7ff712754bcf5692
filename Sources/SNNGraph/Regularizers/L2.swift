import SNNCore

/// l2 * sum x^2.
enum L2 {
    static let row = PartRow<any Regularizer>("L2", ["l2"]) { (options) throws(SNNError) in
        let factor = try options.factor("l2", default: 0.01)
        return L1L2(l1: 0, l2: factor, className: "L2", [.init("l2", .number(factor))])
    }
}
