import CKernels
import CVector

/// A word of each of eight blocks, in the low half of its lane: there it is where it is to be
/// multiplied, and the high half may hold anything.
private typealias WideWords = SIMD8<UInt64>

/// Eight blocks on their way through the rounds.
private struct PhiloxState {
    var a: WideWords
    var b: WideWords
    var c: WideWords
    var d: WideWords

    @inline(__always)
    mutating func round(_ number: UInt32, seed: UInt64) {
        let key0 = UInt32(truncatingIfNeeded: seed) &+ number &* 0x9e37_79b9
        let key1 = UInt32(truncatingIfNeeded: seed >> 32) &+ number &* 0xbb67_ae85
        let product0 = snnv_word_product(a, 0xd251_1f53)
        let product1 = snnv_word_product(c, 0xcd9e_8d57)
        let shift = WideWords(repeating: 32)
        a = (product1 &>> shift) ^ b ^ WideWords(repeating: UInt64(key0))
        b = product1
        c = (product0 &>> shift) ^ d ^ WideWords(repeating: UInt64(key1))
        d = product0
    }
}

/// Philox4x32-10 (Salmon et al. 2011) for the eight blocks from `block` on: their 32 words in
/// order. The block number wraps at 2^32.
@inline(__always)
private func philox(
    block: UInt32, _ c1: UInt32, _ c2: UInt32, _ c3: UInt32, seed: UInt64
) -> (SIMD16<UInt32>, SIMD16<UInt32>) {
    var state = PhiloxState(
        a: WideWords(repeating: UInt64(block)) &+ WideWords(0, 1, 2, 3, 4, 5, 6, 7),
        b: WideWords(repeating: UInt64(c1)), c: WideWords(repeating: UInt64(c2)),
        d: WideWords(repeating: UInt64(c3)))
    // Not a loop: the keys are then made once a call.
    state.round(0, seed: seed)
    state.round(1, seed: seed)
    state.round(2, seed: seed)
    state.round(3, seed: seed)
    state.round(4, seed: seed)
    state.round(5, seed: seed)
    state.round(6, seed: seed)
    state.round(7, seed: seed)
    state.round(8, seed: seed)
    state.round(9, seed: seed)
    let low = snnv_join_words(state.a, state.b)
    let high = snnv_join_words(state.c, state.d)
    return (snnv_zip_low(low, high), snnv_zip_high(low, high))
}

/// Runs `body` for each sixteen elements: where they are in the array, and their words.
@inline(__always)
private func forEachWords(
    _ first: Int64, _ count: Int64, _ seed: UInt64, _ c1: UInt32, _ c2: UInt32, _ c3: UInt32,
    _ body: (Block, SIMD16<UInt32>) -> Void
) {
    let count = Int(count)
    var i = 0
    while i < count {
        let block = UInt32(truncatingIfNeeded: (first &+ Int64(i)) >> 2)
        let words = philox(block: block, c1, c2, c3, seed: seed)
        let rest = count &- i
        if rest >= 32 {
            body(Block(first: i, count: 16, isWhole: true), words.0)
            body(Block(first: i &+ 16, count: 16, isWhole: true), words.1)
        } else {
            let half = rest < 16 ? rest : 16
            body(Block(first: i, count: half, isWhole: false), words.0)
            if rest > 16 {
                body(Block(first: i &+ 16, count: rest &- 16, isWhole: false), words.1)
            }
        }
        i &+= 32
    }
}

/// out[i] = the word of element first + i.
@c @implementation
public func snnk_random_words(
    _ out: UnsafeMutablePointer<UInt32>, _ first: Int64, _ count: Int64, _ seed: UInt64,
    _ c1: UInt32, _ c2: UInt32, _ c3: UInt32
) {
    let out = UnsafeMutableRawPointer(out).assumingMemoryBound(to: Float.self)
    forEachWords(first, count, seed, c1, c2, c3) { block, words in
        block.store(unsafeBitCast(words, to: Vector.self), out)
    }
}

/// y[i] = 0 where the word of element first + i is below the threshold, else x[i] factor.
@c @implementation
public func snnk_dropout(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ first: Int64, _ count: Int64,
    _ seed: UInt64, _ c1: UInt32, _ c2: UInt32, _ c3: UInt32, _ threshold: UInt32, _ factor: Float
) {
    forEachWords(first, count, seed, c1, c2, c3) { block, words in
        let isDropped = words .< SIMD16<UInt32>(repeating: threshold)
        block.store(select(isDropped, Vector(0), block.load(x) * Vector(factor)), y)
    }
}
