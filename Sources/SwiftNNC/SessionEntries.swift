import CSwiftNN
import SNNCore
import SwiftNN

/// The session of a handle.
private func session(_ handle: OpaquePointer?) throws(SNNError) -> Session {
    try HandleTable.object(handle, .session, as: Session.self)
}

@_cdecl("snn_session_create") @implementation
public func snn_session_create(
    _ modelHandle: OpaquePointer!, _ optionsText: UnsafePointer<CChar>!,
    _ outSession: UnsafeMutablePointer<OpaquePointer?>!
) -> snn_status {
    entry { () throws(SNNError) in
        let model = try model(modelHandle)
        let out = try required(outSession, "out_session")
        out.pointee = try HandleTable.insert(
            Session(model, options: options(optionsText)), .session)
    }
}

@_cdecl("snn_session_free") @implementation
public func snn_session_free(_ handle: OpaquePointer!) -> snn_status {
    entry { () throws(SNNError) in try HandleTable.remove(handle, .session) }
}

@_cdecl("snn_session_predict") @implementation
public func snn_session_predict(
    _ handle: OpaquePointer!, _ input: UnsafePointer<Float>!, _ rows: Int64,
    _ outOutput: UnsafeMutablePointer<Float>!, _ capacity: Int64
) -> snn_status {
    entry { () throws(SNNError) in
        try session(handle).predict(
            required(input, "input"), rows: count(rows, "rows"),
            into: required(outOutput, "out_output"), capacity: count(capacity, "capacity"))
    }
}

@_cdecl("snn_session_predict_arrays") @implementation
public func snn_session_predict_arrays(
    _ handle: OpaquePointer!, _ inputs: UnsafePointer<snn_array>!, _ inputCount: Int32,
    _ outOutputs: UnsafePointer<UnsafeMutablePointer<Float>?>!,
    _ capacities: UnsafePointer<Int64>!, _ outputCount: Int32
) -> snn_status {
    entry { () throws(SNNError) in
        let session = try session(handle)
        let inputs = try arrays(inputs, inputCount, "inputs")
        let pointers = try elements(outOutputs, outputCount, "out_outputs")
        let rooms = try elements(capacities, outputCount, "capacities")
        var outputs: [(pointer: UnsafeMutablePointer<Float>, capacity: Int)] = []
        for index in pointers.indices {
            outputs.append(
                (
                    try required(pointers[index], "out_outputs"),
                    try count(rooms[index], "capacities")
                ))
        }
        try session.predict(inputs, into: outputs)
    }
}
