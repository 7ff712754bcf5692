/// SHA-256 of bytes that come in pieces of any length (FIPS 180-4, sections 5 and 6.2).
package struct SHA256 {
    package static let digestCount = 32
    private static let blockCount = 64

    private var state = SIMD8<UInt32>(
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
        0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
    /// Bytes that do not fill a block yet, `pendingCount` of them.
    private var pending = SIMD64<UInt8>()
    private var pendingCount = 0
    private var byteCount: UInt64 = 0

    package init() {}

    package static func digest(of bytes: UnsafeRawBufferPointer) -> SIMD32<UInt8> {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        byteCount &+= UInt64(truncatingIfNeeded: bytes.count)
        var position = 0
        while pendingCount > 0 && position < bytes.count {
            append(base.load(fromByteOffset: position, as: UInt8.self))
            position &+= 1
        }
        let whole = (bytes.count &- position) / SHA256.blockCount
        compress(base + position, count: whole)
        position &+= whole &* SHA256.blockCount
        while position < bytes.count {
            append(base.load(fromByteOffset: position, as: UInt8.self))
            position &+= 1
        }
    }

    /// The digest of everything so far, after which the value is used up.
    package mutating func finalize() -> SIMD32<UInt8> {
        let bitCount = byteCount &* 8
        append(0x80)
        while pendingCount != 56 { append(0) }
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: bitCount &>> shift))
        }
        var digest = SIMD32<UInt8>()
        for index in 0..<SHA256.digestCount {
            let shift = UInt32(truncatingIfNeeded: 24 &- 8 &* (index & 3))
            digest[index] = UInt8(truncatingIfNeeded: state[index / 4] &>> shift)
        }
        return digest
    }

    private mutating func append(_ byte: UInt8) {
        pending[pendingCount] = byte
        pendingCount &+= 1
        guard pendingCount == SHA256.blockCount else { return }
        pendingCount = 0
        let block = pending
        withUnsafeBytes(of: block) { bytes in
            if let base = bytes.baseAddress { compress(base, count: 1) }
        }
    }

    private mutating func compress(_ blocks: UnsafeRawPointer, count: Int) {
        guard count > 0 else { return }
        var state = state
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
            guard let schedule = words.baseAddress else { return }
            SHA256.roundConstants.withUnsafeBufferPointer { constants in
                guard let constants = constants.baseAddress else { return }
                for block in 0..<count {
                    let bytes = blocks + block &* SHA256.blockCount
                    state = SHA256.compressed(state, bytes, schedule, constants)
                }
            }
        }
        self.state = state
    }

    private static func compressed(
        _ state: SIMD8<UInt32>, _ block: UnsafeRawPointer,
        _ schedule: UnsafeMutablePointer<UInt32>, _ constants: UnsafePointer<UInt32>
    ) -> SIMD8<UInt32> {
        var t = 0
        while t < 16 {
            schedule[t] = block.loadUnaligned(fromByteOffset: t &* 4, as: UInt32.self).bigEndian
            t &+= 1
        }
        while t < 64 {
            let w2 = schedule[t &- 2]
            let w15 = schedule[t &- 15]
            let sigma1 = rotated(w2, 17) ^ rotated(w2, 19) ^ (w2 &>> 10)
            let sigma0 = rotated(w15, 7) ^ rotated(w15, 18) ^ (w15 &>> 3)
            schedule[t] = sigma1 &+ schedule[t &- 7] &+ sigma0 &+ schedule[t &- 16]
            t &+= 1
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        t = 0
        while t < 64 {
            let sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let choice = (e & f) ^ (~e & g)
            let t1 = h &+ sum1 &+ choice &+ constants[t] &+ schedule[t]
            let sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            h = g
            g = f
            f = e
            e = d &+ t1
            d = c
            c = b
            b = a
            a = t1 &+ sum0 &+ majority
            t &+= 1
        }
        return state &+ SIMD8(a, b, c, d, e, f, g, h)
    }

    @inline(__always)
    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
        (word &>> count) | (word &<< (32 &- count))
    }

    /// FIPS 180-4, section 4.2.2.
    private static let roundConstants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
        0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
        0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
        0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
        0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
        0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
        0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
        0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
        0xc671_78f2,
    ]
}
