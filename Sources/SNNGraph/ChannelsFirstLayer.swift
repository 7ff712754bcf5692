import SNNCore

extension LayerKind {
    /// A row for a layer over images or sequences, which knows data of channels last alone. Reads
    /// `data_format` in its place and moves the channels where they are first: null (Keras's
    /// default) is "channels_last".
    package static func spatial(
        _ className: String,
        make: @escaping @Sendable (inout Configuration) throws(SNNError) -> any Layer
    ) -> LayerKind {
        LayerKind(className) { (options) throws(SNNError) in
            let format = options.json("data_format") ?? .null
            return try layer(make(&options), format, options)
        }
    }

    @inline(never)
    private static func layer(
        _ layer: any Layer, _ format: JSON, _ options: Configuration
    ) throws(SNNError) -> any Layer {
        if format.text == "channels_first" { return ChannelsFirstLayer(layer) }
        guard format.isNull || format.text == "channels_last" else {
            throw options.mismatch("data_format", "'channels_last' or 'channels_first'", format)
        }
        return layer
    }
}

/// A layer with `data_format: "channels_first"`: its inputs are transposed to channels last, what it
/// wraps computes, and outputs are transposed back. An output without places, of channels alone, is
/// as it is.
final class ChannelsFirstLayer: Layer {
    private let base: any Layer

    init(_ base: any Layer) {
        self.base = base
    }

    var className: String { base.className }
    var knowsTrainable: Bool { base.knowsTrainable }
    var unknownToKeras: [String] { base.unknownToKeras }

    var configuration: [JSON.Member] {
        let format = JSON.Member("data_format", "channels_first")
        let members = base.configuration
        guard members.contains(where: { $0.name == format.name }) else { return members + [format] }
        return members.map { $0.name == format.name ? format : $0 }
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        do throws(SNNError) {
            return try Shape.rotated(
                base.outputShapes(for: Shape.rotated(inputs, by: 1)), by: -1)
        } catch {
            throw explained(error)
        }
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        do throws(SNNError) {
            return try base.variables(for: Shape.rotated(inputs, by: 1))
        } catch {
            throw explained(error)
        }
    }

    func operation(for call: LayerCall) -> any Operation {
        ChannelsFirstOperation(
            base.operation(
                for: LayerCall(
                    mode: call.mode, inputs: Shape.rotated(call.inputs, by: 1),
                    outputs: Shape.rotated(call.outputs, by: 1), isTrainable: call.isTrainable,
                    ordinal: call.ordinal, index: call.index)),
            on: call)
    }

    private func explained(_ error: SNNError) -> SNNError {
        SNNError(
            error.status,
            error.message + " (shapes are said with the channels moved to the end)")
    }
}

extension Shape {
    /// The first axis behind the others for 1: (3, 8, 6) becomes (8, 6, 3); and back for -1.
    @inline(never)
    fileprivate static func rotated(_ shapes: [Shape], by places: Int) -> [Shape] {
        shapes.map { $0.permuted(rotation($0.rank, by: places)) }
    }

    @inline(never)
    static func rotation(_ rank: Int, by places: Int) -> [Int] {
        (0 ..< rank).map { ($0 + rank + places) % rank }
    }
}
