/// The name among `names` that was probably meant by `name`; nil when none is near.
///
/// Near is an edit distance (insertions, deletions, replacements and swaps of neighbours, in
/// bytes, the case of ASCII letters ignored) of at most a third of the length. Of equally near
/// ones the first wins.
package func nearestName(to name: String, among names: [String]) -> String? {
    let wanted = foldedBytes(name)
    // The cost is the product of the lengths; no name of ours is as long.
    guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
    var best: String?
    var bestDistance = max(1, wanted.count / 3) + 1
    for candidate in names where candidate.utf8.count <= 64 {
        let distance = editDistance(wanted, foldedBytes(candidate))
        if distance < bestDistance && distance < candidate.utf8.count {
            best = candidate
            bestDistance = distance
        }
    }
    return best
}

/// "; did you mean 'name'?", or nothing where none is near.
package func nearHint(to name: String, among names: [String]) -> String {
    nearestName(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
}

/// "unknown optimizer 'adm'; did you mean 'Adam'?", or what there is where none is near.
///
/// - Parameters:
///   - shown: what there is, where `names` has aliases too.
///   - others: what there is beside them, in words.
package func unknownName(
    _ kind: String, _ name: String, among names: [String], shown: [String]? = nil,
    and others: String? = nil
) -> String {
    let near = nearHint(to: name, among: names)
    let known =
        (shown ?? names).map { "'\($0)'" }.joined(separator: ", ")
        + (others.map { " and " + $0 } ?? "")
    return "unknown \(kind) \(JSON.string(name).shortText)"
        + (near.isEmpty ? "; known are \(known)" : near)
}

private func foldedBytes(_ name: String) -> [UInt8] {
    name.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
}

/// The optimal string alignment distance, row by row.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    var row = last
    for i in left.indices {
        row[0] = i + 1
        for j in right.indices {
            let replaced = last[j] + (left[i] == right[j] ? 0 : 1)
            row[j + 1] = min(replaced, last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1)
            }
        }
        (beforeLast, last, row) = (last, row, beforeLast)
    }
    return last[right.count]
}
