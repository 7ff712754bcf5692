import CKernels
import CVector

/// Sixteen counters' words, or four vectors of sixteen words in the order of the elements.
private typealias Words = SIMD16<UInt32>

/// Philox4x32-10 (Salmon et al. 2011) for the sixteen blocks from `block` on: their 64 words in
/// order. The block number wraps at 2^32.
@inline(__always)
private func philox(
    block: UInt32, _ c1: UInt32, _ c2: UInt32, _ c3: UInt32, seed: UInt64
) -> (Words, Words, Words, Words) {
    var a = Words(repeating: block) &+ Words(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    var b = Words(repeating: c1)
    var c = Words(repeating: c2)
    var d = Words(repeating: c3)
    var key0 = UInt32(truncatingIfNeeded: seed)
    var key1 = UInt32(truncatingIfNeeded: seed >> 32)
    var round = 0
    while round < 10 {
        let high0 = snnv_product_high(a, 0xd251_1f53)
        let low0 = a &* Words(repeating: 0xd251_1f53)
        let high1 = snnv_product_high(c, 0xcd9e_8d57)
        let low1 = c &* Words(repeating: 0xcd9e_8d57)
        a = high1 ^ b ^ Words(repeating: key0)
        b = low1
        c = high0 ^ d ^ Words(repeating: key1)
        d = low0
        key0 = key0 &+ 0x9e37_79b9
        key1 = key1 &+ 0xbb67_ae85
        round &+= 1
    }
    let (even, odd) = (snnv_zip_low(a, c), snnv_zip_low(b, d))
    let (laterEven, laterOdd) = (snnv_zip_high(a, c), snnv_zip_high(b, d))
    return (
        snnv_zip_low(even, odd), snnv_zip_high(even, odd), snnv_zip_low(laterEven, laterOdd),
        snnv_zip_high(laterEven, laterOdd)
    )
}

/// Runs `body` for each sixteen elements: where they begin in the array, how many, their words.
@inline(__always)
private func forEachWords(
    _ first: Int64, _ count: Int64, _ seed: UInt64, _ c1: UInt32, _ c2: UInt32, _ c3: UInt32,
    _ body: (Int, Int, SIMD16<UInt32>) -> Void
) {
    let count = Int(count)
    var i = 0
    while i < count {
        let block = UInt32(truncatingIfNeeded: (first &+ Int64(i)) >> 2)
        let words = philox(block: block, c1, c2, c3, seed: seed)
        var part = 0
        while part < 4 && i < count {
            let rest = count &- i
            let own = part == 0 ? words.0 : part == 1 ? words.1 : part == 2 ? words.2 : words.3
            body(i, rest < 16 ? rest : 16, own)
            i &+= 16
            part &+= 1
        }
    }
}

/// out[i] = the word of element first + i.
@c @implementation
public func snnk_random_words(
    _ out: UnsafeMutablePointer<UInt32>, _ first: Int64, _ count: Int64, _ seed: UInt64,
    _ c1: UInt32, _ c2: UInt32, _ c3: UInt32
) {
    let out = UnsafeMutableRawPointer(out).assumingMemoryBound(to: Float.self)
    forEachWords(first, count, seed, c1, c2, c3) { i, lanes, words in
        let bits = unsafeBitCast(words, to: Vector.self)
        if lanes == 16 {
            bits.store(at: out + i)
        } else {
            bits.store(at: out + i, count: lanes)
        }
    }
}

/// y[i] = 0 where the word of element first + i is below the threshold, else x[i] factor.
@c @implementation
public func snnk_dropout(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ first: Int64, _ count: Int64,
    _ seed: UInt64, _ c1: UInt32, _ c2: UInt32, _ c3: UInt32, _ threshold: UInt32, _ factor: Float
) {
    forEachWords(first, count, seed, c1, c2, c3) { i, lanes, words in
        let isDropped = words .< SIMD16<UInt32>(repeating: threshold)
        let isFull = lanes == 16
        let vector = isFull ? Vector(at: x + i) : Vector(at: x + i, count: lanes)
        let kept = select(isDropped, Vector(0), vector * Vector(factor))
        if isFull {
            kept.store(at: y + i)
        } else {
            kept.store(at: y + i, count: lanes)
        }
    }
}
