import SNNCore
import SNNGraph
import SNNKernels

/// x + s * z, or x * (1 + s * z), with z of the standard normal distribution.
///
/// The noise is computed in double without libm or fused multiply-add, as initial weights are, so
/// it is the same on every machine; the element's number keys it, so threads do not matter.
final class GaussianOperation: Operation {
    let needs: OperationNeeds
    private let call: LayerCall
    private let source: NoiseSource
    private let count: Int
    private let standardDeviation: Double
    private let multiplies: Bool

    init(_ call: LayerCall, _ source: NoiseSource, _ standardDeviation: Double, multiplies: Bool) {
        self.call = call
        self.source = source
        self.standardDeviation = standardDeviation
        self.multiplies = multiplies
        count = call.inputs[0].count
        var needs = OperationNeeds()
        // The factors, since drawing them anew takes longer than reading them.
        if multiplies { needs.saved = FloatCount(perRow: count) }
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        let random = source.stream(call, context)
        context.workers.split(
            context.rows &* count, cost: 100, granule: 16,
            with: (context, random, standardDeviation, multiplies)
        ) { work, start, count in
            let (context, random, deviation, multiplies) = work
            let x = UnsafePointer(context.input()) + start
            let y = context.output() + start
            if multiplies {
                let factors = context.saved + start
                draw(random, first: start, count, mean: 1, deviation, into: factors)
                multiply(x, factors, into: y, count)
            } else {
                draw(random, first: start, count, mean: 0, deviation, into: y)
                context.kernels.pointee.add(y, x, y, Int64(count))
            }
        }
    }

    func backward(_ context: OperationContext) {
        guard let dInput = context.dInput() else { return }
        context.workers.split(
            context.rows &* count, cost: 2, granule: 16, with: (context, dInput, multiplies)
        ) { work, start, count in
            let (context, dInput, multiplies) = work
            let dOutput = UnsafePointer(context.dOutput()) + start
            if multiplies {
                multiply(dOutput, context.saved + start, into: dInput + start, count)
            } else {
                (dInput + start).copy(from: dOutput, count: count)
            }
        }
    }
}

/// out[i] = mean + deviation * the normal number of element first + i; `first` is a multiple of 4.
private func draw(
    _ random: RandomStream, first: Int, _ count: Int, mean: Double, _ deviation: Double,
    into out: UnsafeMutablePointer<Float>
) {
    func normal(_ word: UInt32) -> Float {
        Float(mean + deviation * inverseNormal((Double(word) + 0.5) * 0x1p-32))
    }
    var index = 0
    while index < count {
        let words = random.block((first &+ index) >> 2)
        out[index] = normal(words.0)
        if index &+ 1 < count { out[index &+ 1] = normal(words.1) }
        if index &+ 2 < count { out[index &+ 2] = normal(words.2) }
        if index &+ 3 < count { out[index &+ 3] = normal(words.3) }
        index &+= 4
    }
}

/// out = a * b, number by number.
private func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
    _ count: Int
) {
    var index = 0
    while index < count {
        out[index] = a[index] * b[index]
        index &+= 1
    }
}
