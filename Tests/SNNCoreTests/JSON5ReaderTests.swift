import Foundation
import SNNCore
import Testing

struct JSON5ReaderTests {
    private func message(_ text: String) -> String {
        do throws(SNNError) {
            return "no error: \(try JSON.read(text))"
        } catch {
            return error.message
        }
    }

    private func status(_ bytes: [UInt8]) -> Status? {
        do throws(SNNError) {
            _ = try JSON.read(bytes)
            return nil
        } catch {
            return error.status
        }
    }

    @Test func readsEveryFormThatJSON5AddsToJSON() throws {
        let text = """
            // a comment
            {
              unquoted: 'and you can quote me on that', /* another */
              singleQuotes: 'I can use "double quotes" here',
              lineBreaks: "Look, Mom! \\
            No \\\\n's!",
              hexadecimal: 0xdecaf,
              leadingDecimalPoint: .8675309, andTrailing: 8675309.,
              positiveSign: +1, trailingComma: 'in objects', andIn: ['arrays',],
              "backwardsCompatible": "with JSON", $_9\\u0061ä: -Infinity,
            }
            """
        #expect(
            try JSON.read(text) == [
                "unquoted": "and you can quote me on that",
                "singleQuotes": "I can use \"double quotes\" here",
                "lineBreaks": "Look, Mom! No \\n's!", "hexadecimal": 0xdecaf,
                "leadingDecimalPoint": 0.8675309, "andTrailing": 8675309.0, "positiveSign": 1,
                "trailingComma": "in objects", "andIn": ["arrays"],
                "backwardsCompatible": "with JSON", "$_9aä": .number(-.infinity),
            ])
    }

    @Test func readsEveryEscape() throws {
        #expect(
            try JSON.read(#"'\b\f\n\r\t\v\0\x41\u00e4\ud83d\ude00\'\"\\\/\q'"#)
                == .string("\u{8}\u{c}\n\r\t\u{b}\0Aä😀'\"\\/q"))
        #expect(try JSON.read("'a\\\r\nb\\\u{2028}c\u{2029}'") == .string("abc\u{2029}"))
    }

    @Test(arguments: [
        ("0", JSON.integer(0)), ("-0", 0), ("9223372036854775807", .integer(.max)),
        ("-9223372036854775808", .integer(.min)), ("9223372036854775808", 9223372036854775808.0),
        ("-0x8000000000000000", .integer(.min)), ("0xFFFFFFFFFFFFFFFF", 18446744073709551615.0),
        ("-0xFFFFFFFFFFFFFFFF", -18446744073709551615.0), ("0XaB", 171), ("2.0", 2.0), ("5.", 5.0),
        (".5e1", 5.0), ("1E+2", 100.0), ("1e400", .number(.infinity)), ("1e-400", 0.0),
        ("5e-324", .number(.leastNonzeroMagnitude)), 
        ("2.2250738585072011e-308", .number(Double(bitPattern: 0xF_FFFF_FFFF_FFFF))),
        ("9007199254740993.0", 9007199254740992.0),
        ("9007199254740993.00000000000000000000000000000001", 9007199254740994.0),
        ("+Infinity", .number(.infinity)), ("Infinity", .number(.infinity)),
    ])
    func readsNumber(text: String, expected: JSON) throws {
        #expect(try JSON.read(text) == expected)
    }

    @Test func readsNaNWithAnySign() throws {
        for text in ["NaN", "+NaN", "-NaN"] {
            #expect(try JSON.read(text).doubleValue?.isNaN == true)
        }
    }

    @Test func doublesReadBackAsTheyWere() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            #expect(try JSON.read(JSON.number(value).write()) == .number(value))
        }
    }

    @Test(arguments: [
        ("", "line 1, column 1: expected a value, received the end of the text"),
        ("{a 1}", "line 1, column 4: expected ':' after the key 'a', received '1'"),
        ("{a: 1\n b: 2}", "line 2, column 2: expected ',' or '}', received 'b'"),
        ("[1 2]", "line 1, column 4: expected ',' or ']', received '2'"),
        ("[,]", "line 1, column 2: expected a value, received ','"),
        ("{,}", "line 1, column 2: expected a key or '}', received ','"),
        ("{1a: 2}", "line 1, column 2: expected a key or '}', received '1a'"),
        ("{a: 1, a: 2}", "line 1, column 8: expected every key once, received 'a' again"),
        ("{\r\n ä: ?}", "line 2, column 5: expected a value, received '?'"),
        ("[1", "line 1, column 3: expected ',' or ']', received the end of the text"),
        ("1 2", "line 1, column 3: expected the end of the text, received '2'"),
        ("truex", "line 1, column 1: expected a value, received 'truex'"),
        ("01", "line 1, column 1: expected a number without a leading 0"),
        ("1e", "line 1, column 3: expected the digits of an exponent, received the end of the text"),
        ("0x", "line 1, column 3: expected a hexadecimal digit, received the end of the text"),
        ("3px", "line 1, column 2: expected the end of a number, received 'px'"),
        ("+", "line 1, column 2: expected a value, received the end of the text"),
        (".", "line 1, column 1: expected a value, received '.'"),
        ("'a\nb'", "line 1, column 1: expected the closing quote of this text in its line"),
        ("'a", "line 1, column 1: expected the closing quote of this text"),
        ("'\\", "line 1, column 3: expected an escaped character, received the end of the text"),
        ("'\\1'", "line 1, column 2: expected an escape, received a digit after '\\'"),
        ("'\\xg0'", "line 1, column 4: expected 2 hexadecimal digits, received 'g0'"),
        ("'\\ud800'", "line 1, column 2: expected a pair of surrogates, received one alone"),
        ("'\\udc00\\ud800'", "line 1, column 2: expected a pair of surrogates, received one alone"),
        ("/* a", "line 1, column 1: expected '*/' at the end of the comment"),
    ])
    func namesPlaceAndReason(text: String, expected: String) {
        #expect(message(text) == "JSON5, " + expected)
    }

    @Test(arguments: [
        [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
        [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xe2, 0x82], [0x2f, 0x2f, 0x80], [0x80],
    ] as [[UInt8]])
    func refusesInvalidUTF8(bytes: [UInt8]) {
        #expect(status(bytes) == .configuration)
    }

    @Test func keepsItsLimits() throws {
        let nested = { (depth: Int) in
            [UInt8](repeating: 0x5b, count: depth) + [UInt8](repeating: 0x5d, count: depth)
        }
        #expect(status(nested(64)) == nil)
        #expect(status(nested(65)) == .limit)
        #expect(status([UInt8](repeating: 0x5b, count: 1 << 20)) == .limit)
        #expect(status([UInt8](repeating: 0x20, count: 16 << 20 + 1)) == .limit)
        let count = 999_999
        let million = [0x5b] + Array(repeatElement([0x5b, 0x5d, 0x2c] as [UInt8], count: count).joined())
        #expect(status(million + [0x5d]) == nil)
        #expect(status(million + [0x31, 0x5d]) == .limit)
    }

    /// Whatever the bytes, the reader answers; what it accepts survives a round trip.
    @Test func mutatedTextNeverTraps() throws {
        let seed = Array(
            "{a: [1, -.5e3, 0xff, 'x\\u00e4\\ud83d\\ude00\\\n', true, null, NaN], \"ä\": {b: /* c */ +1.}, // d\n}"
                .utf8)
        let stream = RandomStream(seed: 1, purpose: .shuffle, call: 0, ordinal: 0, step: 0)
        var accepted = 0
        for round in 0..<30_000 {
            var bytes = seed
            for change in 0..<Int(stream.word(round * 16) % 3) + 1 {
                let place = Int(stream.word(round * 16 + 4 * change + 1)) % bytes.count
                let byte = UInt8(truncatingIfNeeded: stream.word(round * 16 + 4 * change + 2))
                switch stream.word(round * 16 + 4 * change + 3) % 3 {
                case 0: bytes[place] = byte
                case 1: bytes.remove(at: place)
                default: bytes.insert(seed[Int(byte) % seed.count], at: place)
                }
            }
            guard let value = try? JSON.read(bytes) else { continue }
            accepted += 1
            #expect(try JSON.read(value.write()).means(value))
        }
        #expect(accepted > 1000)
    }
}
