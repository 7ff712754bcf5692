import SNNCore
import SNNGraph

/// The table that a model's summary shows, in the columns of Keras.
struct SummaryTable {
    private let title: String
    private let rows: [[String]]
    private let totals: [String]

    init(_ graph: Graph, name: String) {
        title = "Model: \"\(name)\""
        let header = ["Layer (type)", "Output Shape", "Param #"]
        // Who comes before is told where a layer does not simply follow the one above.
        let isBranched = graph.calls.contains { $0.inputs.count > 1 } || graph.inputs.count > 1
        rows =
            [isBranched ? header + ["Connected to"] : header]
            + graph.nodes.map { SummaryTable.row($0, graph, isBranched: isBranched) }
        let (total, trainable) = Model.parameterCount(graph)
        totals = [
            "Total params: \(SummaryTable.grouped(total))",
            "Trainable params: \(SummaryTable.grouped(trainable))",
            "Non-trainable params: \(SummaryTable.grouped(total - trainable))",
        ]
    }

    var text: String {
        let widths = rows[0].indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        let line = widths.reduce("+") { $0 + String(repeating: "-", count: $1 + 2) + "+" }
        var lines = [title, line]
        for (index, row) in rows.enumerated() {
            var text = "|"
            for (cell, width) in zip(row, widths) {
                text += " " + cell + String(repeating: " ", count: width - cell.count) + " |"
            }
            lines.append(text)
            if index == 0 { lines.append(line) }
        }
        lines.append(line)
        return (lines + totals).joined(separator: "\n") + "\n"
    }

    private static func row(_ node: Node, _ graph: Graph, isBranched: Bool) -> [String] {
        let calls = node.calls.map { graph.calls[$0] }
        let output = graph.tensors[calls[0].outputs[0]].shape
        let count = node.variables.reduce(0) { $0 + graph.variables[$1].shape.count }
        let row = ["\(node.name) (\(node.layer.className))", output.batchText, grouped(count)]
        guard isBranched else { return row }
        let sources = calls.flatMap { $0.inputs }.map { graph.name(ofTensor: $0) }
        return row + [sources.isEmpty ? "-" : sources.joined(separator: ", ")]
    }

    /// 1234567 is "1,234,567".
    private static func grouped(_ count: Int) -> String {
        let digits = Array(String(count).utf8)
        var text: [UInt8] = []
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(UInt8(ascii: ",")) }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
