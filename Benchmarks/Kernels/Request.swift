/// A line "verb key=value key=value ...".
struct Request {
    let verb: String
    private let values: [Substring: Substring]

    init(_ line: String) {
        let words = line.split(separator: " ")
        verb = words.first.map(String.init) ?? ""
        var values: [Substring: Substring] = [:]
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        self.values = values
    }

    func text(_ key: String) -> Substring { values[key[...]] ?? "" }

    func number(_ key: String) -> Double? { Double(text(key)) }

    func count(_ key: String) -> Int? { Int(text(key)).flatMap { $0 > 0 ? $0 : nil } }
}
