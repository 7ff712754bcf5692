import SNNCore

/// Writes a row of each epoch's values to a text file: Keras's `CSVLogger`, with the dialect of
/// Python's `csv.excel`: lines end with CR LF, fields that hold the separator are quoted.
final class CSVLogger: TrainingCallback {
    let className = "CSVLogger"
    private let path: String
    private let separator: String
    private let appends: Bool
    private var writesHeader = true
    /// Those of the first epoch, and "val_" ones where it has none, as in Keras.
    private var keys: [String] = []
    /// Bytes of the file: what comes after them was written by a run that was killed.
    private var length = 0

    init(_ options: inout Configuration) throws(SNNError) {
        path = try options.string("filename")
        separator = try options.string("separator", default: ",")
        appends = try options.bool("append", default: false)
        guard separator.unicodeScalars.count == 1, !["\"", "\r", "\n"].contains(separator) else {
            throw options.failure(
                "'separator' must be one character, received \(JSON.string(separator).shortText)")
        }
    }

    var state: JSON {
        .object(
            ("keys", .array(keys.map { .string($0) })), ("length", .integer(Int64(length))),
            ("header", .bool(writesHeader)))
    }

    func restore(_ state: JSON) throws(SNNError) {
        keys = (state["keys"]?.elements ?? []).compactMap { $0.text }
        length = state.count("length")
        writesHeader = state["header"]?.boolValue ?? true
    }

    func check(_ fit: FitMoment) throws(SNNError) {
        _ = try fit.requireFiles("callback '\(className)'")
    }

    func begin(_ fit: FitMoment) throws(SNNError) {
        let files = try fit.requireFiles(className)
        if appends, let old = try files.length(of: path) {
            length = old
            writesHeader = old == 0
        }
        length = try files.write("", to: path, at: length)
    }

    func epochEnd(_ fit: FitMoment, epoch: Int) throws(SNNError) {
        var text = ""
        if keys.isEmpty {
            keys = inByteOrder(fit.logged)
            if !keys.contains(where: { $0.utf8.starts(with: "val_".utf8) }) {
                keys += keys.map { "val_" + $0 }
            }
            if writesHeader { text = row(["epoch"] + keys) }
        }
        text += row(
            [String(epoch)] + keys.map { CSVLogger.text(fit.values($0)) })
        length = try fit.requireFiles(className).write(text, to: path, at: length)
    }

    private func row(_ fields: [String]) -> String {
        fields.map { quoted($0) }.joined(separator: separator) + "\r\n"
    }

    private func quoted(_ field: String) -> String {
        let isPlain = field.unicodeScalars.allSatisfy { scalar in
            scalar != "\"" && scalar != "\r" && scalar != "\n"
                && scalar != separator.unicodeScalars.first
        }
        guard !isPlain else { return field }
        var text = "\""
        for scalar in field.unicodeScalars {
            if scalar == "\"" { text += "\"" }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }

    /// Several numbers as a list, in the quotation marks that Keras puts around it.
    private static func text(_ values: [Double]) -> String {
        guard values.count > 1 else { return values.first.map { text($0) } ?? "NA" }
        return "\"[\(values.map { text($0) }.joined(separator: ", "))]\""
    }

    /// As Python prints a float.
    private static func text(_ value: Double) -> String {
        value.isNaN ? "nan" : value.isInfinite ? (value < 0 ? "-inf" : "inf") : value.description
    }
}
