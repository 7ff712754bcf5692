import CCPU
import CSystem

/// The instruction sets that the kernels are compiled for, the least first.
package enum InstructionSet: Int, CaseIterable, Sendable {
    case base
    case avx2
    case avx512

    /// The name that SWIFTNN_ISA and the log use.
    package var name: StaticString {
        switch self {
        case .base: "base"
        case .avx2: "avx2"
        case .avx512: "avx512"
        }
    }

    /// Whether this CPU and its operating system run it.
    package var isSupported: Bool {
        switch self {
        case .base: true
        case .avx2: snnc_has_avx2() != 0
        case .avx512: snnc_has_avx512() != 0
        }
    }

    /// The set that plans take unless told otherwise: the best supported one, or a lesser one that
    /// the environment variable SWIFTNN_ISA named when it was first asked for.
    package static let best = choose(limit: getenv("SWIFTNN_ISA"))

    /// Whether SWIFTNN_ISA named a set, or nothing, when it was first asked for.
    package static let isChoiceKnown = isKnown(limit: getenv("SWIFTNN_ISA"))

    /// Null and empty texts are known too: no limit.
    package static func isKnown(limit: UnsafePointer<CChar>?) -> Bool {
        guard let limit, limit.pointee != 0 else { return true }
        return allCases.contains { $0.isNamed(limit) }
    }

    /// The best supported set up to the one that `limit` names; null and unknown names are no limit.
    package static func choose(limit: UnsafePointer<CChar>?) -> InstructionSet {
        var best = InstructionSet.base
        for set in allCases {
            if set.isSupported { best = set }
            if let limit, set.isNamed(limit) { return best }
        }
        return best
    }

    private func isNamed(_ text: UnsafePointer<CChar>) -> Bool {
        let count = name.utf8CodeUnitCount
        return strlen(text) == count && memcmp(text, name.utf8Start, count) == 0
    }
}
