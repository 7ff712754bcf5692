extension ClosedRange<Double> {
    package static var finite: ClosedRange<Double> {
        -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    }

    /// Finite and at least 0.
    package static var nonNegative: ClosedRange<Double> { 0...Double.greatestFiniteMagnitude }

    /// Finite and greater than 0.
    package static var positive: ClosedRange<Double> {
        Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude
    }
}

/// What a range asks for, in words.
extension Configuration {
    static func text(of range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (Int.min, Int.max): "an integer"
        case (let least, Int.max): "an integer of at least \(least)"
        case (Int.min, let most): "an integer of at most \(most)"
        case (let least, let most): "an integer from \(least) to \(most)"
        }
    }

    static func text(of range: ClosedRange<Int>, count: ClosedRange<Int>) -> String {
        let one = text(of: range)
        let counts =
            switch (count.lowerBound, count.upperBound) {
            case (let least, let most) where least == most: "\(least) of them"
            case (let least, Int.max): "at least \(least) of them"
            case (let least, let most): "\(least) to \(most) of them"
            }
        return "\(one) or a list of \(counts)"
    }

    static func text(of range: ClosedRange<Double>) -> String {
        let greatest = Double.greatestFiniteMagnitude
        let least = range.lowerBound
        let most = range.upperBound
        let kind = least.isInfinite || most.isInfinite ? "a number" : "a finite number"
        switch (least <= -greatest, most >= greatest) {
        case (true, true): return kind
        case (true, false): return "\(kind) of at most \(text(of: most))"
        case (false, true):
            return least == Double.leastNonzeroMagnitude
                ? "\(kind) greater than 0" : "\(kind) of at least \(text(of: least))"
        case (false, false):
            return least == Double.leastNonzeroMagnitude
                ? "a number greater than 0, at most \(text(of: most))"
                : "a number from \(text(of: least)) to \(text(of: most))"
        }
    }

    /// "1" for 1.0, "0.5" for 0.5.
    private static func text(of value: Double) -> String {
        if let integer = Int(exactly: value) { String(integer) } else { value.description }
    }
}
