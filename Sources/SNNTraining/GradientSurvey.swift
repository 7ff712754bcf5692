import SNNCore
import SNNGraph
import SNNKernels

/// The look at all gradients before a step: whether they are finite and, where an optimizer clips
/// by the norm, by which factor each is to be scaled. One pass over them in either case.
///
/// A norm is the root of a sum of squares in double: chunks of a fixed length from each variable's
/// begin (SNNKernelList.h), added pairwise, and for the global norm the variables' sums in the
/// order of the flat buffer, pairwise too. So it depends neither on threads nor on the instruction
/// set.
package final class GradientSurvey {
    /// A part of the parameters, and by what its gradient is to be multiplied.
    package struct Update {
        package fileprivate(set) var part: ParameterPart
        package var range: Range<Int> { part.range }
        /// 1 where nothing is to be scaled.
        package fileprivate(set) var factor: Float = 1
        /// Its chunks.
        fileprivate let chunks: Range<Int>
    }

    private struct Chunk: BitwiseCopyable {
        let start: Int
        let count: Int
    }

    /// What to update: each variable where each has a factor of its own, else neighbours together.
    package private(set) var updates: [Update] = []
    private let clipping: GradientClipping
    private let chunks: Buffer<Chunk>
    /// A chunk's sum of squares, or where none is wanted a number that is finite where it is.
    private let sums: Buffer<Double>

    /// - Parameters:
    ///   - variables: what is trained, a part each, upward.
    ///   - isByVariable: whether each is to be updated by itself.
    package init(
        _ clipping: GradientClipping, variables: [ParameterPart], isByVariable: Bool = false
    ) throws(SNNError) {
        self.clipping = clipping.isByNorm ? clipping : .none
        var parts: [ParameterPart] = []
        for part in variables where !part.range.isEmpty {
            if !clipping.isByNorm, !isByVariable, let last = parts.last, last.goesOn(with: part) {
                parts[parts.count - 1].range = last.range.lowerBound ..< part.range.upperBound
            } else {
                parts.append(part)
            }
        }
        let length = SummationOrder.squaresPerChunk
        var count = 0
        for part in parts {
            let own = (part.range.count + length - 1) / length
            updates.append(Update(part: part, chunks: count ..< count + own))
            count += own
        }
        chunks = try Buffer(count: count)
        sums = try Buffer(count: count)
        for update in updates {
            for (index, chunk) in update.chunks.enumerated() {
                let start = update.range.lowerBound + index * length
                chunks.pointer[chunk] = Chunk(
                    start: start, count: min(length, update.range.upperBound - start))
            }
        }
    }

    /// Whether all gradients are finite; sets the updates' factors where they are.
    ///
    /// - Parameter share: what the gradients are to be multiplied by before their norm is limited;
    ///   the factors hold it.
    package func examine(
        _ gradients: UnsafePointer<Float>, share: Double = 1,
        kernels: UnsafePointer<KernelTable>, workers: Workers
    ) -> Bool {
        let length = SummationOrder.squaresPerChunk
        // The cost of memory rather than of arithmetic.
        workers.split(
            chunks.count, cost: 4 &* length,
            with: (kernels, gradients, chunks.pointer, sums.pointer, clipping != .none)
        ) { work, first, count in
            let (kernels, gradients, chunks, sums, wantsSquares) = work
            var chunk = first
            while chunk < first &+ count {
                let start = gradients + chunks[chunk].start
                let length = Int64(chunks[chunk].count)
                sums[chunk] =
                    wantsSquares
                    ? kernels.pointee.sum_of_squares(start, length)
                    : kernels.pointee.all_finite(start, length) != 0 ? 0 : .nan
                chunk &+= 1
            }
        }
        var index = 0
        while index < chunks.count {
            guard sums.pointer[index].isFinite else { return false }
            index &+= 1
        }
        setFactors(share)
        return true
    }

    private func setFactors(_ share: Double) {
        switch clipping {
        case .none, .value:
            for index in updates.indices { updates[index].factor = Float(share) }
        case .norm(let limit):
            for index in updates.indices {
                let chunks = updates[index].chunks
                let sum = treeSum(sums.pointer + chunks.lowerBound, chunks.count)
                updates[index].factor = GradientSurvey.factor(sum, limit, share)
            }
        case .globalNorm(let limit):
            for index in updates.indices {
                let chunks = updates[index].chunks
                // No variable is empty, so this place has been read.
                sums.pointer[index] = treeSum(sums.pointer + chunks.lowerBound, chunks.count)
            }
            let factor = GradientSurvey.factor(
                treeSum(sums.pointer, updates.count), limit, share)
            for index in updates.indices { updates[index].factor = factor }
        }
    }

    /// limit / norm where the norm is larger, else 1, times the share: rounded once, from double.
    private static func factor(_ sumOfSquares: Double, _ limit: Double, _ share: Double) -> Float {
        let norm = sumOfSquares.squareRoot() * share
        return Float(norm > limit ? limit / norm * share : share)
    }
}
