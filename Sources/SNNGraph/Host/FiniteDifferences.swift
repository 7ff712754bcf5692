import SNNCore

/// Derivatives that the host claims, against differences of what it computes: those of
/// sum(c * output), with numbers c of about 1 and either sign, for each number that `forward` reads.
///
/// Outputs that are not finite are left out, as are places where a difference is not.
package final class FiniteDifferences {
    /// How many floats it needs for so many outputs.
    package static func memory(outputs: Int) -> Int { 3 * outputs }

    /// A tensor that `forward` reads, as it is and where it is moved.
    package struct Tensor {
        let original: UnsafePointer<Float>
        let moved: UnsafeMutablePointer<Float>
        let gradient: UnsafePointer<Float>
        let count: Int

        package init(
            _ original: UnsafePointer<Float>, moved: UnsafeMutablePointer<Float>,
            gradient: UnsafePointer<Float>, count: Int
        ) {
            self.original = original
            self.moved = moved
            self.gradient = gradient
            self.count = count
        }
    }

    /// A derivative that is wrong: of one number, or of all along a random direction.
    package struct Mistake {
        package let index: Int?
        let expected: Double
        let received: Double

        /// - Parameter place: what has the derivative, as "number 3 of input 0".
        package func error(_ place: String) -> SNNError {
            SNNError(
                .argument,
                "its derivative for \(place) is expected to be about \(Float(expected)), by finite "
                    + "differences, received \(Float(received)); one that is not to be that of "
                    + "forward needs gradient_is_derivative: false")
        }
    }

    package enum Finding {
        case right
        /// Every difference was 0 or could not be told, and so was every derivative.
        case unseen
        case wrong(Mistake)
    }

    /// c; 0 where the output is not finite.
    package let cotangents: UnsafeMutablePointer<Float>
    /// Where `forward` writes.
    package let output: UnsafeMutablePointer<Float>
    private let first: UnsafeMutablePointer<Float>
    private let count: Int
    private var isWhole = true
    private let forward: () throws(SNNError) -> Void

    package init(
        outputs count: Int, in memory: UnsafeMutablePointer<Float>,
        forward: @escaping () throws(SNNError) -> Void
    ) {
        cotangents = memory
        output = memory + count
        first = memory + 2 * count
        self.count = count
        self.forward = forward
    }

    /// Takes the outputs as they are; false when none is finite, so that there is nothing to see.
    package func begin() throws(SNNError) -> Bool {
        try forward()
        first.update(from: output, count: count)
        var isAny = false
        let random = RandomStream(seed: 0, purpose: .dropout, call: 0, ordinal: 0, step: 0)
        for index in 0 ..< count {
            let uniform = Float(random.uniform(index))
            let isFinite = first[index].isFinite
            cotangents[index] = !isFinite ? 0 : uniform < 0.5 ? -0.5 - uniform : uniform + 0.5
            isAny = isAny || isFinite
            isWhole = isWhole && isFinite
        }
        try forward()
        guard change().sum == 0 else {
            throw SNNError(
                .argument,
                "its forward callback gives other numbers for the same call; randomness must follow "
                    + "from the call's seed")
        }
        return isAny
    }

    /// Compares at up to `places` numbers, spread evenly, at four of the largest derivatives, and
    /// along one random direction. The tensor is as before then.
    package func check(_ tensor: Tensor, places: Int) throws(SNNError) -> Finding {
        var isSeen = false
        var largest = Largest(tensor)
        let most = Double(largest.size)
        let spread = min(tensor.count, places)
        for place in 0 ..< spread + 4 {
            let index: Int
            if place < spread {
                index = spread > 1 ? place * (tensor.count - 1) / (spread - 1) : 0
            } else {
                guard largest.size > 0 else { break }
                index = largest.index
                largest.goOn(tensor)
            }
            let slope = Double(tensor.gradient[index])
            let verdict = try judge(slope, size: most, share: 0.02) { (distance) throws(SNNError) in
                try self.slope(tensor, index, distance)
            }
            guard let verdict else { continue }
            guard verdict.isRight else {
                return .wrong(
                    Mistake(index: index, expected: verdict.expected, received: slope))
            }
            isSeen = isSeen || slope != 0 || verdict.expected != 0
        }
        let along = derivative(tensor)
        guard tensor.count > 1, along.sum.isFinite else { return isSeen ? .right : .unseen }
        // Of many numbers some pass a kink, so this asks for less.
        let verdict = try judge(along.sum, size: along.size, share: 0.1) {
            (distance) throws(SNNError) in try self.slope(tensor, distance)
        }
        if let verdict {
            guard verdict.isRight else {
                return .wrong(
                    Mistake(index: nil, expected: verdict.expected, received: along.sum))
            }
            isSeen = isSeen || along.size != 0 || verdict.expected != 0
        }
        return isSeen ? .right : .unseen
    }

    /// The places of the largest derivatives, of each size one; size 0 when there is none left.
    private struct Largest {
        private(set) var index = 0
        private(set) var size = Float.infinity

        init(_ tensor: Tensor) { goOn(tensor) }

        mutating func goOn(_ tensor: Tensor) {
            let before = size
            size = 0
            for place in 0 ..< tensor.count {
                let next = tensor.gradient[place].magnitude
                if next > size, next < before { (index, size) = (place, next) }
            }
        }
    }

    // MARK: Verdicts

    /// The difference of the sum over how far was gone, and what of it may be rounding.
    private typealias Slope = (sum: Double, noise: Double)

    /// Goes up and down by three distances, of which one must confirm the derivative: at a kink it
    /// may be that of either side. nil when none can tell.
    private func judge(
        _ slope: Double, size: Double, share: Double,
        _ beside: (Float) throws(SNNError) -> Slope
    ) throws(SNNError) -> (isRight: Bool, expected: Double)? {
        // An output that is left out may have made it so.
        guard slope.isFinite || isWhole else { return nil }
        var expected: Double?
        for distance: Float in [0x1p-7, 0x1p-10, 0x1p-13] {
            let rise = try beside(distance)
            let fall = try beside(-distance)
            let mean = (rise.sum + fall.sum) / 2
            // Beyond its domain there is no difference to compare with.
            guard mean.isFinite else { continue }
            let noise = rise.noise + fall.noise
            let scale = max(size, mean.magnitude)
            // Nearer only where rounding leaves something to see.
            guard expected == nil || noise <= 0.05 * scale else { continue }
            let tolerance = share * scale + noise + 1e-6
            if slope >= min(rise.sum, fall.sum) - tolerance,
                slope <= max(rise.sum, fall.sum) + tolerance
            {
                return (true, mean)
            }
            expected = mean
        }
        return expected.map { (false, $0) }
    }

    /// Of one number that is moved.
    private func slope(
        _ tensor: Tensor, _ index: Int, _ distance: Float
    ) throws(SNNError) -> Slope {
        let x = tensor.original[index]
        defer { tensor.moved[index] = x }
        tensor.moved[index] = FiniteDifferences.moved(x, distance)
        // Exactly the distance between the two floats.
        let step = Double(tensor.moved[index]) - Double(x)
        try forward()
        let change = change()
        return (change.sum / step, change.noise / step.magnitude)
    }

    /// Of all numbers, each moved to its side.
    private func slope(_ tensor: Tensor, _ distance: Float) throws(SNNError) -> Slope {
        defer { tensor.moved.update(from: tensor.original, count: tensor.count) }
        var side = Side()
        for index in 0 ..< tensor.count {
            tensor.moved[index] = FiniteDifferences.moved(
                tensor.original[index], side.next() ? distance : -distance)
        }
        try forward()
        let change = change()
        return (change.sum / Double(distance), change.noise / Double(distance.magnitude))
    }

    /// What the gradient says of that direction, and how large that is without its signs.
    private func derivative(_ tensor: Tensor) -> (sum: Double, size: Double) {
        var side = Side()
        var sum = 0.0
        var squares = 0.0
        for index in 0 ..< tensor.count {
            let size = Double(max(tensor.original[index].magnitude, 1))
            let part = Double(tensor.gradient[index]) * (side.next() ? size : -size)
            sum += part
            squares += part * part
        }
        return (sum, squares.squareRoot())
    }

    /// In proportion where it is large.
    private static func moved(_ x: Float, _ distance: Float) -> Float {
        x + distance * max(x.magnitude, 1)
    }

    /// sum(c * (now - before)), and what it may be off by since both are floats.
    private func change() -> Slope {
        var sum = 0.0
        var size = 0.0
        for index in 0 ..< count where cotangents[index] != 0 && first[index] != output[index] {
            sum += Double(cotangents[index]) * (Double(output[index]) - Double(first[index]))
            let number = Double(first[index].magnitude)
            size += number * number
        }
        return (sum, 1e-6 * size.squareRoot())
    }

    /// A fixed row of random signs, by the congruential generator of Knuth's MMIX.
    private struct Side {
        private var state: UInt64 = 1

        mutating func next() -> Bool {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 63 == 1
        }
    }
}
