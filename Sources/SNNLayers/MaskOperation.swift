import SNNCore
import SNNGraph
import SNNKernels

/// y = gain * x + shift where the mask keeps a number, and `dropped` where it does not.
struct MaskMap: Sendable {
    let rate: Double
    let gain: Float
    let shift: Float
    let dropped: Float

    /// Kept numbers are scaled so that the mean stays.
    static func scaling(rate: Double) -> MaskMap {
        MaskMap(rate: rate, gain: rate < 1 ? Float(1 / (1 - rate)) : 0, shift: 0, dropped: 0)
    }

    /// Words below it are dropped.
    var threshold: UInt32 { rate < 1 ? UInt32(min(rate * 0x1p32, 0x1p32 - 1)) : .max }
}

/// A random mask whose shape is that of the input or the same along some axes of it.
final class MaskOperation: Operation {
    let needs: OperationNeeds
    private let call: LayerCall
    private let map: MaskMap
    private let source: NoiseSource
    private let shape: Shape
    /// The last axis's stride in the mask, 0 or 1, and those of the axes before it.
    private let lastStride: Int
    private let outerStrides: [Int]
    /// Numbers of the mask in a row, and how far apart the masks of rows are.
    private let maskCount: Int
    private let rowStride: Int

    init(_ call: LayerCall, _ map: MaskMap, _ source: NoiseSource, _ noiseShape: NoiseShape) {
        self.call = call
        self.map = map
        self.source = source
        shape = call.inputs[0]
        let (strides, count) = noiseShape.strides(shape)
        // A mask of one number has a last stride of 0 or of 1 over one number.
        lastStride = strides.last ?? 0
        outerStrides = Array(strides.dropLast())
        maskCount = count
        rowStride = noiseShape.differsByRow ? count : 0
        var needs = OperationNeeds()
        // 1 where a number is kept, else 0.
        needs.saved = rowStride > 0 ? FloatCount(perRow: count) : FloatCount(fixed: count)
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        makeMask(context)
        run(context.input(), context.output(), context, isGradient: false)
    }

    func backward(_ context: OperationContext) {
        guard let dInput = context.dInput() else { return }
        run(context.dOutput(), dInput, context, isGradient: true)
    }

    private func makeMask(_ context: OperationContext) {
        let random = source.stream(call, context)
        let mask = context.saved
        let count = rowStride > 0 ? context.rows &* maskCount : maskCount
        context.kernels.pointee.fill(mask, Int64(count), 1)
        context.workers.split(
            count, cost: 20, granule: 16,
            with: (context.kernels, mask, random.seed, random.counterWords, map.threshold)
        ) { work, start, count in
            let (kernels, mask, seed, words, threshold) = work
            kernels.pointee.dropout(
                mask + start, mask + start, Int64(start), Int64(count), seed, words.c1, words.c2,
                words.c3, threshold, 1)
        }
    }

    private func run(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ context: OperationContext,
        isGradient: Bool
    ) {
        let vectors = shape.outerCount
        context.workers.split(
            context.rows &* vectors, cost: 4 &* shape.last,
            with: (self, x, y, UnsafePointer(context.saved), isGradient)
        ) { work, start, count in
            let (operation, x, y, mask, isGradient) = work
            let length = operation.shape.last
            var vector = start
            while vector < start &+ count {
                operation.run(
                    x + vector &* length, y + vector &* length,
                    mask + operation.maskOffset(ofVector: vector), isGradient)
                vector &+= 1
            }
        }
    }

    /// One vector along the last axis.
    private func run(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ mask: UnsafePointer<Float>,
        _ isGradient: Bool
    ) {
        let (gain, shift) = (map.gain, isGradient ? 0 : map.shift)
        let dropped = isGradient ? 0 : map.dropped
        var index = 0
        while index < shape.last {
            let isKept = mask[index &* lastStride] != 0
            y[index] = isKept ? x[index] * gain + shift : dropped
            index &+= 1
        }
    }

    private func maskOffset(ofVector vector: Int) -> Int {
        var rest = vector
        var offset = 0
        var axis = outerStrides.count &- 1
        while axis >= 0 {
            let extent = shape[axis]
            offset &+= rest % extent &* outerStrides[axis]
            rest /= extent
            axis &-= 1
        }
        return offset &+ rest &* rowStride
    }
}
