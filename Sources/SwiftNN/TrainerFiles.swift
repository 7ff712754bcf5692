import SNNCheckpoint
import SNNCore
import SNNGraph
import SNNKernels
import SNNTraining

/// How the callbacks of a fit write their files, while the fit holds model and trainer.
final class TrainerFiles: FitFiles {
    private let workers: Workers

    init(_ loop: TrainingLoop) {
        workers = loop.workers
    }

    func saveModel(_ loop: TrainingLoop, to path: String) throws(SNNError) {
        Model.warnOfUnknown(loop.network)
        try save(
            ModelFile.image(of: loop.network, trainingConfig: loop.trainingConfig, state: nil),
            to: path)
    }

    func saveWeights(_ loop: TrainingLoop, to path: String) throws(SNNError) {
        let isKeras3Layout = Model.isKeras3Layout(try FilePath(path))
        try save(
            ModelFile.weightsImage(of: loop.network, isKeras3Layout: isKeras3Layout), to: path)
    }

    func saveTraining(_ loop: TrainingLoop, to path: String) throws(SNNError) {
        try save(
            ModelFile.image(
                of: loop.network, trainingConfig: loop.trainingConfig, state: loop.state),
            to: path)
    }

    /// The last whole file: what is replaced again and again keeps no previous one.
    private func save(_ image: FileImage, to path: String) throws(SNNError) {
        try SavingOptions("{keep_previous: false}", of: "save").save(image, to: FilePath(path))
    }

    func loadTraining(from path: String) throws(SNNError) -> TrainingLoop? {
        guard try TextFile.length(of: FilePath(path)) != nil else { return nil }
        let loading = try LoadingOptions("{foreign: false}", of: "load")
        return try loading.read(FilePath(path)) { (image) throws(SNNError) in
            let contents = try Model.contents(of: image.bytes, loading)
            guard let state = contents.state else {
                throw SNNError(.state, "expected a file with training state")
            }
            return try TrainingLoop(
                contents.network, state: state, workers: self.workers,
                kernels: InstructionSet.chosenKernels())
        }
    }

    func remove(_ path: String) {
        if let path = try? FilePath(path) { Folders.remove(path) }
    }

    func makeFolder(_ path: String) throws(SNNError) { try Folders.make(FilePath(path)) }

    func length(of path: String) throws(SNNError) -> Int? {
        try TextFile.length(of: FilePath(path))
    }

    func write(_ text: String, to path: String, at offset: Int) throws(SNNError) -> Int {
        try TextFile.write(text, to: FilePath(path), at: offset)
    }
}
