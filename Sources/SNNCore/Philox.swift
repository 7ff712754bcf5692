/// Philox4x32-10: a bijection of 128-bit counters for each 64-bit key, whose outputs pass as
/// random (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11).
/// The key's first word is the seed's low half.
package struct Philox: Sendable {
    private let seed: UInt64

    package init(seed: UInt64) {
        self.seed = seed
    }

    package func block(
        _ c0: UInt32, _ c1: UInt32, _ c2: UInt32, _ c3: UInt32
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var (x0, x1, x2, x3) = (c0, c1, c2, c3)
        var key0 = UInt32(truncatingIfNeeded: seed)
        var key1 = UInt32(truncatingIfNeeded: seed >> 32)
        for _ in 0..<10 {
            let product0 = x0.multipliedFullWidth(by: 0xD251_1F53)
            let product1 = x2.multipliedFullWidth(by: 0xCD9E_8D57)
            (x0, x1, x2, x3) = (
                product1.high ^ x1 ^ key0, product1.low, product0.high ^ x3 ^ key1, product0.low
            )
            key0 &+= 0x9E37_79B9
            key1 &+= 0xBB67_AE85
        }
        return (x0, x1, x2, x3)
    }
}
