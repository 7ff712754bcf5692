import CVector

/// Keras's epsilon: probabilities are clipped to [leastProbability, mostProbability].
let leastProbability: Float = 1e-7
let mostProbability: Float = 0.9999999

/// Runs `body` for each row of [rows, width].
@inline(__always)
func forEachRow(_ rows: Int64, _ width: Int64, _ body: (Int, Strand) -> Void) {
    let width = Int(width)
    var row = 0
    while row < Int(rows) {
        body(row, Strand(row: row &* width, width: width))
        row &+= 1
    }
}

extension Vector {
    /// Clipped as a probability; NaN stays.
    @_transparent
    var clippedProbability: Vector {
        raised(to: leastProbability).lowered(to: mostProbability)
    }

    /// Whether clipping changes it.
    @_transparent
    var isClippedProbability: Mask {
        (self .< Vector(leastProbability)) .| (self .> Vector(mostProbability))
    }
}

/// Keras's label smoothing: target (1 - smoothing) + smoothing times `share`.
struct Smoothing {
    let factor: Vector
    let summand: Vector

    @inline(__always)
    init(_ smoothing: Float, share: Float) {
        factor = Vector(1 - smoothing)
        summand = Vector(smoothing * share)
    }

    @inline(__always)
    func callAsFunction(_ target: Vector) -> Vector {
        snnv_madd(target, factor, summand)
    }
}
