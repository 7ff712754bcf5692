import CSwiftNN
import SNNCheckpoint
import SNNCore
import SwiftNN

/// The data set of a handle.
func dataset(_ handle: OpaquePointer?) throws(SNNError) -> Dataset {
    try HandleTable.object(handle, .dataset, as: Dataset.self)
}

/// Samples in arrays of the host.
func dataset(
    _ inputs: UnsafePointer<snn_array>?, _ inputCount: Int32,
    _ targets: UnsafePointer<snn_array>?, _ targetCount: Int32,
    _ sampleWeight: UnsafePointer<snn_array>?, options: String? = nil
) throws(SNNError) -> Dataset {
    let inputs = try arrays(inputs, inputCount, "inputs")
    let targets = try arrays(targets, targetCount, "targets")
    let weights = try arrays(sampleWeight, sampleWeight == nil ? 0 : 1, "sample_weight")
    return try Dataset(
        inputs: inputs, targets: targets, sampleWeights: weights.first, options: options)
}

@_cdecl("snn_dataset_create") @implementation
public func snn_dataset_create(
    _ inputs: UnsafePointer<snn_array>!, _ inputCount: Int32,
    _ targets: UnsafePointer<snn_array>!, _ targetCount: Int32,
    _ sampleWeight: UnsafePointer<snn_array>!, _ optionsText: UnsafePointer<CChar>!,
    _ outDataset: UnsafeMutablePointer<OpaquePointer?>!
) -> snn_status {
    entry { () throws(SNNError) in
        let out = try required(outDataset, "out_dataset")
        out.pointee = try HandleTable.insert(
            dataset(
                inputs, inputCount, targets, targetCount, sampleWeight,
                options: options(optionsText)), .dataset)
    }
}

@_cdecl("snn_dataset_open") @implementation
public func snn_dataset_open(
    _ path: UnsafePointer<CChar>!, _ optionsText: UnsafePointer<CChar>!,
    _ outDataset: UnsafeMutablePointer<OpaquePointer?>!
) -> snn_status {
    entry { () throws(SNNError) in
        let out = try required(outDataset, "out_dataset")
        let path = try FilePath(cString: required(path, "path"))
        out.pointee = try HandleTable.insert(
            Dataset(path: path, options: options(optionsText)), .dataset)
    }
}

@_cdecl("snn_dataset_get_count") @implementation
public func snn_dataset_get_count(
    _ handle: OpaquePointer!, _ outCount: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let dataset = try dataset(handle)
        try required(outCount, "out_count").pointee = Int64(dataset.count)
    }
}

@_cdecl("snn_dataset_free") @implementation
public func snn_dataset_free(_ handle: OpaquePointer!) -> snn_status {
    entry { () throws(SNNError) in try HandleTable.remove(handle, .dataset) }
}
