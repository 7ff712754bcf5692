import SNNCore

/// The rule behind `VarianceScaling` and its presets: random numbers whose variance is
/// scale / max(1, n), where n is the fan-in, the fan-out or the mean of both.
struct FanScaling: Sendable {
    enum Mode: String, CaseIterable, Sendable {
        case input = "fan_in"
        case output = "fan_out"
        case average = "fan_avg"
    }

    enum Distribution: String, CaseIterable, Sendable {
        case uniform
        case truncatedNormal = "truncated_normal"
        case normal = "untruncated_normal"
    }

    /// The standard deviation of a standard normal distribution cut at ±2.
    private static let truncatedDeviation = 0.87962566103423978

    let scale: Double
    let mode: Mode
    let distribution: Distribution

    /// The standard deviation of the numbers drawn.
    func standardDeviation(_ fans: Fans) -> Double {
        variance(fans).squareRoot()
    }

    /// The numbers of the uniform distribution lie in ±limit: √(3 · variance).
    func limit(_ fans: Fans) -> Double {
        (3 * variance(fans)).squareRoot()
    }

    func fill(_ values: UnsafeMutableBufferPointer<Float>, fans: Fans, random: RandomStream) {
        switch distribution {
        case .uniform:
            let limit = limit(fans)
            for element in values.indices {
                values[element] = Float(limit * (2 * random.uniform(element) - 1))
            }
        case .truncatedNormal:
            let factor = standardDeviation(fans) / FanScaling.truncatedDeviation
            for element in values.indices {
                values[element] = Float(factor * random.truncatedNormal(element))
            }
        case .normal:
            let factor = standardDeviation(fans)
            for element in values.indices {
                values[element] = Float(factor * random.normal(element))
            }
        }
    }

    private func variance(_ fans: Fans) -> Double {
        let units =
            switch mode {
            case .input: fans.input
            case .output: fans.output
            case .average: (fans.input + fans.output) / 2
            }
        return scale / max(1, units)
    }
}
