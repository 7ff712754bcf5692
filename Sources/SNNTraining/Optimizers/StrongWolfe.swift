import SNNCore

/// A line search for a point that fulfills the strong conditions of Wolfe, with c1 1e-4 and c2 0.9:
/// PyTorch's `_strong_wolfe` (after minFunc by Schmidt), step for step. A point that is not finite is
/// none: the length is halved until it is.
struct StrongWolfe {
    typealias Vector = UnsafeMutablePointer<Float>

    /// A point on the line.
    struct Point {
        var length: Double
        var loss: Double
        /// Which of the buffers holds its gradient.
        var gradient: Int
        var slope: Double
    }

    private let batch: any BatchLoss
    private let vectors: FlatVectors
    private let buffers: [Buffer<Float>]
    private let start: Vector
    private let direction: Vector
    private let changeTolerance: Double
    private let c1 = 1e-4
    private let c2 = 0.9

    private var evaluations = 0
    private var most = 0

    /// - Parameter buffers: five, for gradients.
    init(
        _ batch: any BatchLoss, _ vectors: FlatVectors, _ buffers: [Buffer<Float>],
        start: Vector, direction: Vector, changeTolerance: Double
    ) {
        self.batch = batch
        self.vectors = vectors
        self.buffers = buffers
        self.start = start
        self.direction = direction
        self.changeTolerance = changeTolerance
    }

    /// The best point, nil where none was finite, and how many evaluations it took. The parameters
    /// are left anywhere on the line.
    ///
    /// - Parameters:
    ///   - loss, gradient, slope: at the start.
    ///   - length: of the first try, in directions.
    ///   - most: evaluations, but for those that were not finite and the last, at least 1.
    mutating func run(
        loss: Double, gradient: UnsafePointer<Float>, slope: Double, length: Double, most: Int
    ) -> (point: Point?, evaluations: Int) {
        self.most = most
        vectors.set(buffers[0].pointer, to: gradient)
        let first = Point(length: 0, loss: loss, gradient: 0, slope: slope)
        guard let tried = evaluate(length, keeping: [first]) else { return (nil, evaluations) }
        var iteration = 0
        guard let bracket = bracket(first, tried, &iteration) else { return (nil, evaluations) }
        let found = zoom(bracket, first, &iteration)
        return (found, evaluations)
    }

    /// Whether the loss of `point` is above the line that it must fall under.
    private func isTooHigh(_ point: Point, _ first: Point) -> Bool {
        point.loss > first.loss + c1 * point.length * first.slope
    }

    private func isFlat(_ point: Point, _ first: Point) -> Bool {
        abs(point.slope) <= -c2 * first.slope
    }

    /// Two points with a good one between them, or one that is good.
    private mutating func bracket(
        _ first: Point, _ tried: Point, _ iteration: inout Int
    ) -> [Point]? {
        var before = first
        var point = tried
        while iteration < most {
            if isTooHigh(point, first) || (iteration > 1 && point.loss >= before.loss) {
                return [before, point]
            }
            if isFlat(point, first) { return [point] }
            if point.slope >= 0 { return [before, point] }
            let least = point.length + 0.01 * (point.length - before.length)
            let length = StrongWolfe.interpolate(before, point, (least, point.length * 10))
            guard let next = evaluate(length, keeping: [first, before, point]) else { return nil }
            before = point
            point = next
            iteration += 1
        }
        return [first, point]
    }

    private mutating func zoom(
        _ bracket: [Point], _ first: Point, _ iteration: inout Int
    ) -> Point? {
        guard bracket.count == 2 else { return bracket.first }
        var ends = bracket
        var (low, high) = ends[0].loss <= ends[1].loss ? (0, 1) : (1, 0)
        let size = vectors.magnitudes(direction).largest
        var wasNear = false
        while iteration < most {
            if abs(ends[1].length - ends[0].length) * size < changeTolerance { break }
            let left = min(ends[0].length, ends[1].length)
            let right = max(ends[0].length, ends[1].length)
            var length = StrongWolfe.interpolate(ends[0], ends[1], nil)
            // A try close to an end brings little: it is moved inside the second time.
            let margin = 0.1 * (right - left)
            if min(right - length, length - left) < margin {
                if wasNear || length >= right || length <= left {
                    length =
                        abs(length - right) < abs(length - left) ? right - margin : left + margin
                    wasNear = false
                } else {
                    wasNear = true
                }
            } else {
                wasNear = false
            }
            guard let point = evaluate(length, keeping: [first] + ends) else { break }
            iteration += 1
            if isTooHigh(point, first) || point.loss >= ends[low].loss {
                ends[high] = point
                (low, high) = ends[0].loss <= ends[1].loss ? (0, 1) : (1, 0)
            } else {
                let isDone = isFlat(point, first)
                if !isDone, point.slope * (ends[high].length - ends[low].length) >= 0 {
                    ends[high] = ends[low]
                }
                ends[low] = point
                if isDone { break }
            }
        }
        return ends[low]
    }

    /// The point at `length`, or nearer where that is not finite; nil after thirty halvings.
    private mutating func evaluate(_ length: Double, keeping points: [Point]) -> Point? {
        var length = length
        let free = buffers.indices.first { index in !points.contains { $0.gradient == index } } ?? 0
        for _ in 0 ..< 30 {
            vectors.set(batch.parameters, to: start)
            vectors.add(direction, times: length, to: batch.parameters)
            evaluations += 1
            if let loss = batch.evaluate() {
                vectors.set(buffers[free].pointer, to: batch.gradients)
                let slope = vectors.dot(batch.gradients, direction)
                return Point(length: length, loss: loss, gradient: free, slope: slope)
            }
            length /= 2
        }
        return nil
    }

    /// The minimum of the cubic through two points' losses and slopes, within bounds, by default the
    /// points themselves.
    private static func interpolate(
        _ a: Point, _ b: Point, _ bounds: (Double, Double)?
    ) -> Double {
        let (least, most) = bounds ?? (min(a.length, b.length), max(a.length, b.length))
        let d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.length - b.length)
        let square = d1 * d1 - a.slope * b.slope
        guard square >= 0 else { return (least + most) / 2 }
        let d2 = square.squareRoot()
        let place =
            a.length <= b.length
            ? b.length - (b.length - a.length)
                * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
            : a.length - (a.length - b.length)
                * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2))
        guard !place.isNaN else { return (least + most) / 2 }
        return min(max(place, least), most)
    }
}
