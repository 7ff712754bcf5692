import CSwiftNN
import SNNCore
import SwiftNN

/// The linear model of a handle.
private func linear(_ handle: OpaquePointer?) throws(SNNError) -> LinearModel {
    try HandleTable.object(handle, .linear, as: LinearModel.self)
}

/// One array of the host, checked.
private func array(
    _ pointer: UnsafePointer<snn_array>?, _ name: StaticString
) throws(SNNError) -> ArrayView {
    try view(required(pointer, name).pointee, name, 0)
}

private func optionalArray(
    _ pointer: UnsafePointer<snn_array>?, _ name: StaticString
) throws(SNNError) -> ArrayView? {
    guard let pointer else { return nil }
    return try view(pointer.pointee, name, 0)
}

private func status(isOneOfMany: Bool) -> snn_status {
    isOneOfMany ? snn_status(SNN_RANK_DEFICIENT) : snn_status(SNN_OK)
}

/// Gives doubles to the host: with NULL and capacity 0 their number only.
@_cdecl("snn_linear_create") @implementation
public func snn_linear_create(
    _ optionsText: UnsafePointer<CChar>!, _ outLinear: UnsafeMutablePointer<OpaquePointer?>!
) -> snn_status {
    entry { () throws(SNNError) in
        let out = try required(outLinear, "out_linear")
        out.pointee = try HandleTable.insert(LinearModel(options: options(optionsText)), .linear)
    }
}

@_cdecl("snn_linear_free") @implementation
public func snn_linear_free(_ handle: OpaquePointer!) -> snn_status {
    entry { () throws(SNNError) in try HandleTable.remove(handle, .linear) }
}

@_cdecl("snn_linear_fit") @implementation
public func snn_linear_fit(
    _ handle: OpaquePointer!, _ inputs: UnsafePointer<snn_array>!,
    _ targets: UnsafePointer<snn_array>!, _ sampleWeight: UnsafePointer<snn_array>!
) -> snn_status {
    status { () throws(SNNError) in
        try status(
            isOneOfMany: linear(handle).fit(
                inputs: array(inputs, "inputs"), targets: array(targets, "targets"),
                sampleWeights: optionalArray(sampleWeight, "sample_weight")))
    }
}

@_cdecl("snn_linear_fit_dataset") @implementation
public func snn_linear_fit_dataset(
    _ handle: OpaquePointer!, _ datasetHandle: OpaquePointer!
) -> snn_status {
    status { () throws(SNNError) in
        let linear = try linear(handle)
        return try status(isOneOfMany: linear.fit(dataset(datasetHandle)))
    }
}

@_cdecl("snn_linear_update") @implementation
public func snn_linear_update(
    _ handle: OpaquePointer!, _ inputs: UnsafePointer<snn_array>!,
    _ targets: UnsafePointer<snn_array>!, _ sampleWeight: UnsafePointer<snn_array>!
) -> snn_status {
    entry { () throws(SNNError) in
        try linear(handle).update(
            inputs: array(inputs, "inputs"), targets: array(targets, "targets"),
            sampleWeights: optionalArray(sampleWeight, "sample_weight"))
    }
}

@_cdecl("snn_linear_predict") @implementation
public func snn_linear_predict(
    _ handle: OpaquePointer!, _ inputs: UnsafePointer<snn_array>!,
    _ outValues: UnsafeMutablePointer<Double>!, _ capacity: Int64,
    _ outCount: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let linear = try linear(handle)
        let inputs = try array(inputs, "inputs")
        let outCount = try required(outCount, "out_count")
        try checkRoom(0, outValues, capacity, "out_values")
        outCount.pointee = Int64(
            try linear.predict(inputs, into: outValues, capacity: Int(capacity)))
    }
}

@_cdecl("snn_linear_get_coefficients") @implementation
public func snn_linear_get_coefficients(
    _ handle: OpaquePointer!, _ outValues: UnsafeMutablePointer<Double>!, _ capacity: Int64,
    _ outCount: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try linear(handle).readCoefficients { (values) throws(SNNError) in
            try give(values, outValues, capacity, outCount)
        }
    }
}

@_cdecl("snn_linear_get_intercept") @implementation
public func snn_linear_get_intercept(
    _ handle: OpaquePointer!, _ outValues: UnsafeMutablePointer<Double>!, _ capacity: Int64,
    _ outCount: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try linear(handle).readIntercept { (values) throws(SNNError) in
            try give(values, outValues, capacity, outCount)
        }
    }
}

@_cdecl("snn_linear_get_singular_values") @implementation
public func snn_linear_get_singular_values(
    _ handle: OpaquePointer!, _ outValues: UnsafeMutablePointer<Double>!, _ capacity: Int64,
    _ outCount: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try linear(handle).readSingularValues { (values) throws(SNNError) in
            try give(values, outValues, capacity, outCount)
        }
    }
}

@_cdecl("snn_linear_get_residual_sums_of_squares") @implementation
public func snn_linear_get_residual_sums_of_squares(
    _ handle: OpaquePointer!, _ outValues: UnsafeMutablePointer<Double>!, _ capacity: Int64,
    _ outCount: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try linear(handle).readResidualSumsOfSquares { (values) throws(SNNError) in
            try give(values, outValues, capacity, outCount)
        }
    }
}

@_cdecl("snn_linear_get_counts") @implementation
public func snn_linear_get_counts(
    _ handle: OpaquePointer!, _ outFeatures: UnsafeMutablePointer<Int64>!,
    _ outOutputs: UnsafeMutablePointer<Int64>!, _ outSamples: UnsafeMutablePointer<Int64>!,
    _ outRank: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let linear = try linear(handle)
        let outFeatures = try required(outFeatures, "out_features")
        let outOutputs = try required(outOutputs, "out_outputs")
        let outSamples = try required(outSamples, "out_samples")
        let outRank = try required(outRank, "out_rank")
        let counts = try linear.counts()
        outFeatures.pointee = Int64(counts.features)
        outOutputs.pointee = Int64(counts.outputs)
        outSamples.pointee = Int64(counts.samples)
        outRank.pointee = Int64(counts.rank)
    }
}

@_cdecl("snn_model_fit_last_layer") @implementation
public func snn_model_fit_last_layer(
    _ handle: OpaquePointer!, _ datasetHandle: OpaquePointer!,
    _ optionsText: UnsafePointer<CChar>!
) -> snn_status {
    status { () throws(SNNError) in
        let model = try model(handle)
        return try status(
            isOneOfMany: model.fitLastLayer(
                dataset(datasetHandle), options: options(optionsText)))
    }
}
