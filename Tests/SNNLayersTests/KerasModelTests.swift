import SNNCore
import SNNGraph
import SNNLayers
import Testing

/// Architectures as Keras's JSON: what is written, and which forms are read.
@Suite struct KerasModelTests {
    private func read(_ text: String) throws -> KerasModel {
        try KerasModel(JSON.read(text), registry: .all)
    }

    private func sequential(_ layers: String, model: String = "") -> String {
        """
        {class_name: 'Sequential', config: {name: 'm', \(model) layers: [
          {class_name: 'InputLayer', config: {name: 'x', batch_shape: [null, 2, 3]}}, \(layers)]}}
        """
    }

    private func functional(_ layers: String, outputs: String) -> String {
        """
        {class_name: 'Functional', config: {name: 'm', layers: [
          {class_name: 'InputLayer', name: 'x', config: {name: 'x', shape: [3]},
            inbound_nodes: []}, \(layers)],
          input_layers: [['x', 0, 0]], output_layers: \(outputs)}}
        """
    }

    private func failure(_ text: String) -> SNNError {
        do {
            _ = try read(text)
        } catch let error as SNNError {
            return error
        } catch {}
        return SNNError(.internal, "nothing was thrown")
    }

    private func layer(_ json: JSON, _ index: Int) -> JSON? {
        json["config"]?["layers"]?.elements?[index]["config"]
    }

    @Test func oneInputOrOutputIsNoList() throws {
        let dense = """
            {class_name: 'Dense', name: 'y', config: {name: 'y', units: 1},
              inbound_nodes: [[['x', 0, 0, {}]]]}
            """
        let one = try read(functional(dense, outputs: "[['y', 0, 0]]")).json
        #expect(one["config"]?["input_layers"] == ["x", 0, 0])
        #expect(one["config"]?["output_layers"] == ["y", 0, 0])
        let two = try read(functional(dense, outputs: "[['y', 0, 0], ['x', 0, 0]]")).json
        #expect(two["config"]?["output_layers"] == [["y", 0, 0], ["x", 0, 0]])
        // Both forms are read, and nestings of them.
        for outputs in ["['y', 0, 0]", "{a: ['y', 0, 0]}", "[[['y', 0, 0]]]"] {
            #expect(try read(functional(dense, outputs: outputs)).json == one)
        }
    }

    @Test func keysAreThoseThatMostVersionsOfKerasKnow() throws {
        let json = try read(
            sequential(
                """
                {class_name: 'LeakyReLU', config: {name: 'a', negative_slope: 0.125}},
                {class_name: 'Dense', config: {name: 'b', units: 2,
                  activation: {class_name: 'ReLU', config: {max_value: 2}}}},
                {class_name: 'Activation', config: {name: 'c', activation: 'tanh'}}
                """)
        ).json
        #expect(layer(json, 1)?["alpha"] == 0.125)
        #expect(layer(json, 1)?["negative_slope"] == nil)
        #expect(layer(json, 2)?["activation"]?["module"] == "keras.layers")
        #expect(layer(json, 2)?["kernel_initializer"]?["config"] == .object(("seed", .null)))
        #expect(layer(json, 3)?["activation"] == "tanh")
        #expect(try KerasModel(json, registry: .all).json == json)
    }

    @Test func anActivationKeepsItsAxis() throws {
        let json = try read(
            sequential(
                """
                {class_name: 'Activation', config: {name: 'a',
                  activation: {class_name: 'Softmax', config: {axis: 1}}}}
                """)
        ).json
        #expect(layer(json, 1)?["activation"]?["config"] == .object(("axis", 1)))
        #expect(try KerasModel(json, registry: .all).json == json)
    }

    @Test func aFrozenModelIsOneOfFrozenLayers() throws {
        let dense = "{class_name: 'Dense', config: {name: 'b', units: 2}}"
        #expect(try read(sequential(dense)).graph.nodes[1].isTrainable)
        let frozen = try read(sequential(dense, model: "trainable: false,"))
        #expect(frozen.graph.nodes.allSatisfy { !$0.isTrainable })
    }

    @Test func wrappingsOfOldVersionsAreRead() throws {
        let graph = try read(
            sequential(
                """
                {class_name: 'LeakyReLU', config: {name: 'a',
                  alpha: {type: 'ndarray', value: 0.25}}},
                {class_name: 'Reshape', config: {name: 'b',
                  target_shape: {class_name: '__tuple__', items: [3, 2]}}},
                {class_name: 'BatchNormalization', config: {name: 'c',
                  axis: {class_name: 'ListWrapper', items: [2]}}}
                """)
        ).graph
        #expect(graph.tensors[graph.outputs[0]].shape.extents == [3, 2])
    }

    /// The order of layers in a file says nothing; the calls do.
    @Test func layersAreReadInAnyOrderInOnePass() throws {
        var layers: [String] = []
        for index in 1...4000 {
            let input = index == 1 ? "x" : "d\(index - 1)"
            layers.append(
                """
                {class_name: 'Dropout', name: 'd\(index)', config: {name: 'd\(index)', rate: 0},
                  inbound_nodes: [[['\(input)', 0, 0, {}]]]}
                """)
        }
        let text = functional(
            layers.reversed().joined(separator: ","), outputs: "['d4000', 0, 0]")
        let graph = try read(text).graph.canonical()
        #expect(graph.nodes.map(\.name).prefix(3) == ["x", "d1", "d2"])
        #expect(graph.nodes.last?.name == "d4000")
    }

    /// `b` is called on what `a` gives, and `a` again on what that gives.
    @Test func sharedLayersMayCallEachOtherInTurn() throws {
        let model = try read(
            functional(
                """
                {class_name: 'Dense', name: 'a', config: {name: 'a', units: 3},
                  inbound_nodes: [[['x', 0, 0, {}]], [['b', 0, 0, {}]]]},
                {class_name: 'Dense', name: 'b', config: {name: 'b', units: 3},
                  inbound_nodes: [[['a', 0, 0, {}]], [['a', 1, 0, {}]]]}
                """, outputs: "['b', 1, 0]"))
        #expect(model.graph.calls.count == 5)
        #expect(try KerasModel(model.json, registry: .all).json == model.json)
    }

    @Test func graphsThatCannotBeBuiltAreRefused() throws {
        func add(_ a: String, _ b: String) -> String {
            """
            {class_name: 'Add', name: 's', config: {name: 's'}, inbound_nodes: [[\(a), \(b)]]},
            {class_name: 'Dropout', name: 't', config: {name: 't', rate: 0},
              inbound_nodes: [[['s', 0, 0, {}]]]}
            """
        }
        let x = "['x', 0, 0, {}]"
        #expect(failure(functional(add(x, x), outputs: "['t', 0, 0]")).status == .internal)
        let cycle = failure(functional(add(x, "['t', 0, 0, {}]"), outputs: "['t', 0, 0]"))
        #expect(cycle.status == .format && cycle.message.contains("cycle"))
        for address in [
            "['x', 1, 0, {}]", "['x', -1, 0, {}]", "['x', 0, 1, {}]", "['x', 0, -1, {}]",
            "['x', 9223372036854775807, 0, {}]", "['u', 0, 0, {}]", "['x', 0]",
        ] {
            let error = failure(functional(add(x, address), outputs: "['t', 0, 0]"))
            #expect(error.status == .format, "\(address): \(error)")
        }
        for kwargs in ["{training: true}", "{mask: ['x', 0, 0]}"] {
            let error = failure(
                functional(add(x, "['x', 0, 0, \(kwargs)]"), outputs: "['t', 0, 0]"))
            #expect(error.status == .unsupported, "\(kwargs): \(error)")
        }
        #expect(failure(functional(add(x, x), outputs: "['v', 0, 0]")).status == .format)
        #expect(failure(functional(add(x, x), outputs: "7")).status == .format)
        let second = failure(
            sequential("{class_name: 'InputLayer', config: {name: 'y', shape: [2]}}"))
        #expect(second.status == .format && second.message.contains("not its first layer"))
    }
}
