import SNNCore
import SNNGraph

/// y = x * scale + offset, each a number or one for each channel (Keras's `Rescaling`).
final class Rescaling: Layer {
    let className = "Rescaling"
    private let scale: [Float]
    private let offset: [Float]
    let configuration: [JSON.Member]

    init(_ options: inout Configuration) throws(SNNError) {
        guard options.has("scale") else {
            throw options.failure("'scale' is required, a number or a list of them, but missing")
        }
        let scale = options.json("scale") ?? .null
        let offset = options.json("offset") ?? .number(0)
        self.scale = try options.constants("scale", scale)
        self.offset = try options.constants("offset", offset)
        configuration = [.init("scale", scale), .init("offset", offset)]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs)
        for count in [scale.count, offset.count] where count != 1 && count != input.last {
            throw SNNError(
                .shape,
                "'scale' or 'offset' has \(count) numbers, expected one or one for each of the "
                    + "\(input.last) channels, received \(input.batchText)")
        }
        return [input]
    }

    func operation(for call: LayerCall) -> any Operation {
        let input = call.inputs[0]
        var kept: [Int] = []
        if scale.count > 1 || offset.count > 1 { kept.append(input.rank - 1) }
        return AffineOperation(
            Period(input.keeping(kept), in: input),
            .values(mean: [0], scale: scale, shift: offset))
    }
}

extension Configuration {
    /// A number, or lists of them to any depth, also in Keras's wrapping of an array of numpy's; in
    /// their order.
    @inline(never)
    func constants(_ key: String, _ json: JSON) throws(SNNError) -> [Float] {
        var values: [Float] = []
        let value = json["config"]?["value"] ?? json
        guard Configuration.collect(value, &values), !values.isEmpty else {
            throw mismatch(key, "a finite number or a list of them", json)
        }
        return values
    }

    private static func collect(_ json: JSON, _ values: inout [Float]) -> Bool {
        if let elements = json.elements {
            for element in elements where !collect(element, &values) { return false }
            return true
        }
        guard let value = json.doubleValue, Float(value).isFinite else { return false }
        values.append(Float(value))
        return true
    }
}
