/// A window over the frames of a Fourier transform: SciPy's, those that need no parameter.
///
/// Source of the formulas: the documentation of `scipy.signal.windows`.
struct Window: Sendable {
    /// SciPy's name and its other spellings.
    let names: [String]
    /// Sample `n` of the symmetric window of `length` samples, length ≥ 2, 0 ≤ n < length.
    private let sample: @Sendable (_ n: Int, _ length: Int) -> Double

    /// The window called `name`; nil when there is none.
    static func named(_ name: String) -> Window? {
        all.first { $0.names.contains(name) }
    }

    /// Sample `n` of `length` ≥ 1. A periodic window is the symmetric one of one sample more
    /// without its last.
    func value(_ n: Int, length: Int, isPeriodic: Bool) -> Double {
        length == 1 ? 1 : sample(n, isPeriodic ? length + 1 : length)
    }

    static let all: [Window] = [
        Window(names: ["boxcar", "box", "ones", "rect", "rectangular"]) { _, _ in 1 },
        Window(names: ["triangle", "triang", "tri"]) { n, length in
            let even = length + length % 2
            return Double(even - distance(n, length)) / Double(even)
        },
        Window(names: ["bartlett", "bart", "brt"]) { n, length in
            1 - Double(distance(n, length)) / Double(length - 1)
        },
        Window(names: ["barthann", "brthan", "bth"]) { n, length in
            let fraction = Double(distance(n, length)) / Double(2 * (length - 1))
            return 0.62 - 0.48 * fraction
                + 0.38 * Turn.cosine(distance(n, length), of: 2 * (length - 1))
        },
        Window(names: ["bohman", "bman", "bmn"]) { n, length in
            let x = Double(distance(n, length)) / Double(length - 1)
            guard x < 1 else { return 0 }
            return (1 - x) * Turn.cosine(distance(n, length), of: 2 * (length - 1))
                + Turn.sine(distance(n, length), of: 2 * (length - 1)) / Double.pi
        },
        Window(names: ["parzen", "parz", "par"]) { n, length in
            let x = Double(distance(n, length)) / Double(length)
            return 2 * distance(n, length) <= length - 1
                ? 1 - 6 * (x * x) + 6 * (x * x * x) : 2 * ((1 - x) * (1 - x) * (1 - x))
        },
        Window(names: ["cosine", "halfcosine"]) { n, length in
            Turn.sine(2 * n + 1, of: 4 * length)
        },
        Window(names: ["lanczos", "sinc"]) { n, length in
            let x = Double(distance(n, length)) / Double(length - 1)
            guard x > 0, x < 1 else { return x == 0 ? 1 : 0 }
            return Turn.sine(distance(n, length), of: 2 * (length - 1)) / (Double.pi * x)
        },
        Window(names: ["tukey", "tuk"]) { n, length in
            let fromEdge = min(n, length - 1 - n)
            guard fromEdge <= (length - 1) / 4 else { return 1 }
            return 0.5 * (1 - Turn.cosine(2 * fromEdge, of: length - 1))
        },
        Window(names: ["exponential", "poisson"]) { n, length in
            exponential(halves: distance(n, length))
        },
        Window(names: ["hann", "han"], cosines: [0.5, 0.5]),
        Window(names: ["hamming", "hamm", "ham"], cosines: [0.54, 1 - 0.54]),
        Window(names: ["blackman", "black", "blk"], cosines: [0.42, 0.50, 0.08]),
        Window(
            names: ["nuttall", "nutl", "nut"],
            cosines: [0.3635819, 0.4891775, 0.1365995, 0.0106411]),
        Window(
            names: ["blackmanharris", "blackharr", "bkh"],
            cosines: [0.35875, 0.48829, 0.14128, 0.01168]),
        Window(
            names: ["flattop", "flat", "flt"],
            cosines: [0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368]),
        Window(names: ["taylor", "taylorwin"]) { n, length in
            taylor(distance(n, length), of: length) / taylor(0, of: length)
        },
    ]

    private init(names: [String], _ sample: @escaping @Sendable (Int, Int) -> Double) {
        self.names = names
        self.sample = sample
    }

    /// w(n) = Σ (−1)^k a_k cos(2πkn / (length − 1)).
    private init(names: [String], cosines: [Double]) {
        self.init(names: names) { n, length in
            var sum = 0.0
            for (k, weight) in cosines.enumerated() {
                let term = weight * Turn.cosine(k * n, of: length - 1)
                sum += k % 2 == 0 ? term : -term
            }
            return sum
        }
    }

    /// Twice the distance of sample `n` from the middle, a whole number: |2n − (length − 1)|.
    private static func distance(_ n: Int, _ length: Int) -> Int {
        abs(2 * n - (length - 1))
    }

    /// exp(−halves / 2).
    private static func exponential(halves: Int) -> Double {
        // Below 2^-1074 from here on.
        guard halves < 1500 else { return 0 }
        var value = halves % 2 == 0 ? 1 : 0.606530659712633423604
        for _ in 0..<(halves / 2) { value *= 0.367879441171442321596 }
        return value
    }

    /// 1 + 2 Σ F_m cos(π m distance / length): four nearly constant sidelobes 30 dB down.
    private static func taylor(_ distance: Int, of length: Int) -> Double {
        var sum = 0.0
        for (index, weight) in taylorWeights.enumerated() {
            sum += weight * Turn.cosine((index + 1) * distance, of: 2 * length)
        }
        return 1 + 2 * sum
    }

    /// F_1...F_3 of Taylor's window for n̄ = 4 and a side lobe level of 30 dB.
    private static let taylorWeights = [
        0.2926560110171551, -0.01578375064105314, 0.0021810393128200286,
    ]
}
