import SNNCore
import Testing

struct ConfigurationTests {
    private func error(
        _ text: String?, _ body: (inout Configuration) throws(SNNError) -> Void
    ) -> SNNError? {
        do throws(SNNError) {
            var options = try Configuration(text: text, of: "Dense 'stem'")
            try body(&options)
            return nil
        } catch {
            return error
        }
    }

    @Test func givesValuesAndDefaults() throws {
        var options = try Configuration(
            text: "{units: 3.0, rate: 1, bias: false, name: 'x', size: 3, sizes: [1, 2], none: null}",
            of: "test")
        #expect(try options.integer("units", in: 1...10) == 3)
        #expect(try options.number("rate") == 1)
        #expect(try options.bool("bias", default: true) == false)
        #expect(try options.string("name", default: "y") == "x")
        #expect(try options.integers("size", count: 2...2, in: 1...9) == [3])
        #expect(try options.integers("sizes", count: 2...2, in: 1...9) == [1, 2])
        #expect(try options.optionalInteger("none", in: 0...1) == nil)
        #expect(try options.optionalNumber("absent") == nil)
        #expect(try options.optionalBool("absent") == nil)
        #expect(try options.optionalString("absent") == nil)
        #expect(try options.optionalIntegers("absent", count: 1...1, in: 0...1) == nil)
        #expect(try options.integer("absent", default: 7, in: 0...9) == 7)
        #expect(try options.choice("padding", default: "valid", among: ["valid", "same"]) == "valid")
        #expect(options.json("absent") == nil)
        try options.finish()
    }

    @Test func noOptionsAreNullOrBlank() throws {
        for text in [nil, "", " \n\t", "null", "{}"] { try Configuration(text: text, of: "x").finish() }
    }

    @Test(arguments: [
        ("[1]", "Dense 'stem': expected an object of options, received [1]"),
        ("{", "Dense 'stem': JSON5, line 1, column 2: expected a key or '}', received the end of the text"),
        ("{}", "Dense 'stem': 'units' is required, an integer from 1 to 2147483647, but missing"),
        (
            "{unit: 3}",
            "Dense 'stem': 'units' is required, an integer from 1 to 2147483647, but missing; there is 'unit'"
        ),
        ("{units: -3}", "Dense 'stem': 'units' must be an integer from 1 to 2147483647, received -3"),
        ("{units: 2.5}", "Dense 'stem': 'units' must be an integer from 1 to 2147483647, received 2.5"),
        ("{units: 1e99}", "Dense 'stem': 'units' must be an integer from 1 to 2147483647, received 1e+99"),
        ("{units: null}", "Dense 'stem': 'units' must be an integer from 1 to 2147483647, received null"),
        ("{units: 1, unitz: 2}", "Dense 'stem': unknown key 'unitz'; did you mean 'units'?"),
        ("{units: 1, qqqqq: 2}", "Dense 'stem': unknown key 'qqqqq'; known are 'units', 'dtype'"),
    ])
    func namesOwnerKeyExpectedAndReceived(text: String, expected: String) {
        let error = error(text) { (options) throws(SNNError) in
            _ = try options.integer("units", in: 1...2_147_483_647)
            options.ignore("dtype")
            try options.finish()
        }
        #expect(error?.message == expected)
        #expect(error?.status == .configuration)
    }

    @Test(arguments: [
        ("NaN", ClosedRange<Double>.finite, "a finite number"),
        ("Infinity", .finite, "a finite number"),
        ("-1", .nonNegative, "a finite number of at least 0"),
        ("0", .positive, "a finite number greater than 0"),
        ("-0.5", 0...0.5, "a number from 0 to 0.5"),
        ("NaN", 0...Double.infinity, "a number of at least 0"),
        ("'1'", .finite, "a finite number"),
    ])
    func refusesNumbersOutsideTheRange(text: String, range: ClosedRange<Double>, expected: String) {
        let error = error("{rate: \(text)}") { (options) throws(SNNError) in
            _ = try options.number("rate", in: range)
        }
        #expect(error?.message.hasPrefix("Dense 'stem': 'rate' must be \(expected), received ") == true)
    }

    @Test func anInfinityIsTakenWhereTheRangeEndsThere() throws {
        var options = try Configuration(text: "{rate: Infinity}", of: "x")
        #expect(try options.number("rate", in: 0...Double.infinity) == .infinity)
    }

    @Test func refusesListsOfAnotherLengthOrContent() {
        for text in ["[1]", "[1, 2, 3]", "[1, 'x']", "[0, 1]", "0", "{}", "[[1], 2]"] {
            let error = error("{size: \(text)}") { (options) throws(SNNError) in
                _ = try options.integers("size", count: 2...2, in: 1...9)
            }
            #expect(
                error?.message.hasPrefix(
                    "Dense 'stem': 'size' must be an integer from 1 to 9 or a list of 2 of them")
                    == true)
        }
    }

    @Test func refusesAnythingButTheNeutralValue() {
        func refusal(_ text: String) -> SNNError? {
            error(text) { (options) throws(SNNError) in
                try options.refuse("groups", unless: [1, .null], because: "it is not built yet")
                try options.finish()
            }
        }
        for text in ["{}", "{groups: 1}", "{groups: 1.0}", "{groups: null}"] {
            #expect(refusal(text) == nil)
        }
        #expect(
            refusal("{groups: 2}")?.message
                == "Dense 'stem': 'groups' must be 1 or null, received 2: it is not built yet")
        #expect(refusal("{groups: 2}")?.status == .unsupported)
    }

    @Test func findsTheNearestName() {
        let names = ["Dense", "Conv2D", "Conv2DTranspose", "relu", "selu", "elu"]
        #expect(nearestName(to: "dense", among: names) == "Dense")
        #expect(nearestName(to: "Desne", among: names) == "Dense")
        #expect(nearestName(to: "Conv2", among: names) == "Conv2D")
        #expect(nearestName(to: "rleu", among: names) == "relu")
        #expect(nearestName(to: "Banana", among: names) == nil)
        #expect(nearestName(to: "", among: names) == nil)
        #expect(nearestName(to: String(repeating: "a", count: 10_000), among: names) == nil)
    }
}
