import CSystem
import SNNKernels
import SNNTestSupport
import Testing

/// Every float through every activation, on every instruction set of the machine, as lines of a
/// table: `make test-exhaustive`, some 75 minutes of a core.
struct ExhaustiveTests {
    /// SWIFTNN_EXHAUSTIVE=n takes every n-th bit pattern, 1 all.
    private static let text = getenv("SWIFTNN_EXHAUSTIVE").map { String(cString: $0) }

    @Test(
        .enabled(if: text != nil, "make test-exhaustive runs it"), arguments: ActivationCase.all)
    func everyFloatStaysWithinTheBounds(activation: ActivationCase) throws {
        let step = try #require(Self.text.flatMap { UInt64($0) })
        try #require(step > 0)
        for accuracy in activation.accuracy(InstructionSet.supported, step: step) {
            print(line(activation, accuracy))
            #expect(accuracy.value.error <= activation.bound(accuracy.set))
            #expect(accuracy.slope.error <= activation.slopeBound(accuracy.set))
        }
        fflush(nil)
    }

    private func line(_ activation: ActivationCase, _ accuracy: Accuracy) -> String {
        func text(_ worst: WorstError) -> String {
            "\((worst.error * 1000).rounded() / 1000) | \(worst.x)"
        }
        return "| \(activation.name) | \(accuracy.set) | \(text(accuracy.value))"
            + " | \(text(accuracy.slope)) |"
    }
}
