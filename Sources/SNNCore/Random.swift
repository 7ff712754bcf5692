/// What random numbers are for. Part of the counter, hence of every result: values never change.
package enum RandomPurpose: UInt32, Sendable {
    case initialization = 1
    case dropout = 2
    case shuffle = 3
    case mixup = 8
}

/// The random numbers of one tensor at one step. Element e depends on nothing but the arguments of
/// `init` and e; its bits are the same on every machine.
///
/// Element e is word e % 4 of the Philox block with the counter (e / 4, c1, c2, c3), each modulo
/// 2^32, where c1 = purpose << 24 | call (24 bits), c2 = ordinal, c3 = step. So at most 2^34
/// elements differ from each other.
package struct RandomStream: Sendable {
    package let seed: UInt64
    /// The last three words of the counter, for the kernels.
    package let counterWords: (c1: UInt32, c2: UInt32, c3: UInt32)
    private let philox: Philox

    /// - Parameters:
    ///   - call: which use of a shared layer.
    ///   - ordinal: which layer, in order of creation.
    ///   - step: which training step.
    package init(seed: UInt64, purpose: RandomPurpose, call: Int, ordinal: Int, step: Int64) {
        self.seed = seed
        counterWords = (
            purpose.rawValue << 24 | (UInt32(truncatingIfNeeded: call) & 0xFF_FFFF),
            UInt32(truncatingIfNeeded: ordinal), UInt32(truncatingIfNeeded: step)
        )
        philox = Philox(seed: seed)
    }

    /// The words of elements 4 `index` to 4 `index` + 3.
    package func block(_ index: Int) -> (UInt32, UInt32, UInt32, UInt32) {
        philox.block(
            UInt32(truncatingIfNeeded: index), counterWords.c1, counterWords.c2, counterWords.c3)
    }

    package func word(_ element: Int) -> UInt32 {
        let block = block(element >> 2)
        switch element & 3 {
        case 0: return block.0
        case 1: return block.1
        case 2: return block.2
        default: return block.3
        }
    }

    /// (word + 1/2) / 2^32: in (0, 1), never at an end.
    package func uniform(_ element: Int) -> Double {
        (Double(word(element)) + 0.5) * 0x1p-32
    }

    /// Of mean 0 and standard deviation 1. The farthest of the 2^32 values is 6.3.
    package func normal(_ element: Int) -> Double {
        inverseNormal(uniform(element))
    }

    /// The normal distribution cut at two standard deviations of its own: the inverse of its
    /// distribution function, so without rejection. What is left has the standard deviation
    /// 0.87962566.
    package func truncatedNormal(_ element: Int) -> Double {
        let below = 0.022750131948179207200  // Phi(-2)
        let within = 0.95449973610364158560  // Phi(2) - Phi(-2)
        return min(2, max(-2, inverseNormal(below + uniform(element) * within)))
    }
}
