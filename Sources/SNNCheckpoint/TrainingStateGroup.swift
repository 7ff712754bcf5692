import CSystem
import SNNCore
import SNNGraph

/// Training state in a file: `/swiftnn/training`.
///
/// An entry "a/b" is the object a/b: an int64 scalar, a float64 scalar, float64 numbers [n], or
/// float32 values (in the shape of the variable that their name ends with). Texts are attributes
/// of the group, which `text_names` lists. All bits are kept. Objects of other types are ignored.
enum TrainingStateGroup {
    private static let path = OwnGroup.path + "/training"
    private static let textNames = "text_names"
    private static let maximumDepth = 8
    private static let maximumNumbers = 1 << 20

    static func write(
        _ state: StateDictionary, of graph: Graph, with writer: HDF5Writer
    ) throws(SNNError) {
        try writer.createGroup(path)
        var texts: [String] = []
        for entry in state.entries {
            let place = path + "/" + entry.name
            switch entry.value {
            case .integer(let value): try writer.writeIntegers([value], shape: [], at: place)
            case .number(let value): try writer.writeDoubles([value], shape: [], at: place)
            case .numbers(let values):
                guard values.count <= maximumNumbers else { throw tooLarge(entry.name) }
                try writer.writeDoubles(values, shape: [values.count], at: place)
            case .text(let text):
                guard text.utf8.count <= FileLimits.textBytes else { throw tooLarge(entry.name) }
                try writer.setString(text, attribute: entry.name, at: path)
                texts.append(entry.name)
            case .floats(let values):
                try writer.writeFloats(
                    values.pointer, shape: shape(of: values, named: entry.name, in: graph),
                    at: place)
            }
        }
        try writer.setStringList(texts, attribute: textNames, at: path)
    }

    /// nil when the file holds none.
    static func read(_ file: HDF5Reader) throws(SNNError) -> StateDictionary? {
        guard try file.exists(path) else { return nil }
        var state = StateDictionary()
        for name in try file.stringList(attribute: textNames, at: path) ?? [] {
            guard let text = try file.string(attribute: name, at: path) else {
                throw SNNError(
                    .format, "'\(path)': expected the attribute '\(PlainText.text(name))'")
            }
            state.set(name, .text(text))
        }
        var walk = Walk(file: file, state: state)
        try walk.read(group: path, prefix: "", depth: 0)
        return walk.state
    }

    private static func tooLarge(_ name: String) -> SNNError {
        SNNError(.limit, "training state: '\(name)' is too large for a file")
    }

    /// That of the variable that a name such as "slots/m/dense/kernel" ends with.
    private static func shape(
        of values: StateDictionary.FloatValues, named name: String, in graph: Graph
    ) -> [Int] {
        let parts = name.utf8.split(separator: UInt8(ascii: "/"))
        if parts.count >= 2 {
            let variable = parts.suffix(2).map { String(decoding: $0, as: UTF8.self) }
                .joined(separator: "/")
            if let index = graph.variable(named: variable) {
                let shape = graph.variables[index].shape
                if shape.count == values.count { return shape.extents }
            }
        }
        return [values.count]
    }

    private struct Walk {
        let file: HDF5Reader
        var state: StateDictionary
        private var visited = 0

        init(file: HDF5Reader, state: StateDictionary) {
            self.file = file
            self.state = state
        }

        /// Hard links can make groups contain each other, so both depth and number are bounded.
        mutating func read(group: String, prefix: String, depth: Int) throws(SNNError) {
            for child in try file.children(of: group) {
                visited += 1
                guard visited <= FileLimits.listCount, depth < maximumDepth else {
                    throw SNNError(
                        .limit, "'\(path)': expected at most \(FileLimits.listCount) values")
                }
                let place = group + "/" + child
                let name = prefix + child
                if try file.isGroup(place) {
                    try read(group: place, prefix: name + "/", depth: depth + 1)
                } else if let value = try value(at: place) {
                    state.set(name, value)
                }
            }
        }

        private func value(at place: String) throws(SNNError) -> StateDictionary.Value? {
            let description = try file.describe(place)
            let shape = description.shape
            switch (description.elementClass, description.elementBytes, shape.count) {
            case (.integer, 8, 0):
                return .integer(try file.readInteger(place))
            case (.float, 8, 0):
                var number = 0.0
                try file.readDoubles(place, into: &number, shape: [])
                return .number(number)
            case (.float, 8, 1):
                guard shape[0] <= maximumNumbers else {
                    throw SNNError(
                        .limit, "'\(PlainText.text(place))': expected at most \(maximumNumbers) numbers")
                }
                var numbers = [Double](repeating: 0, count: shape[0])
                try file.readDoubles(place, into: &numbers, shape: shape)
                return .numbers(numbers)
            case (.float, 4, _):
                let count = try DatasetGuard.product(shape, 1)
                let values = try Buffer<Float>(count: count)
                try file.readFloats(place, into: values.pointer, shape: shape)
                return .floats(.init(values))
            default: return nil
            }
        }
    }
}
