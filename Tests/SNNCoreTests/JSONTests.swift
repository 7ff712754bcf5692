import SNNCore
import Testing

struct JSONTests {
    @Test func integralNumbersAreIntegers() {
        #expect(JSON.number(2.0).integerValue == 2)
        #expect(JSON.integer(.min).integerValue == .min)
        for value in [2.5, .nan, .infinity, 1e19, -1e19] {
            #expect(JSON.number(value).integerValue == nil)
        }
        #expect(JSON.string("2").integerValue == nil)
    }

    @Test func meaningIgnoresTheWritingOfNumbersAndTheOrderOfMembers() {
        let left: JSON = ["a": 1, "b": [2.0, .number(.nan)]]
        let right: JSON = ["b": [2, .number(.nan)], "a": 1.0]
        #expect(left.means(right))
        #expect(!left.means(["a": 1, "b": [2.0, 3.0]]))
        #expect(!JSON.null.means(false))
    }

    @Test func findsMembersByName() {
        let value = JSON.keras("Dense", ["units": 3])
        #expect(value["config"]?["units"] == 3)
        #expect(value["missing"] == nil)
        #expect(JSON.integer(1)["units"] == nil)
    }
}
