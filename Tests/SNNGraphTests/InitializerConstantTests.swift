import SNNCore
import Testing

@testable import SNNGraph

@Suite struct InitializerConstantTests {
    @Test func constantsFillEveryShape() throws {
        #expect(try initialized("'zeros'", [2, 3]) == [0, 0, 0, 0, 0, 0])
        #expect(try initialized("'ones'", []) == [1])
        #expect(
            try initialized("{class_name: 'Constant', config: {value: 0.1}}", [3]) == [
                0.1, 0.1, 0.1,
            ])
        #expect(try initialized("'constant'", [1, 1]) == [0])
    }

    @Test func identityOfTallAndWideMatrices() throws {
        let doubled = "{class_name: 'Identity', config: {gain: 2}}"
        #expect(try initialized("'identity'", [2, 2]) == [1, 0, 0, 1])
        #expect(try initialized(doubled, [2, 3]) == [2, 0, 0, 0, 2, 0])
        #expect(try initialized(doubled, [3, 2]) == [2, 0, 0, 2, 0, 0])
    }

    @Test func identityIsForMatricesOnly() {
        for (extents, text) in [([3], "(3,)"), ([3, 3, 3], "(3, 3, 3)"), ([], "()")] {
            let message = initializerError(.shape) { _ = try initialized("'identity'", extents) }
            #expect(message == "Identity: expected a shape of 2 axes, received \(text)")
        }
    }
}
