/// Puts the elements into an order drawn evenly from all: Fisher and Yates's shuffle, keyed by
/// seed, epoch and `salt` (which of several shuffles of an epoch, such as a block's number).
package func shuffle<Element>(
    _ elements: UnsafeMutableBufferPointer<Element>, seed: UInt64, epoch: Int, salt: Int = 0
) {
    shuffle(
        elements,
        RandomStream(
            seed: seed, purpose: .shuffle, call: 0, ordinal: salt, step: Int64(epoch)))
}

/// The same with draws from a stream that nothing else uses.
package func shuffle<Element>(
    _ elements: UnsafeMutableBufferPointer<Element>, _ stream: RandomStream
) {
    var draws = BoundedDraws(stream)
    var remaining = elements.count
    while remaining > 1 {
        let chosen = draws.next(below: remaining)
        remaining -= 1
        if chosen != remaining { elements.swapAt(chosen, remaining) }
    }
}

/// The elements of a stream one after the other, as integers below a bound, each equally likely:
/// Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019).
private struct BoundedDraws {
    private let stream: RandomStream
    private var element = 0
    private var block: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)

    init(_ stream: RandomStream) {
        self.stream = stream
    }

    /// `bound` is at least 1. One word is enough below 2^32, else two are taken.
    mutating func next(below bound: Int) -> Int {
        if let bound = UInt32(exactly: bound) {
            return Int(next(below: bound) { $0.nextWord() })
        }
        return Int(
            next(below: UInt64(bound)) { UInt64($0.nextWord()) << 32 | UInt64($0.nextWord()) })
    }

    private mutating func next<Word: FixedWidthInteger & UnsignedInteger>(
        below bound: Word, _ draw: (inout BoundedDraws) -> Word
    ) -> Word where Word.Magnitude == Word {
        var product = bound.multipliedFullWidth(by: draw(&self))
        if product.low < bound {
            let excess = (0 &- bound) % bound
            while product.low < excess {
                product = bound.multipliedFullWidth(by: draw(&self))
            }
        }
        return product.high
    }

    private mutating func nextWord() -> UInt32 {
        if element & 3 == 0 { block = stream.block(element >> 2) }
        defer { element += 1 }
        switch element & 3 {
        case 0: return block.0
        case 1: return block.1
        case 2: return block.2
        default: return block.3
        }
    }
}
