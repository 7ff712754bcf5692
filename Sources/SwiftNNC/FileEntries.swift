import CSwiftNN
import CSystem
import SNNCheckpoint
import SNNCore
import SwiftNN

/// A path of the host.
private func path(_ pointer: UnsafePointer<CChar>?) throws(SNNError) -> FilePath {
    try FilePath(cString: required(pointer, "path"))
}

/// The bytes of a file in memory of the host.
private func bytes(
    _ data: UnsafeRawPointer?, _ length: Int64
) throws(SNNError) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
        start: try required(data, "data"), count: try count(length, "length"))
}

/// Gives a file to the host: with NULL and capacity 0 its length only.
private func give(
    _ image: FileImage, _ outData: UnsafeMutableRawPointer?, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>?
) throws(SNNError) {
    let outLength = try required(outLength, "out_length")
    try checkRoom(
        image.count, outData?.assumingMemoryBound(to: UInt8.self), capacity, "out_data")
    if let outData, let base = image.bytes.baseAddress { memcpy(outData, base, image.count) }
    outLength.pointee = Int64(image.count)
}

@_cdecl("snn_model_save") @implementation
public func snn_model_save(
    _ handle: OpaquePointer!, _ pathText: UnsafePointer<CChar>!,
    _ optionsText: UnsafePointer<CChar>!
) -> snn_status {
    entry { () throws(SNNError) in
        try model(handle).save(to: path(pathText), options: options(optionsText))
    }
}

@_cdecl("snn_model_save_memory") @implementation
public func snn_model_save_memory(
    _ handle: OpaquePointer!, _ optionsText: UnsafePointer<CChar>!,
    _ outData: UnsafeMutableRawPointer!, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try give(model(handle).image(options: options(optionsText)), outData, capacity, outLength)
    }
}

@_cdecl("snn_model_load") @implementation
public func snn_model_load(
    _ pathText: UnsafePointer<CChar>!, _ optionsText: UnsafePointer<CChar>!,
    _ outModel: UnsafeMutablePointer<OpaquePointer?>!
) -> snn_status {
    entry { () throws(SNNError) in
        let out = try required(outModel, "out_model")
        out.pointee = try HandleTable.insert(
            Model.load(from: path(pathText), options: options(optionsText)), .model)
    }
}

@_cdecl("snn_model_load_memory") @implementation
public func snn_model_load_memory(
    _ data: UnsafeRawPointer!, _ length: Int64, _ optionsText: UnsafePointer<CChar>!,
    _ outModel: UnsafeMutablePointer<OpaquePointer?>!
) -> snn_status {
    entry { () throws(SNNError) in
        let out = try required(outModel, "out_model")
        out.pointee = try HandleTable.insert(
            Model.load(from: bytes(data, length), options: options(optionsText)), .model)
    }
}

@_cdecl("snn_model_save_weights") @implementation
public func snn_model_save_weights(
    _ handle: OpaquePointer!, _ pathText: UnsafePointer<CChar>!,
    _ optionsText: UnsafePointer<CChar>!
) -> snn_status {
    entry { () throws(SNNError) in
        try model(handle).saveWeights(to: path(pathText), options: options(optionsText))
    }
}

@_cdecl("snn_model_load_weights") @implementation
public func snn_model_load_weights(
    _ handle: OpaquePointer!, _ pathText: UnsafePointer<CChar>!,
    _ optionsText: UnsafePointer<CChar>!
) -> snn_status {
    entry { () throws(SNNError) in
        try model(handle).loadWeights(from: path(pathText), options: options(optionsText))
    }
}

@_cdecl("snn_trainer_save") @implementation
public func snn_trainer_save(
    _ handle: OpaquePointer!, _ pathText: UnsafePointer<CChar>!,
    _ optionsText: UnsafePointer<CChar>!
) -> snn_status {
    entry { () throws(SNNError) in
        try trainer(handle).save(to: path(pathText), options: options(optionsText))
    }
}

@_cdecl("snn_trainer_save_memory") @implementation
public func snn_trainer_save_memory(
    _ handle: OpaquePointer!, _ optionsText: UnsafePointer<CChar>!,
    _ outData: UnsafeMutableRawPointer!, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try give(
            trainer(handle).image(options: options(optionsText)), outData, capacity, outLength)
    }
}

@_cdecl("snn_trainer_load") @implementation
public func snn_trainer_load(
    _ pathText: UnsafePointer<CChar>!, _ optionsText: UnsafePointer<CChar>!,
    _ outModel: UnsafeMutablePointer<OpaquePointer?>!,
    _ outTrainer: UnsafeMutablePointer<OpaquePointer?>!
) -> snn_status {
    entry { () throws(SNNError) in
        try give(outModel, outTrainer) { () throws(SNNError) in
            try Trainer.load(from: path(pathText), options: options(optionsText))
        }
    }
}

@_cdecl("snn_trainer_load_memory") @implementation
public func snn_trainer_load_memory(
    _ data: UnsafeRawPointer!, _ length: Int64, _ optionsText: UnsafePointer<CChar>!,
    _ outModel: UnsafeMutablePointer<OpaquePointer?>!,
    _ outTrainer: UnsafeMutablePointer<OpaquePointer?>!
) -> snn_status {
    entry { () throws(SNNError) in
        try give(outModel, outTrainer) { () throws(SNNError) in
            try Trainer.load(from: bytes(data, length), options: options(optionsText))
        }
    }
}

/// Gives a trainer and its model: both handles or none.
private func give(
    _ outModel: UnsafeMutablePointer<OpaquePointer?>?,
    _ outTrainer: UnsafeMutablePointer<OpaquePointer?>?,
    _ load: () throws(SNNError) -> Trainer
) throws(SNNError) {
    let outModel = try required(outModel, "out_model")
    let outTrainer = try required(outTrainer, "out_trainer")
    let trainer = try load()
    let modelHandle = try HandleTable.insert(trainer.model, .model)
    do throws(SNNError) {
        outTrainer.pointee = try HandleTable.insert(trainer, .trainer)
    } catch {
        try HandleTable.remove(modelHandle, .model)
        throw error
    }
    outModel.pointee = modelHandle
}
