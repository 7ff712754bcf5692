import Foundation
import SNNCheckpoint
import SNNCore
import SNNGraph
import Testing

/// Real Keras opens our files, predicts the same, trains, and we open what it saves then. Where
/// Keras is installed: in `.venv-keras`, as in CI, or where `SWIFTNN_KERAS_PYTHON` says.
@Suite struct KerasOpensTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    private static let python: String? = {
        let venv = root + "/.venv-keras/bin/python"
        let named = ProcessInfo.processInfo.environment["SWIFTNN_KERAS_PYTHON"]
        return named ?? (FileManager.default.isExecutableFile(atPath: venv) ? venv : nil)
    }()

    @Test(.enabled(if: python != nil, "Keras is not installed in .venv-keras"))
    func kerasOpensPredictsAndTrains() throws {
        let folder = TemporaryFolder()
        let models: [(name: String, model: TestModel, outputs: Int)] = [
            ("sequential", .sequential, 1), ("residual", .residual, 1), ("shared", .shared, 2),
        ]
        for (name, model, outputs) in models {
            let network = try model.network()
            let loss = JSON.string("mean_squared_error")
            let config = JSON.object(
                ("loss", outputs == 1 ? loss : .array([loss, loss])), ("metrics", .null),
                ("weighted_metrics", .null), ("loss_weights", .null),
                ("optimizer_config", .keras("Adam", .object(("learning_rate", 0.001)))))
            func save(_ image: FileImage, _ file: String) throws {
                _ = try FileStorage.save(image, to: folder.file(name + file))
            }
            try save(ModelFile.image(of: network, trainingConfig: config, state: nil), ".h5")
            try save(ModelFile.weightsImage(of: network, isKeras3Layout: true), ".weights.h5")
            try save(ModelFile.weightsImage(of: network, isKeras3Layout: false), ".legacy.h5")
            let inputs = network.someInputs(rows: 3)
            let content = try JSONSerialization.data(
                withJSONObject: ["x": inputs, "y": network.predict(inputs, rows: 3)])
            try content.write(to: URL(fileURLWithPath: folder.path + "/\(name).json"))
        }
        let (status, output) = try run(["\(Self.root)/Tests/keras/open_files.py", folder.path]
            + models.map(\.name))
        try #require(status == 0, Comment(rawValue: output))

        for (name, model, _) in models {
            let network = try model.network()
            let image = try FileStorage.read(folder.file(name + ".keras.h5"))
            let read = try readModel(image, allowsForeign: true).network
            #expect(read.bits == network.bits)
            #expect(read.graph.nodes.map(\.isTrainable) == network.graph.nodes.map(\.isTrainable))
            let other = try model.network(seed: 3)
            try ModelFile.loadWeights(
                FileStorage.read(folder.file(name + ".keras.weights.h5")), into: other,
                isKeras3Layout: true, allowsForeign: true)
            #expect(other.bits == network.bits)
        }
    }

    private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python ?? "")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
