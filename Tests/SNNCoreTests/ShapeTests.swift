import SNNCore
import Testing

@Test func shapeTextIsKerass() throws {
    #expect(try Shape([8]).batchText == "(None, 8)")
}
