import SNNCore

/// The kernel with which a convolution computes the real or the imaginary side of a short-time
/// Fourier transform. For the shape (frame, 1, bins), N = 2 (bins − 1), element (t, 0, f) is
///
///     cos(2π t f / N) · w(t) / s    or    −sin(2π t f / N) · w(t) / s
///
/// with s = √Σ w² for `density` and Σ |w| for `spectrum`.
final class STFT: Initializer {
    static let row = InitializerRow("STFT", ["stft", "STFTInitializer"]) {
        (configuration) throws(SNNError) in try STFT(&configuration)
    }

    private enum Samples: Sendable {
        case none
        case named(String, Window)
        case listed([Double])
    }

    private static let real = "real"
    private static let density = "density"

    let className = "STFT"
    private let side: String
    private let samples: Samples
    private let scaling: String?
    private let isPeriodic: Bool

    private init(_ configuration: inout Configuration) throws(SNNError) {
        side = try configuration.choice("side", default: STFT.real, among: [STFT.real, "imag"])
        samples = try STFT.samples(&configuration)
        isPeriodic = try configuration.bool("periodic", default: false)
        if let json = configuration.json("scaling"), json.isNull {
            scaling = nil
        } else {
            scaling = try configuration.choice(
                "scaling", default: STFT.density, among: [STFT.density, "spectrum"])
        }
    }

    var configuration: [JSON.Member] {
        let window: JSON =
            switch samples {
            case .none: .null
            case .named(let name, _): .string(name)
            case .listed(let values): .array(values.map { .number($0) })
            }
        return [
            JSON.Member("side", .string(side)), JSON.Member("window", window),
            JSON.Member("periodic", .bool(isPeriodic)),
            JSON.Member("scaling", scaling.map { .string($0) } ?? .null),
        ]
    }

    func fill(_ values: UnsafeMutableBufferPointer<Float>, shape: Shape, random: RandomStream)
        throws(SNNError)
    {
        guard shape.rank == 3, shape.extents[1] == 1, shape.last >= 2 else {
            throw SNNError(
                .shape,
                "STFT: expected a shape of (frame, 1, at least 2 bins), received \(shape.text)")
        }
        let (frame, bins) = (shape.extents[0], shape.last)
        let window = try Buffer<Double>(count: frame)
        defer { withExtendedLifetime(window) {} }
        try weigh(window)
        let period = 2 * (bins - 1)
        for time in 0..<frame {
            for bin in 0..<bins {
                let angle = time * bin
                let wave =
                    side == STFT.real
                    ? Turn.cosine(angle, of: period) : -Turn.sine(angle, of: period)
                values[time * bins + bin] = Float(wave * window.pointer[time])
            }
        }
    }

    /// Writes w(t) / s, or ones where there is no window.
    private func weigh(_ window: Buffer<Double>) throws(SNNError) {
        let frame = window.count
        switch samples {
        case .none:
            window.pointer.update(repeating: 1, count: frame)
            return
        case .named(_, let function):
            for time in 0..<frame {
                window.pointer[time] = function.value(time, length: frame, isPeriodic: isPeriodic)
            }
        case .listed(let values):
            guard values.count == frame else {
                throw SNNError(
                    .shape,
                    "STFT: expected a frame of \(values.count), the window's length, "
                        + "received \(frame)"
                )
            }
            for time in 0..<frame { window.pointer[time] = values[time] }
        }
        guard let scaling else { return }
        var sum = 0.0
        for time in 0..<frame {
            let value = window.pointer[time]
            sum += scaling == STFT.density ? value * value : abs(value)
        }
        let scale = scaling == STFT.density ? sum.squareRoot() : sum
        guard scale > 0 else {
            throw SNNError(
                .shape, "STFT: a window of \(frame) samples that are all 0 cannot be scaled")
        }
        for time in 0..<frame { window.pointer[time] /= scale }
    }

    private static func samples(_ configuration: inout Configuration) throws(SNNError) -> Samples {
        let json = configuration.json("window") ?? .string("hann")
        let expected = "a window's name, a list of finite numbers or null"
        switch json {
        case .null:
            return .none
        case .string(let name):
            if let window = Window.named(name) { return .named(name, window) }
            throw configuration.failure(
                unknownName(
                    "window", name, among: Window.all.flatMap { $0.names },
                    shown: Window.all.map { $0.names[0] }))
        default:
            let greatest = Double(Float.greatestFiniteMagnitude)
            let values = json.elements?.compactMap { $0.doubleValue } ?? []
            guard !values.isEmpty, values.count == json.elements?.count,
                values.allSatisfy({ abs($0) <= greatest })
            else {
                throw configuration.mismatch("window", expected, json)
            }
            return .listed(values)
        }
    }
}
