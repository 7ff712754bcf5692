import SNNCore
import Testing

struct ShapeTests {
    private func error(_ extents: [Int]) -> SNNError? {
        do throws(SNNError) {
            _ = try Shape(extents)
            return nil
        } catch {
            return error
        }
    }

    @Test func textIsKerass() throws {
        #expect(try Shape([8]).batchText == "(None, 8)")
        #expect(try Shape([8, 8, 3]).batchText == "(None, 8, 8, 3)")
        #expect(Shape.scalar.batchText == "(None,)")
        #expect(try Shape([8]).text == "(8,)")
        #expect(try Shape([8, 3]).text == "(8, 3)")
        #expect(Shape.scalar.text == "()")
    }

    @Test func countsItsNumbers() throws {
        let shape = try Shape([4, 5, 6])
        #expect(shape.count == 120 && shape.rank == 3 && shape.last == 6 && shape.outerCount == 20)
        #expect(Shape.scalar.count == 1 && Shape.scalar.last == 1 && Shape.scalar.outerCount == 1)
        #expect(try Shape([1 << 20, 1 << 20]).count == Shape.maximumCount)
    }

    @Test func refusesWhatWouldOverflow() {
        #expect(error([1 << 20, 1 << 20, 2])?.status == .limit)
        #expect(error([.max])?.status == .limit)
        #expect(error([1 << 32, 1 << 32])?.status == .limit)
        #expect(error([.max, .max, .max])?.status == .limit)
        #expect(error([Int](repeating: 1, count: 9))?.status == .shape)
        #expect(
            error([3, 0])?.message == "expected extents of at least 1, received (3, 0)")
        #expect(error([.min])?.status == .shape)
    }

    @Test func axesCountFromBothEnds() throws {
        let shape = try Shape([4, 5, 6])
        #expect(shape.axis(0) == 0 && shape.axis(-1) == 2 && shape.axis(-3) == 0)
        for axis in [3, -4, .max, .min] { #expect(shape.axis(axis) == nil) }
        #expect(Shape.scalar.axis(0) == nil)
    }

    @Test func replacesTheInnermostExtent() throws {
        #expect(try Shape([4, 5]).replacingLast(with: 7) == Shape([4, 7]))
        #expect(try Shape.scalar.replacingLast(with: 7) == Shape([7]))
        #expect(throws: SNNError.self) { try Shape([4, 5]).replacingLast(with: 0) }
    }

    @Test func errorsGainAPlaceInFront() {
        let error = SNNError(.shape, "expected 3").within("Dense 'stem'")
        #expect(error.message == "Dense 'stem': expected 3" && error.status == .shape)
    }
}
