import SNNCheckpoint
import SNNCore
import SNNGraph
import SNNKernels
import SNNTraining

extension Trainer {
    /// Writes the model with the whole training state. Options as in `Model.save`.
    public func save(to path: String, options: String? = nil) throws(SNNError) {
        try save(to: FilePath(path), options: options)
    }

    package func save(to path: FilePath, options: String?) throws(SNNError) {
        let saving = try SavingOptions(options, of: "save")
        try saving.save(image(), to: path)
    }

    /// The bytes that `save` writes.
    package func image(options: String? = nil) throws(SNNError) -> FileImage {
        _ = try SavingOptions(options, of: "save")
        return try access.alone(changing: false) { () throws(SNNError) in
            try model.access.alone(changing: false) { () throws(SNNError) in
                Model.warnOfUnknown(loop.network)
                return try ModelFile.image(
                    of: loop.network, trainingConfig: loop.trainingConfig, state: loop.state)
            }
        }
    }

    /// A trainer, with its model, as it was saved. Options (JSON5): those of `Model.load`, and
    /// `threads`, `scale`.
    public static func load(from path: String, options: String? = nil) throws(SNNError) -> Trainer {
        try load(from: FilePath(path), options: options)
    }

    package static func load(from path: FilePath, options: String?) throws(SNNError) -> Trainer {
        let loading = try LoadingOptions(options, of: "load", forTrainer: true)
        return try loading.read(path) { (image) throws(SNNError) in
            try trainer(from: image.bytes, loading)
        }
    }

    package static func load(
        from bytes: UnsafeRawBufferPointer, options: String?
    ) throws(SNNError) -> Trainer {
        try trainer(from: bytes, LoadingOptions(options, of: "load", forTrainer: true))
    }

    static func trainer(
        from bytes: UnsafeRawBufferPointer, _ loading: LoadingOptions
    ) throws(SNNError) -> Trainer {
        let contents = try Model.contents(of: bytes, loading)
        let workers = Workers(threads: loading.threads)
        let loop: TrainingLoop
        if let state = contents.state {
            loop = try TrainingLoop(
                contents.network, state: state, workers: workers,
                kernels: InstructionSet.chosenKernels())
        } else if let config = contents.trainingConfig {
            loop = try compiled(contents.network, as: config, workers)
        } else {
            throw SNNError(
                .state, "expected a file with training state, received one of a model alone")
        }
        return Trainer(Model(contents.network), loop, scale: loading.scale)
    }

    /// A model as Keras compiled it, at the begin of its training: the optimizer's own state is not
    /// taken over.
    private static func compiled(
        _ network: Network, as config: JSON, _ workers: Workers
    ) throws(SNNError) -> TrainingLoop {
        do throws(SNNError) {
            let loop = try TrainingLoop(
                network,
                objective: Objective(
                    network.graph, loss: config["loss"] ?? .null,
                    lossWeights: config["loss_weights"] ?? .null,
                    metrics: config["metrics"] ?? .null,
                    weightedMetrics: config["weighted_metrics"] ?? .null),
                optimizer: Optimizers.make(config["optimizer_config"] ?? "adam"),
                workers: workers, kernels: InstructionSet.chosenKernels())
            Log.write(.info, "the file was compiled by Keras; its optimizer begins anew")
            return loop
        } catch {
            Log.write(.warning, "what the file says of its training is not taken: \(error.message)")
            throw SNNError(
                .state, "the file's training_config cannot be taken: \(error.message)")
        }
    }
}
