import SNNCore
import SNNKernels

/// max(w, 0).
final class NonNeg: Constraint {
    static let row = PartRow<any Constraint>("NonNeg", ["non_neg"]) { (_) throws(SNNError) in
        NonNeg()
    }

    let className = "NonNeg"
    let configuration: [JSON.Member] = []

    func apply(
        to values: UnsafeMutablePointer<Float>, _ shape: Shape,
        sums: UnsafeMutablePointer<Double>, kernels: UnsafePointer<KernelTable>
    ) {
        var index = 0
        while index < shape.count {
            values[index] = values[index] > 0 ? values[index] : 0
            index &+= 1
        }
    }
}
