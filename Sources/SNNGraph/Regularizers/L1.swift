import SNNCore

/// l1 * sum |x|.
enum L1 {
    static let row = PartRow<any Regularizer>("L1", ["l1"]) { (options) throws(SNNError) in
        let factor = try options.factor("l1", default: 0.01)
        return L1L2(l1: factor, l2: 0, className: "L1", [.init("l1", .number(factor))])
    }
}
