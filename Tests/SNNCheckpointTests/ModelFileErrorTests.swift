import Foundation
import SNNCheckpoint
import SNNCore
import SNNGraph
import Testing

/// Files that are no sound models: each is refused with a status and a text that say why.
@Suite struct ModelFileErrorTests {
    private static let config = """
        {"class_name": "Sequential", "config": {"name": "m", "layers": [
          {"class_name": "InputLayer", "config": {"batch_shape": [null, 3], "name": "x"}},
          {"class_name": "Dense", "config": {"name": "dense", "units": 2}},
          {"class_name": "Dense", "config": {"name": "out", "units": 1, "use_bias": false}}]}}
        """

    /// What a file says, to be changed by a test.
    private struct Layout {
        var config: String? = ModelFileErrorTests.config
        var version: String? = "1.0"
        var seed: Int64? = 4
        var kerasVersion: String? = "3.0.0"
        var trainingConfig: String?
        var layerNames: [String]? = ["dense", "out"]
        var weights: [String: [(name: String, shape: [Int])]] = [
            "dense": [("dense/kernel:0", [3, 2]), ("dense/bias:0", [2])],
            "out": [("out/kernel:0", [2, 1])],
        ]
        /// Datasets that are listed, but not there.
        var absent: Set<String> = []
        var more: (HDF5Writer) throws -> Void = { _ in }

        func image() throws -> FileImage {
            let writer = try HDF5Writer()
            if let config { try writer.setString(config, attribute: "model_config", at: "/") }
            if let trainingConfig {
                try writer.setString(trainingConfig, attribute: "training_config", at: "/")
            }
            try writer.createGroup("/model_weights")
            if let kerasVersion {
                try writer.setString(
                    kerasVersion, attribute: "keras_version", at: "/model_weights")
            }
            if let layerNames {
                try writer.setStringList(layerNames, attribute: "layer_names", at: "/model_weights")
            }
            for (layer, weights) in weights.sorted(by: { $0.key < $1.key }) {
                let group = "/model_weights/" + layer
                try writer.createGroup(group)
                try writer.setStringList(weights.map(\.name), attribute: "weight_names", at: group)
                for (name, shape) in weights where !absent.contains(name) {
                    try writer.writeFloats(
                        [Float](repeating: 1, count: shape.reduce(1, *)), shape: shape,
                        at: group + "/" + name)
                }
            }
            if let version {
                try writer.createGroup("/swiftnn")
                try writer.setString(version, attribute: "format_version", at: "/swiftnn")
                if let seed { try writer.setInteger(seed, attribute: "seed", at: "/swiftnn") }
            }
            try more(writer)
            return try writer.finish()
        }
    }

    private func refusal(
        _ status: Status, _ texts: String..., allowsForeign: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout Layout) -> Void
    ) throws {
        var layout = Layout()
        change(&layout)
        let image = try layout.image()
        let error = failure { _ = try readModel(image, allowsForeign: allowsForeign) }
        #expect(error.status == status, "\(error)", sourceLocation: sourceLocation)
        for text in texts {
            #expect(error.message.contains(text), "\(error)", sourceLocation: sourceLocation)
        }
    }

    @Test func theUnchangedFileOpens() throws {
        let contents = try readModel(Layout().image())
        #expect(contents.network.seed == 4)
        #expect(contents.network.bits["out/kernel"] == [Float(1).bitPattern, Float(1).bitPattern])
    }

    @Test func theConfigurationMustBeSound() throws {
        try refusal(.format, "model_config") { $0.config = nil }
        try refusal(.format, "'model_config': JSON5, line 1") { $0.config = "{\"class_name\": " }
        try refusal(.limit, "64 levels") { $0.config = String(repeating: "[", count: 100_000) }
        try refusal(.configuration, "class_name") { $0.config = "[1, 2]" }
        try refusal(.unsupported, "'Lambda'") {
            $0.config = Self.config.replacingOccurrences(of: "\"Dense\"", with: "\"Lambda\"")
        }
        try refusal(.unsupported, "Mine") {
            $0.config = Self.config.replacingOccurrences(of: "\"Sequential\"", with: "\"Mine\"")
        }
        try refusal(.configuration, "'units'") {
            $0.config = Self.config.replacingOccurrences(of: "\"units\": 2", with: "\"units\": -2")
        }
        try refusal(.format, "'training_config'") { $0.trainingConfig = "{" }
    }

    @Test func weightsMustBeThoseOfTheModel() throws {
        try refusal(.format, "layer_names") { $0.layerNames = nil }
        try refusal(.format, "'out'", "kernel (2, 1)", "no weights") { $0.layerNames = ["dense"] }
        try refusal(.format, "'more'", "kernel (7,)") {
            $0.layerNames = ["dense", "out", "more"]
            $0.weights["more"] = [("more/kernel:0", [7])]
        }
        try refusal(.format, "'dense' twice") { $0.layerNames = ["dense", "dense", "out"] }
        try refusal(.format, "'gone'") { $0.layerNames = ["dense", "out", "gone"] }
        try refusal(.format, "'dense'", "'kernel'", "(3, 2)", "(2, 3)") {
            $0.weights["dense"]?[0].shape = [2, 3]
        }
        try refusal(.format, "(3, 2)", "(3, 2, 1)") { $0.weights["dense"]?[0].shape = [3, 2, 1] }
        try refusal(.format, "'out'", "(2, 1)", "()") { $0.weights["out"]?[0].shape = [] }
        try refusal(.format, "'dense'", "kernel (3, 2), bias (2,)", "the file has kernel (3, 2)") {
            $0.weights["dense"]?.removeLast()
        }
        try refusal(.format, "'dense'", "gamma (2,)") {
            $0.weights["dense"]?[1].name = "dense/gamma:0"
        }
        try refusal(.format, "dense/bias:0", "nothing there") { $0.absent = ["dense/bias:0"] }
        try refusal(.format, "dense/bias:0", "a group") {
            $0.absent = ["dense/bias:0"]
            $0.more = { try $0.createGroup("/model_weights/dense/dense/bias:0") }
        }
    }

    /// A model of terabytes in a small file takes no memory.
    @Test func whatTheConfigurationClaimsMustBeInTheFile() throws {
        let peak = Memory.usage.peakBytes
        try refusal(.format, "(3, 2000000000)", "(3, 2)") {
            $0.config = Self.config.replacingOccurrences(
                of: "\"units\": 2", with: "\"units\": 2000000000")
        }
        #expect(Memory.usage.peakBytes - peak < 1 << 30)
    }

    @Test func orderAndNumbersOfNamesDoNotMatter() throws {
        var layout = Layout()
        layout.layerNames = ["out", "dense"]
        layout.weights["dense"] = [("a/b/bias_1:0", [2]), ("a/b/kernel", [3, 2])]
        _ = try readModel(layout.image())
    }

    @Test func formatsOfTheFutureAreRefused() throws {
        try refusal(.unsupported, "2.0", "1.x") { $0.version = "2.0" }
        try refusal(.unsupported, "10.1") { $0.version = "10.1" }
        for version in ["", "x", "1x.0", "-1.0", "99999999999999999999.0"] {
            try refusal(.format, "format version") { $0.version = version }
        }
        try refusal(.format, "format_version") { $0.version = nil }
        try refusal(.format, "'seed'") { $0.seed = nil }
        var layout = Layout()
        layout.version = "1.7"
        layout.more = {
            try $0.setString("?", attribute: "of_the_future", at: "/swiftnn")
            try $0.writeFloats([1], shape: [1], at: "/swiftnn/more/things")
        }
        #expect(try readModel(layout.image()).state == nil)
    }

    @Test func hardSigmoidIsOneFunctionInOurFilesAndThoseOfKeras3() throws {
        for (activation, isRefused) in [
            ("\"hard_sigmoid\"", true), ("\"sigmoid\"", false),
            (#"{"class_name": "hard_sigmoid", "config": {}}"#, true),
            (#"{"class_name": "function", "config": "hard_sigmoid"}"#, true),
        ] {
            for version in ["2.9.0", "2.2.4-tf", nil, "3.0.0", "3.15.1"] {
                var layout = Layout()
                layout.kerasVersion = version
                layout.config = Self.config.replacingOccurrences(
                    of: "\"units\": 2", with: "\"units\": 2, \"activation\": \(activation)")
                let image = try layout.image()
                if isRefused && version?.hasPrefix("3") != true {
                    let error = failure { _ = try readModel(image) }
                    #expect(error.status == .unsupported && error.message.contains("'dense'"))
                } else {
                    _ = try readModel(image)
                }
            }
        }
    }

    @Test func trainingStateOfUnknownKindsIsIgnored() throws {
        var layout = Layout()
        layout.more = {
            try $0.writeBytes([1, 2], shape: [2], at: "/swiftnn/training/bytes")
            try $0.writeIntegers([1, 2], shape: [2], at: "/swiftnn/training/list")
            try $0.writeIntegers([6], shape: [], at: "/swiftnn/training/deep/er/step")
        }
        let state = try #require(try readModel(layout.image()).state)
        #expect(state.entries.map(\.name) == ["deep/er/step"])
        #expect(try state.integer("deep/er/step") == 6)
        try refusal(.limit) {
            $0.more = {
                try $0.writeIntegers([6], shape: [], at: "/swiftnn/training/a/b/c/d/e/f/g/h/i/j")
            }
        }
        try refusal(.format, "'history'") {
            $0.more = {
                try $0.createGroup("/swiftnn/training")
                try $0.setStringList(
                    ["history"], attribute: "text_names", at: "/swiftnn/training")
            }
        }
    }

    @Test func aLayerMayNotBeNamedAsAnotherGroup() throws {
        for name in [".", "swiftnn", "top_level_model_weights"] {
            let network = try TestModel.sequential.network(
                of: TestModel.sequential.rawValue.replacingOccurrences(
                    of: "'dense'", with: "'\(name)'"))
            let error = failure {
                _ = try ModelFile.image(of: network, trainingConfig: nil, state: nil)
            }
            #expect(error.status == .unsupported && error.message.contains(name))
        }
    }

    @Test(arguments: 1...8) func runningOutOfMemoryIsAnError(number: Int) throws {
        let network = try TestModel.residual.network()
        let image = try ModelFile.image(of: network, trainingConfig: nil, state: nil)
        let status = inChild {
            let before = Memory.usage.bytes
            Memory.failAllocation(number)
            let error = failure { _ = try readModel(image) }
            Memory.failAllocation(0)
            guard error.status == .memory else { return error.status == .internal ? 0 : 1 }
            return Memory.usage.bytes == before ? 0 : 2
        }
        #expect(status == 0)
    }
}
