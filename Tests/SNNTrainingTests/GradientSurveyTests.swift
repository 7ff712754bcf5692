import SNNCore
import SNNGraph
import SNNKernels
import SNNTestSupport
import SNNTraining
import Testing

/// The gradients' norms and whether they are finite.
@Suite struct GradientSurveyTests {
    /// Three variables with their padding; the middle one has several chunks.
    private let ranges = [16 ..< 48, 48 ..< 40_048, 40_064 ..< 40_080]
    private let count = 40_096

    /// Numbers in the ranges; outside of them NaN, which nobody may read.
    private func gradients() throws -> Buffer<Float> {
        let buffer = try Buffer<Float>(count: count)
        buffer.pointer.update(repeating: .nan, count: count)
        let numbers = testNumbers(count, seed: 5)
        for range in ranges {
            for index in range { buffer.pointer[index] = 8 * numbers[index] }
        }
        return buffer
    }

    private func sum(_ gradients: Buffer<Float>, _ range: Range<Int>) -> Double {
        var sums: [Double] = []
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 16384) {
            let chunk = start ..< min(start + 16384, range.upperBound)
            sums.append(ReferenceKernels.sumOfSquares(chunk.map { gradients.pointer[$0] }))
        }
        return pairwise(sums)
    }

    private func pairwise(_ values: [Double]) -> Double {
        var level = values
        while level.count > 1 {
            level = stride(from: 0, to: level.count, by: 2).map {
                $0 + 1 < level.count ? level[$0] + level[$0 + 1] : level[$0]
            }
        }
        return level[0]
    }

    private func survey(
        _ clipping: GradientClipping, _ gradients: Buffer<Float>, _ set: InstructionSet,
        threads: Int
    ) throws -> GradientSurvey {
        let survey = try GradientSurvey(clipping, variables: ranges.map { ParameterPart($0) })
        let workers = Workers(threads: threads)
        #expect(survey.examine(gradients.pointer, kernels: set.kernels, workers: workers))
        return survey
    }

    @Test(arguments: InstructionSet.supported, [1, 2, 5])
    func factorsFollowFromTheStatedOrderOfSummation(set: InstructionSet, threads: Int) throws {
        let gradients = try gradients()
        let sums = ranges.map { sum(gradients, $0) }
        let norms = sums.map { $0.squareRoot() }
        let limit = norms[0]
        let own = try survey(.norm(limit), gradients, set, threads: threads)
        #expect(own.updates.map(\.range) == ranges)
        #expect(own.updates.map(\.factor) == norms.map { $0 > limit ? Float(limit / $0) : 1 })
        #expect(own.updates[0].factor == 1 && own.updates[1].factor < 1)

        let all = try survey(.globalNorm(2), gradients, set, threads: threads)
        let factor = Float(2 / pairwise(sums).squareRoot())
        #expect(all.updates.map(\.factor) == [factor, factor, factor])
    }

    @Test func withoutNormsNeighboursAreUpdatedTogether() throws {
        let gradients = try gradients()
        for clipping in [GradientClipping.none, .value(1), .norm(0), .globalNorm(0)] {
            let survey = try survey(clipping, gradients, .best, threads: 2)
            #expect(survey.updates.map(\.range) == [16 ..< 40_048, 40_064 ..< 40_080])
            #expect(survey.updates.allSatisfy { $0.factor == 1 })
        }
    }

    @Test func partsThatDifferAreUpdatedApart() throws {
        let parts = [
            ParameterPart(0 ..< 16), ParameterPart(16 ..< 32, decays: false),
            ParameterPart(32 ..< 48, decays: false),
            ParameterPart(48 ..< 64, decays: false, rateFactor: 2), ParameterPart(64 ..< 80),
        ]
        let merged = try GradientSurvey(.none, variables: parts)
        #expect(merged.updates.map(\.range) == [0 ..< 16, 16 ..< 48, 48 ..< 64, 64 ..< 80])
        #expect(merged.updates.map(\.part.rateFactor) == [1, 1, 2, 1])
        #expect(merged.updates.map(\.part.decays) == [true, false, false, true])
        let single = try GradientSurvey(.none, variables: parts, isByVariable: true)
        #expect(single.updates.map(\.range) == parts.map(\.range))
    }

    @Test(arguments: InstructionSet.supported)
    func aShareOfTheGradientsIsLimitedAsTheyWouldBe(set: InstructionSet) throws {
        let gradients = try gradients()
        let third = try Buffer<Float>(count: count)
        for index in 0 ..< count { third.pointer[index] = gradients.pointer[index] / 4 }
        let workers = Workers(threads: 1)
        for clipping in [GradientClipping.none, .norm(2), .globalNorm(2), .norm(1e9)] {
            let parts = ranges.map { ParameterPart($0) }
            let shared = try GradientSurvey(clipping, variables: parts)
            let whole = try GradientSurvey(clipping, variables: parts)
            #expect(
                shared.examine(
                    gradients.pointer, share: 0.25, kernels: set.kernels, workers: workers))
            #expect(whole.examine(third.pointer, kernels: set.kernels, workers: workers))
            for (one, other) in zip(shared.updates, whole.updates) {
                #expect(one.factor == other.factor / 4)
            }
        }
    }

    @Test func zerosHaveNoNormToLimit() throws {
        let zeros = try Buffer<Float>(count: count)
        for clipping in [GradientClipping.norm(1e-30), .globalNorm(1e-30)] {
            let survey = try survey(clipping, zeros, .best, threads: 1)
            #expect(survey.updates.allSatisfy { $0.factor == 1 })
        }
    }

    @Test(arguments: InstructionSet.supported, [1, 2])
    func whatIsNotFiniteIsSeenAnywhere(set: InstructionSet, threads: Int) throws {
        let gradients = try gradients()
        let workers = Workers(threads: threads)
        for clipping in [GradientClipping.none, .value(1), .norm(1), .globalNorm(1)] {
            let survey = try GradientSurvey(clipping, variables: ranges.map { ParameterPart($0) })
            for place in [16, 47, 16_431, 16_432, 40_047, 40_064, 40_079] {
                for bad: Float in [.nan, .infinity, -.infinity] {
                    let good = gradients.pointer[place]
                    gradients.pointer[place] = bad
                    #expect(
                        !survey.examine(gradients.pointer, kernels: set.kernels, workers: workers))
                    gradients.pointer[place] = good
                }
            }
            // The squares of these are no floats any more.
            gradients.pointer[47] = .greatestFiniteMagnitude
            #expect(survey.examine(gradients.pointer, kernels: set.kernels, workers: workers))
            gradients.pointer[47] = 1
        }
    }

    @Test func noVariablesAreFinite() throws {
        for clipping in [GradientClipping.none, .norm(1), .globalNorm(1)] {
            let survey = try GradientSurvey(clipping, variables: [])
            let nothing = try Buffer<Float>(count: 0)
            #expect(survey.updates.isEmpty)
            #expect(
                survey.examine(
                    nothing.pointer, kernels: InstructionSet.best.kernels,
                    workers: Workers(threads: 1)))
        }
    }
}
