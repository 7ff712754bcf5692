import SNNCore

/// The `seed` of a random initializer.
///
/// Null, the default, takes the model's seed. An integer takes its place for the initializer's
/// variables, which still differ from layer to layer. Keras's `SeedGenerator` object counts as the
/// integer in it and is written back as it came.
struct InitializerSeed: Sendable {
    private let value: Int?
    /// As in the configuration.
    let json: JSON

    static let ofModel = InitializerSeed(value: nil, json: .null)

    private init(value: Int?, json: JSON) {
        self.value = value
        self.json = json
    }

    init(_ configuration: inout Configuration) throws(SNNError) {
        let json = configuration.json("seed") ?? .null
        let isGenerator = json["class_name"]?.text == "SeedGenerator"
        let seed = isGenerator ? json["config"]?["seed"] ?? .null : json
        guard seed.isNull || seed.integerValue != nil else {
            throw configuration.mismatch("seed", "an integer or null", json)
        }
        self.init(value: seed.integerValue, json: json)
    }

    /// The member with which the configuration of every random initializer begins.
    var member: JSON.Member { JSON.Member("seed", json) }

    /// `random`, or its like of the seed that was given.
    func stream(for random: RandomStream) -> RandomStream {
        guard let value else { return random }
        let words = random.counterWords
        return RandomStream(
            seed: UInt64(bitPattern: Int64(value)), purpose: .initialization,
            call: Int(words.c1 & 0xFF_FFFF), ordinal: Int(words.c2), step: Int64(words.c3))
    }
}
