import CSwiftNN
import SNNCore
import SNNTraining
import SwiftNN

/// The trainer of a handle.
func trainer(_ handle: OpaquePointer?) throws(SNNError) -> Trainer {
    try HandleTable.object(handle, .trainer, as: Trainer.self)
}

/// The samples of one batch, checked, for the time of `body`.
private func withSamples<Result>(
    _ inputs: UnsafePointer<snn_array>?, _ inputCount: Int32,
    _ targets: UnsafePointer<snn_array>?, _ targetCount: Int32,
    _ sampleWeight: UnsafePointer<snn_array>?, scale: Float,
    _ body: (SampleArrays) throws(SNNError) -> Result
) throws(SNNError) -> Result {
    try withArrays(inputs, inputCount, "inputs") { (inputs) throws(SNNError) in
        try withArrays(targets, targetCount, "targets") { (targets) throws(SNNError) in
            let weights = try sampleWeight.map { (array) throws(SNNError) in
                try view(array.pointee, "sample_weight", 0)
            }
            return try body(
                SampleArrays(inputs: inputs, targets: targets, weights: weights, scale: scale))
        }
    }
}

/// The gradients of one batch, whose loss it gives, or what a check of them found. One function
/// for both, since the reading of the arrays is made anew for each use.
@inline(never)
private func differentiate(
    _ trainer: Trainer, _ inputs: UnsafePointer<snn_array>?, _ inputCount: Int32,
    _ targets: UnsafePointer<snn_array>?, _ targetCount: Int32,
    _ sampleWeight: UnsafePointer<snn_array>?, check: Bool, _ options: String?
) throws(SNNError) -> (loss: Double, text: String) {
    var text = ""
    let loss = try withSamples(
        inputs, inputCount, targets, targetCount, sampleWeight, scale: trainer.scale
    ) {
        (samples) throws(SNNError) in
        guard check else { return try trainer.computeGradients(samples) }
        text = try trainer.checkGradients(samples, options: options)
        return 0
    }
    return (loss, text)
}

@_cdecl("snn_trainer_create") @implementation
public func snn_trainer_create(
    _ modelHandle: OpaquePointer!, _ optionsText: UnsafePointer<CChar>!,
    _ outTrainer: UnsafeMutablePointer<OpaquePointer?>!
) -> snn_status {
    entry { () throws(SNNError) in
        let model = try model(modelHandle)
        let out = try required(outTrainer, "out_trainer")
        out.pointee = try HandleTable.insert(
            Trainer(model, options: options(optionsText)), .trainer)
    }
}

@_cdecl("snn_trainer_free") @implementation
public func snn_trainer_free(_ handle: OpaquePointer!) -> snn_status {
    entry { () throws(SNNError) in try HandleTable.remove(handle, .trainer) }
}

@_cdecl("snn_trainer_fit") @implementation
public func snn_trainer_fit(
    _ handle: OpaquePointer!, _ datasetHandle: OpaquePointer!, _ validationHandle: OpaquePointer!,
    _ optionsText: UnsafePointer<CChar>!, _ callbacks: UnsafePointer<snn_fit_callbacks>!
) -> snn_status {
    status { () throws(SNNError) in
        let trainer = try trainer(handle)
        let dataset = try dataset(datasetHandle)
        let validation = validationHandle == nil ? nil : try SwiftNNC.dataset(validationHandle)
        let host = try HostCallbacks(callbacks, names: trainer.metricNames)
        switch try trainer.fit(
            dataset, validation: validation, options: options(optionsText), host.observer)
        {
        case .finished: return snn_status(SNN_OK)
        case .stopped: return snn_status(SNN_STOPPED)
        case .paused: return snn_status(SNN_PAUSED)
        }
    }
}

@_cdecl("snn_trainer_evaluate") @implementation
public func snn_trainer_evaluate(
    _ handle: OpaquePointer!, _ datasetHandle: OpaquePointer!,
    _ optionsText: UnsafePointer<CChar>!, _ outValues: UnsafeMutablePointer<Double>!,
    _ capacity: Int32, _ outCount: UnsafeMutablePointer<Int32>!
) -> snn_status {
    entry { () throws(SNNError) in
        let trainer = try trainer(handle)
        let dataset = try dataset(datasetHandle)
        // Before the work, not after it.
        _ = try required(outCount, "out_count")
        try checkRoom(trainer.metricNames.count, outValues, Int64(capacity), "out_values")
        let values = try trainer.evaluate(dataset, options: options(optionsText))
        try give(values, outValues, capacity, outCount)
    }
}

@_cdecl("snn_trainer_evaluate_told") @implementation
public func snn_trainer_evaluate_told(
    _ handle: OpaquePointer!, _ datasetHandle: OpaquePointer!,
    _ optionsText: UnsafePointer<CChar>!, _ callbacks: UnsafePointer<snn_fit_callbacks>!,
    _ outValues: UnsafeMutablePointer<Double>!, _ capacity: Int32,
    _ outCount: UnsafeMutablePointer<Int32>!
) -> snn_status {
    status { () throws(SNNError) in
        let trainer = try trainer(handle)
        let dataset = try dataset(datasetHandle)
        _ = try required(outCount, "out_count")
        try checkRoom(trainer.metricNames.count, outValues, Int64(capacity), "out_values")
        let host = try HostCallbacks(callbacks, names: trainer.metricNames)
        let (values, isThrough) = try trainer.evaluate(
            dataset, options: options(optionsText), onTestBatchEnd: host.observer.onTestBatchEnd)
        try give(values, outValues, capacity, outCount)
        return snn_status(isThrough ? SNN_OK : SNN_STOPPED)
    }
}

@_cdecl("snn_trainer_get_metric_name") @implementation
public func snn_trainer_get_metric_name(
    _ handle: OpaquePointer!, _ index: Int32, _ outText: UnsafeMutablePointer<CChar>!,
    _ capacity: Int64, _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let names = try trainer(handle).metricNames
        guard names.indices.contains(Int(index)) else {
            throw SNNError(
                .argument, "'index': expected 0 to \(names.count - 1), received \(index)")
        }
        try give(names[Int(index)], outText, capacity, outLength)
    }
}

@_cdecl("snn_trainer_train_on_batch") @implementation
public func snn_trainer_train_on_batch(
    _ handle: OpaquePointer!, _ inputs: UnsafePointer<snn_array>!, _ inputCount: Int32,
    _ targets: UnsafePointer<snn_array>!, _ targetCount: Int32,
    _ sampleWeight: UnsafePointer<snn_array>!, _ outValues: UnsafeMutablePointer<Double>!,
    _ capacity: Int32, _ outCount: UnsafeMutablePointer<Int32>!
) -> snn_status {
    entry { () throws(SNNError) in
        let trainer = try trainer(handle)
        let outCount = try required(outCount, "out_count")
        try checkRoom(trainer.metricNames.count, outValues, Int64(capacity), "out_values")
        try withSamples(
            inputs, inputCount, targets, targetCount, sampleWeight, scale: trainer.scale
        ) {
            (samples) throws(SNNError) in
            try trainer.trainOnBatch(samples) { values in
                if let outValues, let base = values.baseAddress {
                    outValues.copy(from: base, count: values.count)
                }
                outCount.pointee = Int32(truncatingIfNeeded: values.count)
            }
        }
    }
}

@_cdecl("snn_trainer_compute_gradients") @implementation
public func snn_trainer_compute_gradients(
    _ handle: OpaquePointer!, _ inputs: UnsafePointer<snn_array>!, _ inputCount: Int32,
    _ targets: UnsafePointer<snn_array>!, _ targetCount: Int32,
    _ sampleWeight: UnsafePointer<snn_array>!, _ outLoss: UnsafeMutablePointer<Double>!
) -> snn_status {
    entry { () throws(SNNError) in
        let trainer = try trainer(handle)
        let out = try required(outLoss, "out_loss")
        out.pointee = try differentiate(
            trainer, inputs, inputCount, targets, targetCount, sampleWeight, check: false, nil
        ).loss
    }
}

@_cdecl("snn_trainer_check_gradients") @implementation
public func snn_trainer_check_gradients(
    _ handle: OpaquePointer!, _ inputs: UnsafePointer<snn_array>!, _ inputCount: Int32,
    _ targets: UnsafePointer<snn_array>!, _ targetCount: Int32,
    _ sampleWeight: UnsafePointer<snn_array>!, _ optionsText: UnsafePointer<CChar>!,
    _ outText: UnsafeMutablePointer<CChar>!, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let trainer = try trainer(handle)
        let options = try options(optionsText)
        let found = try differentiate(
            trainer, inputs, inputCount, targets, targetCount, sampleWeight, check: true, options)
        try give(found.text, outText, capacity, outLength)
    }
}

@_cdecl("snn_trainer_diagnostics") @implementation
public func snn_trainer_diagnostics(
    _ handle: OpaquePointer!, _ inputs: UnsafePointer<snn_array>!, _ inputCount: Int32,
    _ targets: UnsafePointer<snn_array>!, _ targetCount: Int32,
    _ sampleWeight: UnsafePointer<snn_array>!, _ optionsText: UnsafePointer<CChar>!,
    _ outText: UnsafeMutablePointer<CChar>!, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let trainer = try trainer(handle)
        let options = try options(optionsText)
        let text = try withSamples(
            inputs, inputCount, targets, targetCount, sampleWeight, scale: trainer.scale
        ) { (samples) throws(SNNError) in
            try trainer.diagnose(samples, options: options)
        }
        try give(text, outText, capacity, outLength)
    }
}

@_cdecl("snn_trainer_get_gradient") @implementation
public func snn_trainer_get_gradient(
    _ handle: OpaquePointer!, _ variableName: UnsafePointer<CChar>!,
    _ outValues: UnsafeMutablePointer<Float>!, _ capacity: Int64,
    _ outCount: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try trainer(handle).readGradient(of: text(variableName, "variable_name", limit: 1024)) {
            (values) throws(SNNError) in
            try give(values, outValues, capacity, outCount)
        }
    }
}

@_cdecl("snn_trainer_get_input_gradient") @implementation
public func snn_trainer_get_input_gradient(
    _ handle: OpaquePointer!, _ input: Int32, _ outValues: UnsafeMutablePointer<Float>!,
    _ capacity: Int64, _ outCount: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try trainer(handle).readInputGradient(Int(input)) { (values) throws(SNNError) in
            try give(values, outValues, capacity, outCount)
        }
    }
}

@_cdecl("snn_trainer_get_learning_rate") @implementation
public func snn_trainer_get_learning_rate(
    _ handle: OpaquePointer!, _ outRate: UnsafeMutablePointer<Double>!
) -> snn_status {
    entry { () throws(SNNError) in
        let trainer = try trainer(handle)
        let out = try required(outRate, "out_rate")
        out.pointee = try trainer.learningRate()
    }
}

@_cdecl("snn_trainer_set_learning_rate") @implementation
public func snn_trainer_set_learning_rate(_ handle: OpaquePointer!, _ rate: Double) -> snn_status {
    entry { () throws(SNNError) in try trainer(handle).setLearningRate(rate) }
}

@_cdecl("snn_trainer_find_learning_rate") @implementation
public func snn_trainer_find_learning_rate(
    _ handle: OpaquePointer!, _ datasetHandle: OpaquePointer!,
    _ optionsText: UnsafePointer<CChar>!, _ outText: UnsafeMutablePointer<CChar>!,
    _ capacity: Int64, _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    snn_trainer_find_learning_rate_told(
        handle, datasetHandle, optionsText, nil, outText, capacity, outLength)
}

@_cdecl("snn_trainer_find_learning_rate_told") @implementation
public func snn_trainer_find_learning_rate_told(
    _ handle: OpaquePointer!, _ datasetHandle: OpaquePointer!,
    _ optionsText: UnsafePointer<CChar>!, _ callbacks: UnsafePointer<snn_fit_callbacks>!,
    _ outText: UnsafeMutablePointer<CChar>!, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    status { () throws(SNNError) in
        let trainer = try trainer(handle)
        let dataset = try dataset(datasetHandle)
        // Before the work, not after it.
        _ = try required(outLength, "out_length")
        let host = try HostCallbacks(callbacks, names: trainer.metricNames)
        let isThrough = try trainer.findLearningRate(
            dataset, options: options(optionsText), onBatchEnd: host.observer.onBatchEnd,
            { (text) throws(SNNError) in try give(text, outText, capacity, outLength) },
            isComplete: outText != nil)
        return snn_status(isThrough ? SNN_OK : SNN_STOPPED)
    }
}

@_cdecl("snn_trainer_get_position") @implementation
public func snn_trainer_get_position(
    _ handle: OpaquePointer!, _ outEpoch: UnsafeMutablePointer<Int64>!,
    _ outBatch: UnsafeMutablePointer<Int64>!, _ outStep: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let trainer = try trainer(handle)
        let outEpoch = try required(outEpoch, "out_epoch")
        let outBatch = try required(outBatch, "out_batch")
        let outStep = try required(outStep, "out_step")
        let (epoch, batch, step) = try trainer.position()
        outEpoch.pointee = Int64(epoch)
        outBatch.pointee = Int64(batch)
        outStep.pointee = step
    }
}

@_cdecl("snn_trainer_describe") @implementation
public func snn_trainer_describe(
    _ handle: OpaquePointer!, _ outText: UnsafeMutablePointer<CChar>!, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try give(trainer(handle).description(), outText, capacity, outLength)
    }
}

@_cdecl("snn_trainer_get_callbacks") @implementation
public func snn_trainer_get_callbacks(
    _ handle: OpaquePointer!, _ outText: UnsafeMutablePointer<CChar>!, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try give(trainer(handle).callbackStates(), outText, capacity, outLength)
    }
}

@_cdecl("snn_trainer_get_history") @implementation
public func snn_trainer_get_history(
    _ handle: OpaquePointer!, _ outText: UnsafeMutablePointer<CChar>!, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try give(trainer(handle).history(), outText, capacity, outLength)
    }
}
