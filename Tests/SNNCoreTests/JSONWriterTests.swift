import Foundation
import SNNCore
import Testing

struct JSONWriterTests {
    @Test func writesWhatPythonReads() {
        let value: JSON = [
            "null": .null, "yes": true, "list": [1, -2, 0.1, 1e-7, 1e300, -0.0, 3.0],
            "text": "\"\\\u{1}\t\u{7f}ä😀", "odd": [.number(.nan), .number(.infinity), .number(-.infinity)],
            "empty": [[], .object([])],
        ]
        #expect(
            value.write() == """
                {"null": null, "yes": true, "list": [1, -2, 0.1, 1e-07, 1e+300, -0.0, 3.0], \
                "text": "\\"\\\\\\u0001\\t\\u007f\\u00e4\\ud83d\\ude00", \
                "odd": [NaN, Infinity, -Infinity], "empty": [[], {}]}
                """)
    }

    @Test func strictReadersAcceptIt() throws {
        let value: JSON = ["a": [1, .number(.leastNonzeroMagnitude), 1.7976931348623157e308, "\n\u{2028}"], "b": .null]
        let data = Data(value.write().utf8)
        #expect(try JSONSerialization.jsonObject(with: data) is [String: Any])
    }

    @Test func keepsTheOrderOfMembers() throws {
        let text = #"{"z": 1, "a": 2, "m": {"y": 3, "b": 4}}"#
        #expect(try JSON.read(text).write() == text)
    }

    @Test func shortensForMessages() {
        let text = JSON.string(String(repeating: "x", count: 100)).shortText
        #expect(text.count == 60 && text.hasSuffix("xx..."))
        #expect(JSON.integer(3).shortText == "3")
    }
}
