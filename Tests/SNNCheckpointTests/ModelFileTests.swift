import Foundation
import SNNCheckpoint
import SNNCore
import SNNGraph
import SNNLayers
import Testing

@Suite struct ModelFileTests {
    @Test(arguments: TestModel.allCases, [false, true])
    func aModelComesBackBitForBit(model: TestModel, isOdd: Bool) throws {
        let network = try model.network(seed: .max - 5, isOdd: isOdd)
        let image = try ModelFile.image(of: network, trainingConfig: nil, state: nil)
        let contents = try readModel(image)
        #expect(contents.isOwn && !contents.ignoresOwnGroup)
        #expect(contents.state == nil && contents.trainingConfig == nil)
        let read = contents.network
        #expect(read.name == network.name && read.seed == .max - 5)
        #expect(read.bits == network.bits)
        #expect(read.graph.nodes.map(\.name) == network.graph.nodes.map(\.name))
        #expect(read.graph.nodes.map(\.isTrainable) == network.graph.nodes.map(\.isTrainable))
        #expect(read.graph.variables.map(\.offset) == network.graph.variables.map(\.offset))
        #expect(
            read.graph.inputs.map { read.graph.tensors[$0].producer }
                == network.graph.inputs.map { network.graph.tensors[$0].producer })
        if !isOdd {
            let inputs = network.someInputs(rows: 3)
            #expect(try read.predict(inputs, rows: 3) == network.predict(inputs, rows: 3))
        }
        // The file of what was read is the same file.
        let again = try ModelFile.image(of: read, trainingConfig: nil, state: nil)
        #expect(again.array == image.array)
    }

    @Test func trainingStateComesBackBitForBit() throws {
        let network = try TestModel.sequential.network()
        let slot = try Buffer<Float>(count: network.parameters.count)
        for index in 0..<slot.count { slot.pointer[index] = Float(index) * 0.1 }
        slot.pointer[1] = Float(bitPattern: 0x7fa0_0001)
        var state = StateDictionary()
        state.set("step", .integer(.min))
        state.set("epoch", .integer(3))
        state.set("rate", .number(Double(bitPattern: 0x7ff8_0000_dead_beef)))
        state.set("sums", .numbers([-0.0, .infinity, .leastNonzeroMagnitude, .nan]))
        state.set("none", .numbers([]))
        state.set("history", .text(#"{"loss": [NaN, 1.5], "ä": "\n"}"#))
        state.set("empty", .text(""))
        state.set("callback/name", .text("early"))
        for variable in network.graph.variables where variable.role == .parameter {
            state.set(
                "slots/m/" + variable.name,
                .floats(.init(slot, offset: variable.offset, count: variable.shape.count)))
        }
        state.set("slots/other", .floats(.init(slot, count: 5)))
        let config = try JSON.read("{loss: 'mean_squared_error', metrics: null}")
        let image = try ModelFile.image(of: network, trainingConfig: config, state: state)
        let contents = try readModel(image)
        #expect(contents.trainingConfig == config)
        let read = try #require(contents.state)
        #expect(read.entries.count == state.entries.count)
        for (name, value) in state.entries {
            let other = read.value(name)
            switch (value, other) {
            case (.integer(let left), .integer(let right)): #expect(left == right)
            case (.text(let left), .text(let right)): #expect(left == right)
            case (.number(let left), .number(let right)):
                #expect(left.bitPattern == right.bitPattern)
            case (.numbers(let left), .numbers(let right)):
                #expect(left.map(\.bitPattern) == right.map(\.bitPattern))
            case (.floats(let left), .floats(let right)):
                #expect(
                    (0..<left.count).map { left.pointer[$0].bitPattern }
                        == (0..<right.count).map { right.pointer[$0].bitPattern })
            default: Issue.record("'\(name)' came back as \(String(describing: other))")
            }
        }
        // Where h5py and people find it.
        let file = try HDF5Reader(image)
        #expect(try file.describe("/swiftnn/training/slots/m/dense/kernel").text == "float32 (6, 4)")
        #expect(try file.describe("/swiftnn/training/step").text == "int64 ()")
        #expect(try file.string(attribute: "history", at: "/swiftnn/training") != nil)
        #expect(
            try ModelFile.image(of: network, trainingConfig: config, state: state).array
                == image.array)
    }

    @Test func theLayoutIsThatOfKeras() throws {
        let network = try TestModel.residual.network()
        let file = try HDF5Reader(
            try ModelFile.image(of: network, trainingConfig: nil, state: StateDictionary()))
        #expect(try file.string(attribute: "keras_version", at: "/") == "3.0.0")
        #expect(try file.string(attribute: "backend", at: "/model_weights") == "tensorflow")
        #expect(try !file.hasAttribute("training_config", at: "/"))
        #expect(
            try file.stringList(attribute: "layer_names", at: "/model_weights")
                == ["x", "stem", "norm", "relu", "add", "y"])
        #expect(
            try file.stringList(attribute: "weight_names", at: "/model_weights/norm")
                == [
                    "norm/gamma:0", "norm/beta:0", "norm/moving_mean:0", "norm/moving_variance:0",
                ])
        #expect(try file.stringList(attribute: "weight_names", at: "/model_weights/add") == [])
        #expect(
            try file.stringList(
                attribute: "weight_names", at: "/model_weights/top_level_model_weights") == [])
        #expect(try file.describe("/model_weights/y/y/kernel:0").text == "float32 (5, 2)")
        #expect(try file.string(attribute: "format_version", at: "/swiftnn") == "1.0")
        #expect(try file.integer(attribute: "seed", at: "/swiftnn") == 7)
        let sequential = try HDF5Reader(
            try ModelFile.image(
                of: TestModel.sequential.network(), trainingConfig: nil, state: nil))
        #expect(
            try sequential.stringList(attribute: "layer_names", at: "/model_weights")
                == ["flat", "dense", "norm", "leaky", "drop", "out"])
    }

    @Test func theCreatorIsTheLibrarysVersion() throws {
        let file = try HDF5Reader(
            try ModelFile.image(
                of: TestModel.residual.network(), trainingConfig: nil, state: nil))
        let header = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../include/swiftnn.h")
        let text = try String(contentsOf: header, encoding: .utf8)
        let version = try ["MAJOR", "MINOR", "PATCH"].map { part in
            let line = try #require(
                text.split(separator: "\n").first { $0.hasPrefix("#define SNN_VERSION_\(part) ") })
            return String(try #require(line.split(separator: " ").last))
        }
        #expect(
            try file.string(attribute: "creator", at: "/swiftnn")
                == "SwiftNN " + version.joined(separator: "."))
    }

    @Test func everyCutAndEveryFlippedByteIsRefused() throws {
        let network = try TestModel.residual.network()
        let bytes = try ModelFile.image(of: network, trainingConfig: nil, state: nil).array
        for place in stride(from: 0, to: bytes.count, by: 97) {
            var flipped = bytes
            flipped[place] ^= 1 << (place % 8)
            let error = failure {
                _ = try readModel(FileImage.of(flipped), allowsForeign: true)
            }
            // Of a flip in the trailer's magic itself nothing tells but what is left of it.
            #expect(error.status == .checksum, "byte \(place) of \(bytes.count)")
            let cut = failure {
                _ = try readModel(FileImage.of(Array(bytes[..<place])), allowsForeign: true)
            }
            #expect(cut.status == .checksum || cut.status == .format, "cut at \(place)")
        }
    }

    /// What another program leaves: the HDF5 part without the trailer.
    @Test func aFileThatAnotherProgramChangedIsAForeignOne() throws {
        let network = try TestModel.residual.network()
        var state = StateDictionary()
        state.set("step", .integer(4))
        let bytes = try ModelFile.image(of: network, trainingConfig: nil, state: state).array
        let changed = try FileImage.of(Array(bytes.dropLast(Trailer.count)))
        let contents = try readModel(changed, allowsForeign: true)
        #expect(!contents.isOwn && contents.ignoresOwnGroup)
        #expect(contents.state == nil && contents.network.seed == 99)
        #expect(contents.network.bits == network.bits)
        let error = failure { _ = try readModel(changed) }
        #expect(error.status == .format && error.message.contains("changed"))
    }

    @Test func theModelMayBeGivenAsBorrowedBytes() throws {
        let network = try TestModel.shared.network()
        let bytes = try ModelFile.image(of: network, trainingConfig: nil, state: nil).array
        let contents = try bytes.withUnsafeBytes {
            try ModelFile.read(borrowing: $0, registry: .all, allowsForeign: false, seed: 0)
        }
        #expect(contents.network.bits == network.bits)
        let other = try TestModel.shared.network(seed: 3)
        try bytes.withUnsafeBytes {
            try ModelFile.loadWeights(
                borrowing: $0, into: other, isKeras3Layout: false, allowsForeign: false)
        }
        #expect(other.bits == network.bits)
    }
}
