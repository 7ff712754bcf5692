import CSwiftNN
import SNNCore
import SwiftNN

/// The model of a handle.
func model(_ handle: OpaquePointer?) throws(SNNError) -> Model {
    try HandleTable.object(handle, .model, as: Model.self)
}

@_cdecl("snn_model_create") @implementation
public func snn_model_create(
    _ text: UnsafePointer<CChar>!, _ outModel: UnsafeMutablePointer<OpaquePointer?>!
) -> snn_status {
    entry { () throws(SNNError) in
        let out = try required(outModel, "out_model")
        out.pointee = try HandleTable.insert(Model(options: options(text)), .model)
    }
}

@_cdecl("snn_model_create_from_json") @implementation
public func snn_model_create_from_json(
    _ json: UnsafePointer<CChar>!, _ optionsText: UnsafePointer<CChar>!,
    _ outModel: UnsafeMutablePointer<OpaquePointer?>!
) -> snn_status {
    entry { () throws(SNNError) in
        let out = try required(outModel, "out_model")
        let json = try text(json, "json", limit: JSON.maximumLength)
        out.pointee = try HandleTable.insert(
            Model(json: json, options: options(optionsText)), .model)
    }
}

@_cdecl("snn_model_free") @implementation
public func snn_model_free(_ handle: OpaquePointer!) -> snn_status {
    entry { () throws(SNNError) in try HandleTable.remove(handle, .model) }
}

@_cdecl("snn_model_add_layer") @implementation
public func snn_model_add_layer(
    _ handle: OpaquePointer!, _ className: UnsafePointer<CChar>!,
    _ optionsText: UnsafePointer<CChar>!, _ inputs: UnsafePointer<Int32>!, _ inputCount: Int32,
    _ outTensor: UnsafeMutablePointer<Int32>!
) -> snn_status {
    entry { () throws(SNNError) in
        let model = try model(handle)
        let out = try required(outTensor, "out_tensor")
        let tensor = try model.add(
            text(className, "class_name"), options(optionsText),
            to: elements(inputs, inputCount, "inputs").map { Int($0) })
        out.pointee = Int32(truncatingIfNeeded: tensor)
    }
}

@_cdecl("snn_model_call_layer") @implementation
public func snn_model_call_layer(
    _ handle: OpaquePointer!, _ layerName: UnsafePointer<CChar>!,
    _ inputs: UnsafePointer<Int32>!, _ inputCount: Int32,
    _ outTensor: UnsafeMutablePointer<Int32>!
) -> snn_status {
    entry { () throws(SNNError) in
        let model = try model(handle)
        let out = try required(outTensor, "out_tensor")
        let tensor = try model.call(
            layer: text(layerName, "layer_name"),
            on: elements(inputs, inputCount, "inputs").map { Int($0) })
        out.pointee = Int32(truncatingIfNeeded: tensor)
    }
}

@_cdecl("snn_model_set_outputs") @implementation
public func snn_model_set_outputs(
    _ handle: OpaquePointer!, _ tensors: UnsafePointer<Int32>!, _ tensorCount: Int32
) -> snn_status {
    entry { () throws(SNNError) in
        try model(handle).setOutputs(elements(tensors, tensorCount, "tensors").map { Int($0) })
    }
}

@_cdecl("snn_model_get_tensor_shape") @implementation
public func snn_model_get_tensor_shape(
    _ handle: OpaquePointer!, _ tensor: Int32, _ outShape: UnsafeMutablePointer<Int64>!,
    _ capacity: Int32, _ outRank: UnsafeMutablePointer<Int32>!
) -> snn_status {
    entry { () throws(SNNError) in
        let model = try model(handle)
        try give(model.tensorShape(Int(tensor)), outShape, capacity, outRank)
    }
}

@_cdecl("snn_model_to_json") @implementation
public func snn_model_to_json(
    _ handle: OpaquePointer!, _ outText: UnsafeMutablePointer<CChar>!, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try give(model(handle).json(), outText, capacity, outLength)
    }
}

@_cdecl("snn_model_get_summary") @implementation
public func snn_model_get_summary(
    _ handle: OpaquePointer!, _ outText: UnsafeMutablePointer<CChar>!, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try give(model(handle).summary(), outText, capacity, outLength)
    }
}

@_cdecl("snn_model_describe") @implementation
public func snn_model_describe(
    _ handle: OpaquePointer!, _ outText: UnsafeMutablePointer<CChar>!, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try give(model(handle).description(), outText, capacity, outLength)
    }
}

@_cdecl("snn_model_get_parameter_count") @implementation
public func snn_model_get_parameter_count(
    _ handle: OpaquePointer!, _ outTotal: UnsafeMutablePointer<Int64>!,
    _ outTrainable: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let model = try model(handle)
        let outTotal = try required(outTotal, "out_total")
        let outTrainable = try required(outTrainable, "out_trainable")
        let (total, trainable) = try model.parameterCount()
        outTotal.pointee = Int64(total)
        outTrainable.pointee = Int64(trainable)
    }
}

@_cdecl("snn_model_get_variable_count") @implementation
public func snn_model_get_variable_count(
    _ handle: OpaquePointer!, _ outCount: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let model = try model(handle)
        try required(outCount, "out_count").pointee = Int64(try model.variableCount)
    }
}

@_cdecl("snn_model_get_variable_name") @implementation
public func snn_model_get_variable_name(
    _ handle: OpaquePointer!, _ index: Int64, _ outText: UnsafeMutablePointer<CChar>!,
    _ capacity: Int64, _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let name = try model(handle).variableName(Int(index))
        try give(name, outText, capacity, outLength)
    }
}

@_cdecl("snn_model_get_variable_shape") @implementation
public func snn_model_get_variable_shape(
    _ handle: OpaquePointer!, _ name: UnsafePointer<CChar>!,
    _ outShape: UnsafeMutablePointer<Int64>!, _ capacity: Int32,
    _ outRank: UnsafeMutablePointer<Int32>!
) -> snn_status {
    entry { () throws(SNNError) in
        let model = try model(handle)
        try give(
            model.variableShape(text(name, "name", limit: 1024)), outShape, capacity, outRank)
    }
}

@_cdecl("snn_model_get_variable") @implementation
public func snn_model_get_variable(
    _ handle: OpaquePointer!, _ name: UnsafePointer<CChar>!,
    _ outValues: UnsafeMutablePointer<Float>!, _ capacity: Int64,
    _ outCount: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        try model(handle).readVariable(text(name, "name", limit: 1024)) {
            (values) throws(SNNError) in
            try give(values, outValues, capacity, outCount)
        }
    }
}

@_cdecl("snn_model_set_variable") @implementation
public func snn_model_set_variable(
    _ handle: OpaquePointer!, _ name: UnsafePointer<CChar>!, _ values: UnsafePointer<Float>!,
    _ valueCount: Int64
) -> snn_status {
    entry { () throws(SNNError) in
        let model = try model(handle)
        let values = UnsafeBufferPointer(
            start: try required(values, "values"), count: try count(valueCount, "count"))
        try model.setVariable(text(name, "name", limit: 1024), values)
    }
}

@_cdecl("snn_model_adapt") @implementation
public func snn_model_adapt(
    _ handle: OpaquePointer!, _ layerName: UnsafePointer<CChar>!, _ datasetHandle: OpaquePointer!
) -> snn_status {
    entry { () throws(SNNError) in
        try model(handle).adapt(
            layer: text(layerName, "layer_name", limit: 1024), to: dataset(datasetHandle))
    }
}

@_cdecl("snn_model_set_trainable") @implementation
public func snn_model_set_trainable(
    _ handle: OpaquePointer!, _ layerName: UnsafePointer<CChar>!, _ trainable: Int32
) -> snn_status {
    entry { () throws(SNNError) in
        let model = try model(handle)
        guard trainable == 0 || trainable == 1 else {
            throw SNNError(.argument, "'trainable': expected 0 or 1, received \(trainable)")
        }
        let name = layerName == nil ? nil : try text(layerName, "layer_name", limit: 1024)
        try model.setTrainable(trainable == 1, layer: name)
    }
}
