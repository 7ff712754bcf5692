import SNNProducts

/// A product of one size with memory of its own.
final class ProductWork {
    private let a: UnsafeMutablePointer<Float>
    private let b: UnsafeMutablePointer<Float>
    private let c: UnsafeMutablePointer<Float>
    private let product: SingleProduct

    /// nil where the request names no product.
    init?(_ request: Request) {
        guard request.text("mode") == "sgemm", let threads = request.count("threads"),
            let m = request.count("m"), let n = request.count("n"), let k = request.count("k")
        else { return nil }
        a = numbers(m * k)
        b = numbers(k * n)
        c = numbers(m * n)
        product = SingleProduct(m: m, n: n, k: k, threads: threads)
    }

    deinit {
        for memory in [a, b, c] { memory.deallocate() }
    }

    func run() {
        product.run(a, b, into: c)
    }
}

/// Numbers in -1 ..< 1, the same ones in every run, where a cache line begins.
private func numbers(_ count: Int) -> UnsafeMutablePointer<Float> {
    let bytes = UnsafeMutableRawPointer.allocate(
        byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
    let numbers = bytes.bindMemory(to: Float.self, capacity: count)
    var state: UInt64 = 1
    for index in 0..<count {
        // Knuth's linear congruential generator.
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        numbers[index] = Float(state >> 40) / Float(1 << 23) - 1
    }
    return numbers
}
