import Foundation
import SNNCheckpoint
import SNNCore
import SNNGraph
import Testing

/// Files that real Keras wrote, with what it predicts from them (Tests/Golden/models).
@Suite struct GoldenModelTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Golden/models").path

    private func image(_ name: String) throws -> FileImage {
        try FileStorage.read(FilePath(Self.folder + "/" + name))
    }

    private func golden(_ name: String) throws -> JSON {
        let text = try #require(
            FileManager.default.contents(atPath: Self.folder + "/\(name).json"))
        return try JSON.read([UInt8](text))
    }

    private func rows(_ json: JSON?) -> [[Float]] {
        (json?.elements ?? []).map { part in
            (part["data"]?.elements ?? []).map { Float($0.doubleValue ?? .nan) }
        }
    }

    private func expectPredictions(
        of network: Network, _ golden: JSON, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let inputs = rows(golden["predict"]?["x"])
        let expected = rows(golden["predict"]?["y"])
        let count = inputs[0].count / network.graph.tensors[network.graph.inputs[0]].shape.count
        let outputs = try network.predict(inputs, rows: count)
        #expect(outputs.count == expected.count, sourceLocation: sourceLocation)
        for (output, expected) in zip(outputs, expected) {
            #expect(output.count == expected.count && !output.isEmpty, sourceLocation: sourceLocation)
            for (value, wanted) in zip(output, expected) {
                #expect(
                    abs(value - wanted) <= 1e-5 * max(1, abs(wanted)),
                    sourceLocation: sourceLocation)
            }
        }
    }

    @Test(arguments: [
        "sequential", "functional", "frozen", "compiled_adam", "compiled_sgd", "keras2_dialect",
    ])
    func aModelOfKerasPredictsAsThere(name: String) throws {
        let contents = try readModel(image(name + ".h5"), allowsForeign: true)
        #expect(!contents.isOwn && !contents.ignoresOwnGroup && contents.state == nil)
        #expect(contents.network.seed == 99)
        #expect((contents.trainingConfig != nil) == name.hasPrefix("compiled"))
        try expectPredictions(of: contents.network, golden(name))
        // And from a file of ours.
        let own = try ModelFile.image(of: contents.network, trainingConfig: nil, state: nil)
        try expectPredictions(of: readModel(own).network, golden(name))
    }

    @Test(arguments: ["sequential", "functional", "frozen"], [true, false])
    func weightsOfKerasGoIntoAModel(name: String, isKeras3Layout: Bool) throws {
        let network = try readModel(image(name + ".h5"), allowsForeign: true).network
        let expected = network.bits
        network.parameters.pointer.update(repeating: 0.5, count: network.parameters.count)
        network.statistics.pointer.update(repeating: 0.5, count: network.statistics.count)
        let version = network.weightsVersion
        try ModelFile.loadWeights(
            image(name + (isKeras3Layout ? ".weights.h5" : ".legacy.h5")), into: network,
            isKeras3Layout: isKeras3Layout, allowsForeign: true)
        #expect(network.bits == expected)
        #expect(network.weightsVersion > version)
    }

    @Test func weightsAreTakenFromAWholeModelFile() throws {
        let network = try readModel(image("functional.h5"), allowsForeign: true).network
        let expected = network.bits
        network.parameters.pointer.update(repeating: 0.5, count: network.parameters.count)
        try ModelFile.loadWeights(
            image("functional.h5"), into: network, isKeras3Layout: false, allowsForeign: true)
        #expect(network.bits == expected)
    }

    @Test func frozenLayersStayFrozen() throws {
        let graph = try readModel(image("frozen.h5"), allowsForeign: true).network.graph
        #expect(graph.nodes.filter { !$0.isTrainable }.map(\.name) == ["fixed", "fixed_norm"])
    }

    @Test func hardSigmoidOfKeras2IsRefusedByName() throws {
        let image = try image("keras2_hard_sigmoid.h5")
        let error = failure { _ = try readModel(image, allowsForeign: true) }
        #expect(error.status == .unsupported)
        #expect(error.message.contains("'hidden'") && error.message.contains("hard_sigmoid"))
    }

    @Test func aModelWithinAModelIsRefused() throws {
        let image = try image("nested.h5")
        let error = failure { _ = try readModel(image, allowsForeign: true) }
        #expect(error.status == .unsupported && error.message.contains("'inner'"))
    }

    @Test func foreignFilesCanBeRefused() throws {
        for name in ["sequential", "keras2_dialect"] {
            let image = try image(name + ".h5")
            let error = failure { _ = try readModel(image) }
            #expect(error.status == .format && error.message.contains("another program"))
        }
    }
}
