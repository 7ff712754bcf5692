import Foundation
import SNNCheckpoint
import SNNCore
import SNNGraph
import SNNLayers
import Testing

@Suite struct WeightsFileTests {
    @Test(arguments: TestModel.allCases, [true, false])
    func weightsAloneComeBackBitForBit(model: TestModel, isKeras3Layout: Bool) throws {
        let network = try model.network(isOdd: true)
        let image = try ModelFile.weightsImage(of: network, isKeras3Layout: isKeras3Layout)
        #expect(
            try ModelFile.weightsImage(of: network, isKeras3Layout: isKeras3Layout).array
                == image.array)
        let other = try model.network(seed: 5)
        let version = other.weightsVersion
        try ModelFile.loadWeights(
            image, into: other, isKeras3Layout: isKeras3Layout, allowsForeign: false)
        #expect(other.bits == network.bits)
        #expect(other.weightsVersion > version)
        #expect(other.seed == 5, "the model keeps its seed")
    }

    @Test func groupsOfKeras3AreNamedByClassAndPlace() throws {
        let file = try HDF5Reader(
            ModelFile.weightsImage(of: TestModel.shared.network(), isKeras3Layout: true))
        #expect(
            try file.children(of: "/layers")
                == ["concatenate", "dense", "dense_1", "dense_2", "input_layer", "input_layer_1"])
        #expect(try file.string(attribute: "name", at: "/layers/dense_1/vars") == "amount")
        #expect(try file.describe("/layers/dense_1/vars/0").text == "float32 (3, 1)")
        #expect(try file.string(attribute: "name", at: "/vars") == "twins")
        let sequential = try HDF5Reader(
            ModelFile.weightsImage(of: TestModel.sequential.network(), isKeras3Layout: true))
        #expect(try !sequential.exists("/layers/input_layer"))
        #expect(try sequential.children(of: "/layers/batch_normalization/vars").count == 4)
    }

    @Test func layersArePairedInOrderWhateverTheirNames() throws {
        let network = try TestModel.sequential.network()
        let image = try ModelFile.weightsImage(of: network, isKeras3Layout: false)
        let other = try TestModel.sequential.network(
            of: TestModel.sequential.rawValue.replacingOccurrences(of: "'dense'", with: "'first'"))
        try ModelFile.loadWeights(
            image, into: other, isKeras3Layout: false, allowsForeign: false)
        #expect(other.bits["first/kernel"] == network.bits["dense/kernel"])
        #expect(other.bits["out/kernel"] == network.bits["out/kernel"])
    }

    /// Keras orders the weights of a frozen layer otherwise; a file from before the freezing, or
    /// after it, loads nevertheless.
    @Test func freezingBetweenSavingAndLoadingChangesNothing() throws {
        let network = try TestModel.residual.network()
        let image = try ModelFile.weightsImage(of: network, isKeras3Layout: false)
        let other = try TestModel.residual.network(seed: 3)
        for node in other.graph.nodes.indices {
            other.setTrainable(!other.graph.nodes[node].isTrainable, node: node)
        }
        try ModelFile.loadWeights(
            image, into: other, isKeras3Layout: false, allowsForeign: false)
        #expect(other.bits == network.bits)
    }

    @Test(arguments: [true, false])
    func anotherModelsWeightsAreRefusedAndNothingChanges(isKeras3Layout: Bool) throws {
        let image = try ModelFile.weightsImage(
            of: TestModel.sequential.network(), isKeras3Layout: isKeras3Layout)
        func refusal(_ change: (String) -> String) throws -> SNNError {
            let text = change(TestModel.sequential.rawValue)
            #expect(text != TestModel.sequential.rawValue)
            let network = try TestModel.sequential.network(of: text)
            let before = network.bits
            let version = network.weightsVersion
            let error = failure {
                try ModelFile.loadWeights(
                    image, into: network, isKeras3Layout: isKeras3Layout, allowsForeign: false)
            }
            #expect(network.bits == before && network.weightsVersion == version)
            #expect(error.status == .format)
            return error
        }
        // The last layer: those before it are right.
        let shape = try refusal { $0.replacingOccurrences(of: "units: 3", with: "units: 5") }
        #expect(shape.message.contains("'out'"), "\(shape)")
        #expect(
            shape.message.contains("expected the shape (4, 5), the file has (4, 3)"), "\(shape)")
        let missing = try refusal {
            $0.replacingOccurrences(of: "use_bias: false", with: "use_bias: true")
        }
        #expect(missing.message.contains("'out'"), "\(missing)")
        let extra = try refusal {
            $0.replacingOccurrences(
                of: "{class_name: 'BatchNormalization', config: {name: 'norm'}},", with: "")
        }
        #expect(extra.message.contains("(4,)") || extra.message.contains("norm"), "\(extra)")
        let short = try refusal {
            $0.replacingOccurrences(
                of: "'softmax'}}]}}",
                with: "'softmax'}}, {class_name: 'Dense', config: {name: 'more', units: 1}}]}}")
        }
        #expect(short.message.contains("'more'"), "\(short)")
    }

    @Test func theOtherLayoutIsRefusedWithAHint() throws {
        let network = try TestModel.residual.network()
        for isKeras3Layout in [true, false] {
            let image = try ModelFile.weightsImage(of: network, isKeras3Layout: isKeras3Layout)
            let error = failure {
                try ModelFile.loadWeights(
                    image, into: network, isKeras3Layout: !isKeras3Layout, allowsForeign: false)
            }
            #expect(error.status == .format && error.message.contains(".weights.h5"), "\(error)")
            let whole = failure { _ = try readModel(image) }
            #expect(whole.status == .format && whole.message.contains("model_config"))
        }
    }

    @Test func foreignWeightsCanBeRefused() throws {
        let network = try TestModel.residual.network()
        let image = try ModelFile.weightsImage(of: network, isKeras3Layout: true)
        let foreign = try FileImage.of(Array(image.array.dropLast(Trailer.count)))
        let error = failure {
            try ModelFile.loadWeights(
                foreign, into: network, isKeras3Layout: true, allowsForeign: false)
        }
        #expect(error.status == .format && error.message.contains("another program"))
        try ModelFile.loadWeights(foreign, into: network, isKeras3Layout: true, allowsForeign: true)
    }

    @Test(arguments: 1...4) func runningOutOfMemoryChangesNothing(number: Int) throws {
        let network = try TestModel.residual.network()
        let image = try ModelFile.weightsImage(
            of: TestModel.residual.network(seed: 3), isKeras3Layout: false)
        let status = inChild {
            let before = network.bits
            Memory.failAllocation(number)
            let error = failure {
                try ModelFile.loadWeights(
                    image, into: network, isKeras3Layout: false, allowsForeign: false)
            }
            Memory.failAllocation(0)
            return error.status == .memory && network.bits == before ? 0 : 1
        }
        #expect(status == 0)
    }
}
