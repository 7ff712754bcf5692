import CKernels
import CVector

/// mean (target - prediction)^2; smoothing is not used.
@c @implementation
public func snnk_mean_squared_error(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ values: UnsafeMutablePointer<Float>, _ rows: Int64, _ width: Int64, _ smoothing: Float
) {
    forEachRow(rows, width) { row, strand in
        var total = Vector(0)
        strand.forEachStep { step in
            let difference = strand.load(target, step) - strand.load(prediction, step)
            total = snnv_madd(difference, difference, total)
        }
        values[row] = total.folded / Float(width)
    }
}

/// 2 factor / width (prediction - target)
@c @implementation
public func snnk_mean_squared_error_gradient(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ factors: UnsafePointer<Float>, _ dPrediction: UnsafeMutablePointer<Float>, _ rows: Int64,
    _ width: Int64, _ smoothing: Float
) {
    forEachRow(rows, width) { row, strand in
        let factor = Vector(2 * factors[row] / Float(width))
        strand.forEachStep { step in
            let difference = strand.load(prediction, step) - strand.load(target, step)
            strand.store(factor * difference, dPrediction, step)
        }
    }
}

/// mean |target - prediction|; smoothing is not used.
@c @implementation
public func snnk_mean_absolute_error(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ values: UnsafeMutablePointer<Float>, _ rows: Int64, _ width: Int64, _ smoothing: Float
) {
    forEachRow(rows, width) { row, strand in
        var total = Vector(0)
        strand.forEachStep { step in
            total += (strand.load(target, step) - strand.load(prediction, step)).magnitude
        }
        values[row] = total.folded / Float(width)
    }
}

/// factor / width with the sign of prediction - target, 0 where they are equal.
@c @implementation
public func snnk_mean_absolute_error_gradient(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ factors: UnsafePointer<Float>, _ dPrediction: UnsafeMutablePointer<Float>, _ rows: Int64,
    _ width: Int64, _ smoothing: Float
) {
    forEachRow(rows, width) { row, strand in
        let factor = Vector(factors[row] / Float(width))
        strand.forEachStep { step in
            let difference = strand.load(prediction, step) - strand.load(target, step)
            // What is neither is 0 or NaN, and stays.
            let negative = select(difference .< Vector(0), -factor, difference)
            strand.store(select(difference .> Vector(0), factor, negative), dPrediction, step)
        }
    }
}
