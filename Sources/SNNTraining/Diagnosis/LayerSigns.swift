import SNNCore
import SNNGraph

/// What one layer showed in a forward pass, a backward pass and a step.
struct LayerSigns {
    let name: String
    let className: String
    let parameterCount: Int
    let isOutput: Bool
    let activation: ActivationKind?

    // Of the outputs.
    private var count = 0
    private var sum = 0.0
    private var squares = 0.0
    private var broken = 0
    private var saturated = 0
    /// For each number of the last axis whether it was anything but 0.
    private var isAlive: [Bool] = []

    // Of the parameters; nil where there are none, or no finite ones.
    var weightNorm: Double?
    var gradientNorm: Double?
    var updateNorm: Double?

    init(_ node: Node, _ graph: Graph, ordinal: Int) {
        name = node.name
        className = node.layer.className
        activation = ActivationKind(node.layer)
        parameterCount = node.variables.reduce(0) {
            $0 + (graph.variables[$1].role == .parameter ? graph.variables[$1].shape.count : 0)
        }
        isOutput = node.calls.contains { call in
            graph.calls[call].outputs.contains { graph.outputs.contains($0) }
        }
    }

    /// Adds what a call gave; units lie along the last axis.
    mutating func look(at values: UnsafePointer<Float>, _ count: Int, units: Int) {
        if isAlive.count != units { isAlive = [Bool](repeating: false, count: units) }
        self.count += count
        var unit = 0
        var index = 0
        while index < count {
            let value = values[index]
            if value.isFinite {
                sum += Double(value)
                squares += Double(value) * Double(value)
            } else {
                broken += 1
            }
            if value != 0 { isAlive[unit] = true }
            if let activation, activation.saturates(at: value) { saturated += 1 }
            index &+= 1
            unit = unit &+ 1 == units ? 0 : unit &+ 1
        }
    }

    var isFinite: Bool { broken == 0 }
    var wasSeen: Bool { count > 0 }
    var mean: Double { sum / Double(max(count, 1)) }
    var deviation: Double {
        let mean = mean
        return max(0, squares / Double(max(count, 1)) - mean * mean).squareRoot()
    }

    /// nil where the activation cannot die.
    var deadShare: Double? {
        guard let activation, activation.isRectifier, !isAlive.isEmpty else { return nil }
        return Double(isAlive.count { !$0 }) / Double(isAlive.count)
    }

    /// nil where the activation has no range.
    var saturatedShare: Double? {
        guard let activation, activation.hasRange, count > 0 else { return nil }
        return Double(saturated) / Double(count)
    }

    /// nil where nothing was updated or there are no weights.
    var updateRatio: Double? {
        guard let updateNorm, let weightNorm, weightNorm > 0 else { return nil }
        return updateNorm / weightNorm
    }

    /// The root of the mean square of the gradient's numbers.
    var gradientSize: Double? {
        gradientNorm.map { $0 / Double(max(parameterCount, 1)).squareRoot() }
    }
}

/// How an activation can fail: rectifiers give 0 for good, those with a range stay at its ends.
struct ActivationKind {
    private let low: Float
    private let high: Float
    let isRectifier: Bool
    var hasRange: Bool { high > low }

    /// The share of half the range, from its middle, beyond which an output counts as saturated.
    static let saturation: Float = 0.97

    private static let rows: [(name: String, low: Float, high: Float, isRectifier: Bool)] = [
        ("relu", 0, 0, true), ("ReLU", 0, 0, true), ("relu6", 0, 0, true),
        ("sparse_plus", 0, 0, true), ("threshold", 0, 0, true),
        ("tanh", -1, 1, false), ("hard_tanh", -1, 1, false), ("softsign", -1, 1, false),
        ("soft_sign", -1, 1, false), ("sigmoid", 0, 1, false), ("hard_sigmoid", 0, 1, false),
        ("sparse_sigmoid", 0, 1, false),
    ]

    /// That of a layer; nil for another one.
    init?(_ layer: any Layer) {
        let given = layer.configuration.first { $0.name == "activation" }?.value
        let name = given?.text ?? given?["class_name"]?.text ?? layer.className
        guard let row = ActivationKind.rows.first(where: { $0.name == name }) else { return nil }
        low = row.low
        high = row.high
        isRectifier = row.isRectifier
    }

    func saturates(at value: Float) -> Bool {
        guard hasRange else { return false }
        let half = (high - low) / 2
        return abs(value - (low + half)) > ActivationKind.saturation * half
    }
}
