import SNNCore
import SNNGraph
import SNNKernels

/// Arithmetic on vectors with the layout of the parameters, over the parts that are trained; the rest
/// is neither read nor written. Sums are in double in the fixed order of `GradientSurvey`, so that
/// they depend on no thread and no instruction set.
struct FlatVectors {
    typealias Vector = UnsafeMutablePointer<Float>

    private let parts: [Range<Int>]
    private let kernels: UnsafePointer<KernelTable>
    private let workers: Workers
    /// Sums of chunks, of the largest part.
    private let sums: Buffer<Double>

    init(
        _ parts: [Range<Int>], kernels: UnsafePointer<KernelTable>, workers: Workers
    ) throws(SNNError) {
        self.parts = parts
        self.kernels = kernels
        self.workers = workers
        let length = SummationOrder.squaresPerChunk
        sums = try Buffer(
            count: ((parts.map { $0.count }.max() ?? 0) + length - 1) / length)
    }

    func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>) -> Double {
        let length = SummationOrder.squaresPerChunk
        var total = 0.0
        for part in parts {
            let chunks = (part.count + length - 1) / length
            let first = part.lowerBound
            workers.split(
                chunks, cost: 4 &* length,
                with: (kernels, x + first, y + first, sums.pointer, part.count)
            ) { work, start, count in
                let (kernels, x, y, sums, total) = work
                var chunk = start
                while chunk < start &+ count {
                    let begin = chunk &* SummationOrder.squaresPerChunk
                    let count = min(SummationOrder.squaresPerChunk, total &- begin)
                    sums[chunk] = kernels.pointee.sum_of_products(
                        x + begin, y + begin, Int64(count))
                    chunk &+= 1
                }
            }
            total += treeSum(sums.pointer, chunks)
        }
        return total
    }

    /// y += factor * x, rounded to float once.
    func add(_ x: UnsafePointer<Float>, times factor: Double, to y: Vector) {
        for part in parts {
            let first = part.lowerBound
            workers.split(
                part.count, cost: 4, granule: 16,
                with: (kernels, x + first, y + first, Float(-factor))
            ) { work, start, count in
                work.0.pointee.sgd(
                    work.2 + start, work.1 + start, Int64(count), work.3, 1, .infinity, 0)
            }
        }
    }

    /// y = factor * x
    func set(_ y: Vector, to x: UnsafePointer<Float>, times factor: Double = 1) {
        for part in parts {
            kernels.pointee.scale(
                x + part.lowerBound, y + part.lowerBound, Int64(part.count), Float(factor))
        }
    }

    /// The largest magnitude, and the sum of all.
    func magnitudes(_ x: UnsafePointer<Float>) -> (largest: Double, sum: Double) {
        var largest: Float = 0
        var sum = 0.0
        for part in parts {
            for index in part {
                let magnitude = abs(x[index])
                largest = max(largest, magnitude)
                sum += Double(magnitude)
            }
        }
        return (Double(largest), sum)
    }
}
