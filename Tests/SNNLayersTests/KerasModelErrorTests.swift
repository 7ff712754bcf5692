import SNNCore
import SNNGraph
import SNNLayers
import SNNTestSupport
import Testing

/// Model JSON that is not sound: each kind of fault has its status and names its place, and none
/// ends the process.
@Suite struct KerasModelErrorTests {
    /// A functional model of x -> d with these members of `config`, or others for them.
    private static func functional(
        layers: String = """
            {class_name: 'InputLayer', name: 'x', config: {name: 'x', batch_shape: [null, 3]},
              inbound_nodes: []},
            {class_name: 'Dense', name: 'd', config: {name: 'd', units: 2},
              inbound_nodes: [[['x', 0, 0, {}]]]}
            """,
        inputs: String = "[['x', 0, 0]]", outputs: String = "[['d', 0, 0]]"
    ) -> String {
        """
        {class_name: 'Functional', config: {name: 'm', layers: [\(layers)],
          input_layers: \(inputs), output_layers: \(outputs)}}
        """
    }

    private static func withLayer(_ layer: String, outputs: String = "[['d', 0, 0]]") -> String {
        functional(
            layers: """
                {class_name: 'InputLayer', name: 'x', config: {name: 'x', shape: [3]},
                  inbound_nodes: []}, \(layer)
                """, outputs: outputs)
    }

    private static func sequential(_ layer: String) -> String {
        """
        {class_name: 'Sequential', config: {name: 'm', layers: [
          {class_name: 'InputLayer', config: {name: 'x', shape: [2, 3]}}, \(layer)]}}
        """
    }

    private static func dense(_ config: String, inbound: String = "[[['x', 0, 0, {}]]]") -> String {
        withLayer("{class_name: 'Dense', name: 'd', config: \(config), inbound_nodes: \(inbound)}")
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let json: String
        let status: Status
        let part: String
        var testDescription: String { part + " in " + json.prefix(60) }

        init(_ json: String, _ status: Status, _ part: String) {
            self.json = json
            self.status = status
            self.part = part
        }
    }

    static let faults: [Fault] = [
        // The model.
        Fault("null", .configuration, "class_name"),
        Fault("[]", .configuration, "class_name"),
        Fault("'Sequential'", .configuration, "class_name"),
        Fault("{class_name: 'Sequential'}", .configuration, "class_name"),
        Fault("{class_name: 7, config: {}}", .configuration, "class_name"),
        Fault("{class_name: 'Sequential', config: {}}", .configuration, "'layers'"),
        Fault("{class_name: 'Sequential', config: {layers: 3}}", .configuration, "'layers'"),
        Fault("{class_name: 'Sequential', config: {layers: [4]}}", .configuration, "a layer's"),
        Fault("{class_name: 'Mine', config: {}}", .unsupported, "'Mine'"),
        Fault(
            "{class_name: 'Functional', config: {layers: 1, input_layers: []}}", .configuration,
            "'layers'"),
        Fault(
            "{class_name: 'Sequential', config: {layers: [{class_name: 'Dense', config: {units: 1}}]}}",
            .unsupported, "shape of its input"),
        // Layers.
        Fault(sequential("{class_name: 'Dens', config: {units: 2}}"), .configuration, "'Dense'"),
        Fault(sequential("{class_name: 'LSTM', config: {units: 2}}"), .unsupported, "'LSTM'"),
        Fault(sequential("{config: {}}"), .configuration, "class_name"),
        Fault(sequential("{class_name: 'Dense'}"), .configuration, "units"),
        Fault(sequential("{class_name: 'Dense', config: 3}"), .configuration, "Dense"),
        Fault(sequential("{class_name: 'Dense', config: {unit: 3}}"), .configuration, "units"),
        Fault(
            sequential("{class_name: 'Dense', config: {units: 3, use_bais: true}}"), .configuration,
            "'use_bias'"),
        Fault(sequential("{class_name: 'Dense', config: {units: '3'}}"), .configuration, "units"),
        Fault(sequential("{class_name: 'Dense', config: {units: 2.5}}"), .configuration, "units"),
        Fault(sequential("{class_name: 'Dense', config: {units: 0}}"), .configuration, "units"),
        Fault(sequential("{class_name: 'Dense', config: {units: 1e300}}"), .configuration, "units"),
        Fault(
            sequential("{class_name: 'Dense', config: {units: 1, activation: 'rleu'}}"),
            .configuration, "'relu'"),
        Fault(
            sequential("{class_name: 'Dense', config: {units: 1, activation: {a: 1}}}"),
            .configuration, "activation"),
        Fault(
            sequential("{class_name: 'Dense', config: {units: 1, kernel_initializer: 'glorot'}}"),
            .configuration, "kernel_initializer"),
        Fault(
            sequential(
                "{class_name: 'Dense', config: {units: 1, kernel_regularizer: {class_name: 'L3'}}}"),
            .configuration, "kernel_regularizer"),
        Fault(
            sequential(
                """
                {class_name: 'Dense', config: {units: 1, bias_regularizer: 'orthogonal_regularizer'}}
                """), .shape, "a matrix"),
        Fault(
            sequential(
                """
                {class_name: 'Dense', config: {units: 1, kernel_regularizer:
                 {class_name: 'OrthogonalRegularizer', config: {mode: 'columns'}}}}
                """), .shape, "at least 2 columns"),
        Fault(
            sequential(
                """
                {class_name: 'Dense', config: {units: 1, bias_constraint:
                 {class_name: 'MaxNorm', config: {axis: 1}}}}
                """), .configuration, "'bias': MaxNorm: 'axis'"),
        Fault(
            sequential(
                "{class_name: 'Flatten', config: {activity_regularizer: {class_name: 'L'}}}"),
            .configuration, "'activity_regularizer'"),
        Fault(
            sequential(
                "{class_name: 'ActivityRegularization', config: {activity_regularizer: 'l2'}}"),
            .configuration, "activity_regularizer"),
        Fault(
            sequential("{class_name: 'ActivityRegularization', config: {l1: -1}}"),
            .configuration, "'l1'"),
        Fault(
            sequential("{class_name: 'GaussianNoise', config: {stddev: 2}}"), .configuration,
            "'stddev'"),
        Fault(
            sequential("{class_name: 'GaussianDropout', config: {rate: 1}}"), .configuration,
            "'rate'"),
        Fault(
            sequential("{class_name: 'AlphaDropout', config: {rate: 1}}"), .configuration,
            "'rate'"),
        Fault(
            sequential("{class_name: 'Dropout', config: {rate: 0.5, noise_shape: [null, 0]}}"),
            .configuration, "'noise_shape'"),
        Fault(
            sequential("{class_name: 'Dropout', config: {rate: 0.5, noise_shape: 1}}"),
            .configuration, "'noise_shape'"),
        Fault(
            sequential("{class_name: 'Dropout', config: {rate: 0.5, noise_shape: [null]}}"),
            .shape, "'noise_shape'"),
        Fault(
            sequential("{class_name: 'Dropout', config: {rate: 0.5, noise_shape: [32, 1, 1]}}"),
            .unsupported, "'noise_shape'"),
        Fault(
            sequential("{class_name: 'Dropout', config: {rate: 0.5, noise_shape: [1, 77, 1]}}"),
            .shape, "77"),
        Fault(
            sequential("{class_name: 'SpatialDropout3D', config: {rate: 0.5}}"), .shape, "5 axes"),
        Fault(
            sequential(
                """
                {class_name: 'SpatialDropout2D', config: {rate: 0.5, data_format: 'channels_middle'}}
                """), .configuration, "'data_format'"),
        Fault(sequential("{class_name: 'RepeatVector', config: {n: 0}}"), .configuration, "'n'"),
        Fault(sequential("{class_name: 'RepeatVector', config: {n: 2}}"), .shape, "2 axes"),
        Fault(
            sequential("{class_name: 'ZeroPadding1D', config: {padding: [1, 2, 3]}}"),
            .configuration, "'padding'"),
        Fault(
            sequential("{class_name: 'ZeroPadding1D', config: {padding: [[1, 2]]}}"),
            .configuration, "'padding'"),
        Fault(
            sequential("{class_name: 'ZeroPadding1D', config: {padding: -1}}"), .configuration,
            "'padding'"),
        Fault(
            sequential("{class_name: 'ZeroPadding1D', config: {padding: 1099511627776}}"), .limit,
            "numbers"),
        Fault(
            sequential("{class_name: 'ZeroPadding2D', config: {padding: [1]}}"), .configuration,
            "'padding'"),
        Fault(
            sequential("{class_name: 'ZeroPadding2D', config: {padding: [[1, 2], [1, -2]]}}"),
            .configuration, "'padding'"),
        Fault(sequential("{class_name: 'ZeroPadding2D', config: {}}"), .shape, "4 axes"),
        Fault(
            sequential("{class_name: 'Cropping1D', config: {cropping: [1, 1]}}"), .shape,
            "leave at least 1"),
        Fault(
            sequential("{class_name: 'Cropping1D', config: {data_format: 'channels_first'}}"),
            .configuration, "'data_format'"),
        Fault(
            sequential("{class_name: 'UpSampling1D', config: {size: 0}}"), .configuration, "'size'"),
        Fault(
            sequential("{class_name: 'UpSampling1D', config: {size: 1099511627776}}"), .limit,
            "numbers"),
        Fault(
            sequential("{class_name: 'UpSampling2D', config: {interpolation: 'bicubic'}}"),
            .unsupported, "bicubic"),
        Fault(
            sequential("{class_name: 'UpSampling2D', config: {interpolation: 'x'}}"),
            .configuration, "'interpolation'"),
        Fault(sequential("{class_name: 'UpSampling2D', config: {size: 2}}"), .shape, "4 axes"),
        Fault(sequential("{class_name: 'Rescaling', config: {}}"), .configuration, "'scale'"),
        Fault(
            sequential("{class_name: 'Rescaling', config: {scale: 'x'}}"), .configuration, "'scale'"),
        Fault(
            sequential("{class_name: 'Rescaling', config: {scale: [1, 1e300]}}"), .configuration,
            "'scale'"),
        Fault(
            sequential("{class_name: 'Rescaling', config: {scale: []}}"), .configuration, "'scale'"),
        Fault(
            sequential("{class_name: 'Rescaling', config: {scale: [1, 2, 3, 4]}}"), .shape, "4"),
        Fault(
            sequential("{class_name: 'PReLU', config: {shared_axes: [3]}}"), .shape,
            "'shared_axes'"),
        Fault(
            sequential("{class_name: 'PReLU', config: {shared_axes: 0}}"), .configuration,
            "'shared_axes'"),
        Fault(sequential("{class_name: 'Normalization', config: {axis: 0}}"), .shape, "'axis'"),
        Fault(sequential("{class_name: 'Normalization', config: {axis: [1, 1]}}"), .shape, "once"),
        Fault(
            sequential("{class_name: 'Normalization', config: {mean: 1}}"), .configuration, "both"),
        Fault(
            sequential("{class_name: 'Normalization', config: {mean: [1], variance: [1, 2]}}"),
            .configuration, "one size"),
        Fault(
            sequential("{class_name: 'Normalization', config: {mean: 1, variance: -1}}"),
            .configuration, "'variance'"),
        Fault(
            sequential(
                """
                {class_name: 'Normalization', config: {mean: [1, 2, 3, 4, 5],
                                                       variance: [1, 2, 3, 4, 5]}}
                """), .shape, "5 numbers"),
        Fault(sequential("{class_name: 'Dot', config: {axes: 1}}"), .shape, "two inputs"),
        Fault(sequential("{class_name: 'Dot', config: {}}"), .configuration, "'axes'"),
        Fault(sequential("{class_name: 'Dot', config: {axes: [1]}}"), .configuration, "'axes'"),
        Fault(sequential("{class_name: 'Subtract', config: {}}"), .shape, "two inputs"),
        Fault(sequential("{class_name: 'Permute', config: {dims: [2, 2]}}"), .configuration, "'dims'"),
        Fault(sequential("{class_name: 'Permute', config: {dims: [1, 3]}}"), .configuration, "'dims'"),
        Fault(sequential("{class_name: 'Permute', config: {dims: 0}}"), .configuration, "'dims'"),
        Fault(sequential("{class_name: 'Permute', config: {dims: [3, 1, 2]}}"), .shape, "4 axes"),
        Fault(
            sequential("{class_name: 'Dense', config: {units: 1, dtype: 'float16'}}"), .unsupported,
            "float32"),
        Fault(
            sequential("{class_name: 'Dense', config: {units: 1, name: 'a/b'}}"), .configuration,
            "a/b"),
        Fault(
            sequential("{class_name: 'Dense', config: {units: 1, name: 'x'}}"), .argument,
            "already"),
        Fault(
            sequential("{class_name: 'Reshape', config: {target_shape: [7]}}"), .shape, "(7,)"),
        Fault(
            sequential("{class_name: 'Reshape', config: {target_shape: [-1, -1]}}"), .configuration,
            "-1"),
        Fault(
            sequential("{class_name: 'BatchNormalization', config: {axis: 1}}"), .unsupported,
            "'axis'"),
        Fault(
            sequential("{class_name: 'BatchNormalization', config: {epsilon: 0}}"), .configuration,
            "epsilon"),
        Fault(sequential("{class_name: 'Add', config: {}}"), .shape, "at least two"),
        Fault(sequential("{class_name: 'Softmax', config: {axis: 5}}"), .shape, "axis"),
        Fault(
            sequential("{class_name: 'Flatten', config: {data_format: 'channels_up'}}"),
            .configuration, "channels"),
        Fault(sequential("{class_name: 'Sequential', config: {name: 'in'}}"), .unsupported, "'in'"),
        Fault(sequential("{class_name: 'Functional', config: {}}"), .unsupported, "within a model"),
        Fault(
            "{class_name: 'Sequential', config: {layers: [{class_name: 'InputLayer', config: "
                + "{shape: [null]}}]}}", .unsupported, "must be known"),
        Fault(
            "{class_name: 'Sequential', config: {layers: [{class_name: 'InputLayer', config: "
                + "{shape: [0]}}]}}", .shape, "at least 1"),
        Fault(
            "{class_name: 'Sequential', config: {layers: [{class_name: 'InputLayer', config: "
                + "{shape: [1099511627776, 1099511627776]}}]}}", .limit, "numbers"),
        Fault(
            "{class_name: 'Sequential', config: {layers: [{class_name: 'InputLayer', config: "
                + "{shape: [1,1,1,1,1,1,1,1,1]}}]}}", .shape, "axes"),
        Fault(
            "{class_name: 'Sequential', config: {layers: [{class_name: 'InputLayer', config: {}}]}}",
            .configuration, "'shape'"),
        // Calls.
        Fault(
            withLayer("{class_name: 'Dense', config: {units: 2}, inbound_nodes: []}"),
            .configuration, "'name'"),
        Fault(
            withLayer("{class_name: 'Dense', name: 'd', config: {units: 2}}"), .configuration,
            "'inbound_nodes'"),
        Fault(dense("{units: 2}", inbound: "[7]"), .format, "layer 'd'"),
        Fault(dense("{units: 2}", inbound: "[[7]]"), .format, "layer 'd'"),
        Fault(dense("{units: 2}", inbound: "[['x', 0, 0, {}]]"), .unsupported, "op node"),
        Fault(dense("{units: 2}", inbound: "[[['y', 0, 0, {}]]]"), .format, "'y'"),
        Fault(dense("{units: 2}", inbound: "[[['x', 0, 1, {}]]]"), .format, "output 1"),
        Fault(dense("{units: 2}", inbound: "[[['x', 1, 0, {}]]]"), .format, "'d'"),
        Fault(dense("{units: 2}", inbound: "[[['d', 0, 0, {}]]]"), .format, "cycle"),
        Fault(dense("{units: 2}", inbound: "[[]]"), .shape, "one input, received 0"),
        Fault(dense("{units: 2}", inbound: "[]"), .format, "not there"),
        Fault(
            dense("{units: 2}", inbound: "[{args: [{class_name: '__keras_tensor__'}], kwargs: {}}]"),
            .format, "keras_history"),
        Fault(
            dense("{units: 2}", inbound: "[{args: [2.5], kwargs: {}}]"), .unsupported,
            "beside tensors"),
        Fault(
            dense(
                "{units: 2}",
                inbound: "[{args: [{class_name: '__keras_tensor__', config: {keras_history: "
                    + "['x', 0, 0]}}], kwargs: {mask: 1}}]"), .unsupported, "'mask'"),
        // Inputs and outputs.
        Fault(functional(inputs: "[]"), .argument, "each input"),
        Fault(functional(inputs: "null"), .format, "[layer, call, output]"),
        Fault(functional(inputs: "[['d', 0, 0]]"), .argument, "each input"),
        Fault(functional(inputs: "[['x', 0, 0], ['x', 0, 0]]"), .argument, "each input"),
        Fault(functional(outputs: "[]"), .argument, "at least one"),
        Fault(functional(outputs: "[['d', 5, 0]]"), .format, "not there"),
        Fault(functional(outputs: "[['e', 0, 0]]"), .format, "'e'"),
        Fault(functional(outputs: "['d']"), .format, "received"),
    ]

    @Test(arguments: faults)
    func aFaultIsNamed(_ fault: Fault) throws {
        let json = try JSON.read(fault.json)
        let error = #expect(throws: SNNError.self) { try KerasModel(json, registry: .all) }
        #expect(error?.status == fault.status, "\(error?.message ?? "")")
        #expect(error?.message.contains(fault.part) ?? false, "\(error?.message ?? "")")
    }

    @Test func theModelsOfTheFaultsAreSoundWithoutThem() throws {
        for text in [
            Self.functional(), Self.dense("{units: 2}"),
            Self.sequential("{class_name: 'Dense', config: {units: 2}}"),
        ] {
            let model = try KerasModel(JSON.read(text), registry: .all)
            _ = try Network(name: model.name, graph: model.graph, seed: 1)
        }
    }

    /// Keras's own models with one to four things changed: keys and values swapped, left out,
    /// doubled, of other types and sizes. All are read or refused, and what is read is what is
    /// written.
    @Test func mutatedModelsAreReadOrRefused() throws {
        var sources: [JSON] = []
        for name in ["sequential", "functional", "frozen", "nested"] {
            sources.append(try #require(try Golden.read("models/\(name).json")["model"]))
        }
        for golden in try Golden.cases("training.json") {
            sources.append(try #require(golden["model"]))
        }
        // In the older form, too.
        for source in sources {
            guard let model = try? KerasModel(source, registry: .all) else { continue }
            sources.append(model.json)
        }
        var counts = (read: 0, refused: 0)
        for seed in 0 ..< 2000 as Range<UInt64> {
            var mutation = Mutation(seed: seed)
            let json = mutation.mutated(sources[Int(seed) % sources.count])
            do throws(SNNError) {
                let model = try KerasModel(json, registry: .all)
                let written = KerasModel(name: model.name, graph: model.graph).json
                let again = try KerasModel(JSON.read(written.write()), registry: .all)
                #expect(
                    KerasModel(name: again.name, graph: again.graph).json == written, "seed \(seed)")
                counts.read += 1
                guard model.graph.parameterCount < 1 << 20 else { continue }
                _ = try Network(name: model.name, graph: model.graph, seed: 1)
            } catch {
                #expect(!error.message.isEmpty && error.status != .internal, "seed \(seed)")
                counts.refused += 1
            }
        }
        #expect(counts.read > 100 && counts.refused > 500, "\(counts)")
    }
}

/// Changes of a JSON value that follow from a seed.
private struct Mutation {
    private var numbers: [Float]
    private var place = 0
    /// Values seen so far, to put elsewhere.
    private var seen: [JSON] = []
    private var left: Int
    private var untilNext: Int

    init(seed: UInt64) {
        numbers = testNumbers(4096, seed: seed &+ 5000).map { $0.magnitude }
        left = 1 + Int(seed % 4)
        untilNext = Int(seed / 4 * 7 % 160)
    }

    private mutating func choose(_ count: Int) -> Int {
        place = (place + 1) % numbers.count
        return min(Int(numbers[place] * Float(count)), count - 1)
    }

    mutating func mutated(_ json: JSON) -> JSON {
        if untilNext <= 0, left > 0, !seen.isEmpty {
            left -= 1
            untilNext = 1 + choose(60)
            return replacement(json)
        }
        untilNext -= 1
        if seen.count < 60 { seen.append(json) }
        switch json {
        case .array(let elements): return .array(elements.map { mutated($0) })
        case .object(let members):
            return .object(members.map { JSON.Member($0.name, mutated($0.value)) })
        default: return json
        }
    }

    private mutating func replacement(_ json: JSON) -> JSON {
        switch json {
        case .array(var elements) where !elements.isEmpty && choose(2) == 0:
            let index = choose(elements.count)
            switch choose(4) {
            case 0: elements.remove(at: index)
            case 1: elements.insert(elements[index], at: choose(elements.count))
            case 2: elements.swapAt(index, choose(elements.count))
            default: elements.append(.null)
            }
            return .array(elements)
        case .object(var members) where !members.isEmpty && choose(2) == 0:
            let index = choose(members.count)
            let member = members[index]
            switch choose(3) {
            case 0: members.remove(at: index)
            case 1: members[index] = JSON.Member(member.name, members[choose(members.count)].value)
            default: members[index] = JSON.Member(member.name + "x", member.value)
            }
            return .object(members)
        default:
            let values: [JSON] = [
                .null, true, false, 0, 1, -1, 2.5, .integer(.max), .integer(.min), .number(.nan),
                .number(.infinity), 1e300, "", "Dense", "relu", [], .object([JSON.Member]()),
                [[[[1]]]], ["x", 0, 0], .integer(1 << 33), seen[choose(seen.count)],
            ]
            return values[choose(values.count)]
        }
    }
}
